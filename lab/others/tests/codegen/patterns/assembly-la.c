/* `la` in inline assembly. */
const unsigned long *pattern(void) {
    const unsigned long *address;
    __asm__("la %0, elsewhere" : "=r"(address));
    return address;
}
