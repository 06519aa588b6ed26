/* Machine mode: it prepares supervisor mode, and leaves for main. */
#include "kernel.h"

void main(void);

char stacks[HARTS * PAGE] __attribute__((aligned(16)));

void start(void)
{
	/* mstatus.MPP is supervisor mode; mret goes to main. */
	WRITE_CSR(mstatus, (READ_CSR(mstatus) & ~(3UL << 11)) | 1UL << 11);
	WRITE_CSR(mepc, main);
	WRITE_CSR(satp, 0UL);
	WRITE_CSR(medeleg, 0xffffUL);
	WRITE_CSR(mideleg, 0xffffUL);
	/* Supervisor mode reaches all memory. */
	WRITE_CSR(pmpaddr0, 0x3fffffffffffffUL);
	WRITE_CSR(pmpcfg0, 0xfUL);
	/* Supervisor mode has a timer (Sstc) and reads `time`. */
	SET_CSR(0x30a, 1UL << 63);
	SET_CSR(mcounteren, 2UL);
	WRITE_CSR(0x14d, ~0UL);
	/* tp names the hart: supervisor mode cannot read mhartid. */
	__asm__ volatile("mv tp, %0" : : "r"(READ_CSR(mhartid)));
	__asm__ volatile("mret");
}
