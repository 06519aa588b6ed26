/* The address of a weak symbol that is not defined: code asks whether it is null. */
extern const char nowhere __attribute__((weak));

const char *pattern(void) { return &nowhere; }
