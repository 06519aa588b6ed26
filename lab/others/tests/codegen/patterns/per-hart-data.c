/* One of an array of statics, by the number of the hart in `tp`. */
struct hart {
    unsigned long count;
} __attribute__((aligned(64)));

static struct hart harts[8];

unsigned long pattern(void) {
    unsigned long hart;
    __asm__("mv %0, tp" : "=r"(hart));
    return harts[hart & 7].count++;
}
