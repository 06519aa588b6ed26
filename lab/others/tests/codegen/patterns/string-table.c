/* A constant array of strings. */
const char *const names[4] = {"text", "constants", "early", "data"};

const char *pattern(unsigned long which) { return names[which & 3]; }
