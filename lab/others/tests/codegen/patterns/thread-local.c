/* A thread-local variable. Rust has none on bare metal that is stable. */
__thread unsigned long count = 3;

unsigned long pattern(void) { return count++; }
