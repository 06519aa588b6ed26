/* `lla` in inline assembly. */
const unsigned long *pattern(void) {
    const unsigned long *address;
    __asm__("lla %0, elsewhere" : "=r"(address));
    return address;
}
