/* A static that the linker script puts more than 2 GiB away. */
__attribute__((section(".far"))) static volatile unsigned long far_away = 5;

unsigned long pattern(void) { return far_away++; }
