/* A table of functions behind a pointer: `dyn` in Rust, a struct of operations in C. */
struct operations {
    unsigned long (*read)(unsigned long at);
    unsigned long (*name)(void);
};

static unsigned long plain_read(unsigned long at) { return 3 + at; }
static unsigned long plain_name(void) { return 1; }
static unsigned long doubled_read(unsigned long at) { return 4 * at; }
static unsigned long doubled_name(void) { return 2; }

static const struct operations plain = {plain_read, plain_name};
static const struct operations doubled = {doubled_read, doubled_name};

const struct operations *const devices[2] = {&plain, &doubled};

unsigned long pattern(unsigned long which, unsigned long at) {
    const struct operations *device = devices[which & 1];
    return device->read(at) + device->name();
}
