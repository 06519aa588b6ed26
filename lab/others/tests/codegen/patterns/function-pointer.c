/* A function's address in a static that may change, and a call through it. */
static unsigned long first(unsigned long number) { return number + 1; }

unsigned long (*handler)(unsigned long) = first;

unsigned long pattern(unsigned long number) { return handler(number); }
