/* A constant of 64 bits, which compilers compute or keep in memory. */
unsigned long pattern(unsigned long number) {
    return number * 0x9e3779b97f4a7c15 ^ 0x0123456789abcdef;
}
