/* A static that another object defines. */
extern volatile unsigned long elsewhere;

unsigned long pattern(void) { return elsewhere; }
