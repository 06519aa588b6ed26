#include "kernel.h"

#define INTERRUPT (1UL << 63)
#define TIMER (INTERRUPT | 5)
#define EXTERNAL (INTERRUPT | 9)
#define INTERVAL 100000

static uint64_t ticks[HARTS];

void trap_entry(void);

static uint64_t this_hart(void)
{
	uint64_t hart;
	__asm__ volatile("mv %0, tp" : "=r"(hart));
	return hart;
}

static void set_timer(void)
{
	WRITE_CSR(0x14d, READ_CSR(time) + INTERVAL);
}

void trap(void)
{
	uint64_t cause = READ_CSR(scause);
	if (cause == TIMER) {
		__atomic_fetch_add(&ticks[this_hart()], 1, __ATOMIC_RELAXED);
		set_timer();
	} else if (cause == EXTERNAL) {
		plic_interrupt(this_hart());
	} else {
		uart_puts("port: an unexpected trap\n");
		finish(false);
	}
}

void traps_begin(void)
{
	WRITE_CSR(stvec, trap_entry);
	set_timer();
	SET_CSR(sie, 1UL << 5 | 1UL << 9);
	SET_CSR(sstatus, 1UL << 1);
}

uint64_t ticks_of(uint64_t hart)
{
	return __atomic_load_n(&ticks[hart], __ATOMIC_RELAXED);
}
