/* Traps of all harts: the timer's interrupt, calls of processes, and faults. */
#include "kernel.h"

#define INTERRUPT (1UL << 63)
#define TIMER (INTERRUPT | 5)
#define USER_CALL 8

/* sie.STIE and sstatus.SIE */
#define STIE (1UL << 5)
#define SIE (1UL << 1)

/* Ticks of `time` between two interrupts: a hundredth of a second, if the tree names the rate. */
static uint64_t interval = 100000;
static uint64_t ticks;

static uint64_t now(void)
{
	uint64_t time;
	__asm__ volatile("csrr %0, time" : "=r"(time));
	return time;
}

static void handle(struct lf_trap_frame *frame)
{
	switch (frame->scause) {
	case TIMER:
		__atomic_fetch_add(&ticks, 1, __ATOMIC_RELAXED);
		sbi_set_timer(now() + interval);
		break;
	case USER_CALL:
		process_call(frame);
		break;
	default:
		print("trap %lx at %lx, value %lx\n", frame->scause, frame->sepc, frame->stval);
		lf_panic("an unexpected trap");
	}
}

/* Installs the handler on the calling hart, and begins its timer. */
void traps_begin(void)
{
	if (lf_trap_install(handle) == LF_NO_HART)
		lf_panic("this hart is not on its stack");
	sbi_set_timer(now() + interval);
	__asm__ volatile("csrs sie, %0" : : "r"(STIE));
	__asm__ volatile("csrs sstatus, %0" : : "r"(SIE));
}

uint64_t timer_ticks(void)
{
	return __atomic_load_n(&ticks, __ATOMIC_RELAXED);
}
