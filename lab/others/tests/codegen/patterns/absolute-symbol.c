/* A number that the linker script gives a name, read as the address of that name. */
extern const char absolute[];

unsigned long pattern(void) { return (unsigned long)absolute; }
