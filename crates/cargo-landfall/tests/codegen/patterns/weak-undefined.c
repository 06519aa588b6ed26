/* The address of a weak symbol that nobody defines: code asks whether it is null. */
extern const char nowhere __attribute__((weak));

const char *pattern(void) { return &nowhere; }
