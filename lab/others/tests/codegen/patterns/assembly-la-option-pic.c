/* `la` in inline assembly under `.option pic`. */
const unsigned long *pattern(void) {
    const unsigned long *address;
    __asm__(".option push\n.option pic\nla %0, elsewhere\n.option pop" : "=r"(address));
    return address;
}
