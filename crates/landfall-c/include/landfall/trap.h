/*
 * The trap entry: it saves all registers and calls a function, on the hart's own stack. It
 * detects a stack that has overflown. landfall.h includes this file.
 */
#ifndef LANDFALL_TRAP_H
#define LANDFALL_TRAP_H

#ifdef __cplusplus
extern "C" {
#endif

/* The registers of the interrupted code. The hart continues with the values of the frame. */
struct lf_trap_frame {
	uint64_t x[32];		/* x0 to x31 */
	uint64_t sepc;
	uint64_t sstatus;
	uint64_t scause;	/* the highest bit is set for an interrupt */
	uint64_t stval;
	uint64_t f[32];		/* f0 to f31; 0 if they were off */
	uint64_t fcsr;
	uint64_t hart;		/* id of the hart; do not change it */
};

typedef void lf_trap_handler(struct lf_trap_frame *frame);

/*
 * Makes `handler` the function that each trap of this hart calls, and returns the hart's index.
 * Returns LF_NO_HART, and changes nothing, if the caller has left the landing's stack.
 *
 * From then on the kernel must change neither stvec nor sscratch. A trap from user mode begins at
 * the top of the stack, so the stack must be empty while user mode runs. Interrupts are off in the
 * handler. gp and tp are those of the interrupted code: after a trap from user mode they are the
 * user's.
 */
uint32_t lf_trap_install(lf_trap_handler *handler);

/*
 * Switches the entry to another stack of this hart, such as that of a thread: mapped, writable,
 * used by no other hart, with a size that is a multiple of 16. Interrupts must be off until sp
 * lies in it.
 */
void lf_trap_use_stack(struct lf_range stack);

#ifdef __cplusplus
}
#endif

#endif
