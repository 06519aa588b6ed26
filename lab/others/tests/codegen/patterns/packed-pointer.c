/* A pointer at an odd address in a packed static. */
static const int target = 7;

struct packed {
    char byte;
    const int *pointer;
} __attribute__((packed));

const struct packed packed_pointer = {1, &target};

const struct packed *pattern(void) { return &packed_pointer; }
