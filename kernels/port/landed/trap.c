#include "kernel.h"

#define INTERRUPT (1UL << 63)
#define TIMER (INTERRUPT | 5)
#define EXTERNAL (INTERRUPT | 9)
#define INTERVAL 100000

static uint64_t ticks[HARTS];

/* The firmware has the timer (SBI specification, "Timer Extension"). */
static void set_timer(void)
{
	register uint64_t a0 __asm__("a0") = READ_CSR(time) + INTERVAL;
	register uint64_t a1 __asm__("a1");
	register uint64_t a6 __asm__("a6") = 0;
	register uint64_t a7 __asm__("a7") = 0x54494d45;
	__asm__ volatile("ecall" : "+r"(a0), "=r"(a1) : "r"(a6), "r"(a7) : "memory");
}

static void trap(struct lf_trap_frame *frame)
{
	uint32_t hart = lf_hart_index(frame->hart);
	if (frame->scause == TIMER) {
		__atomic_fetch_add(&ticks[hart], 1, __ATOMIC_RELAXED);
		set_timer();
	} else if (frame->scause == EXTERNAL) {
		plic_interrupt(hart);
	} else {
		lf_panic("an unexpected trap");
	}
}

void traps_begin(void)
{
	if (lf_trap_install(trap) == LF_NO_HART)
		lf_panic("this hart is not on its stack");
	set_timer();
	SET_CSR(sie, 1UL << 5 | 1UL << 9);
	SET_CSR(sstatus, 1UL << 1);
}

uint64_t ticks_of(uint32_t hart)
{
	return __atomic_load_n(&ticks[hart], __ATOMIC_RELAXED);
}
