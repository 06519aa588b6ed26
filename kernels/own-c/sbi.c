/* Calls of the firmware (RISC-V Supervisor Binary Interface Specification). */
#include "kernel.h"

#define TIME 0x54494d45

void sbi_set_timer(uint64_t time)
{
	register uint64_t a0 __asm__("a0") = time;
	register uint64_t a1 __asm__("a1");
	register uint64_t a6 __asm__("a6") = 0;
	register uint64_t a7 __asm__("a7") = TIME;
	__asm__ volatile("ecall" : "+r"(a0), "=r"(a1) : "r"(a6), "r"(a7) : "memory");
	if (a0)
		lf_panic("the firmware sets no timer");
}
