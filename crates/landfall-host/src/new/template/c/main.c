/* A kernel. `make run` boots it, `make test` boots it on many machines. */
#include <landfall.h>

/* scause of the instruction ebreak. */
#define BREAKPOINT 3

/* Each trap of a hart that has installed it. The frame has the interrupted code's registers. */
static void handle(struct lf_trap_frame *frame)
{
	if (frame->scause != BREAKPOINT)
		lf_panic("an unexpected trap");
	lf_puts("The handler has a breakpoint.\n");
	/* Behind the instruction, which has 4 bytes. */
	frame->sepc += 4;
}

/* The hart that boots. */
static void kernel_main(const struct lf_landing *landing)
{
	(void)landing;
	lf_print_report();
	if (lf_trap_install(handle) == LF_NO_HART)
		lf_panic("the handler is not installed");
	__asm__ volatile(".option push\n.option norvc\nebreak\n.option pop" : : : "memory");
	lf_puts("Hello from C.\n");
	/* The line by which `cargo landfall run` knows that the kernel has landed. */
	lf_print_report_json();
	lf_exit(0);
}

/* Every other hart, on a stack of its own. */
static void second(const struct lf_landing *landing, uint32_t hart)
{
	(void)landing;
	(void)hart;
	for (;;)
		__asm__ volatile("wfi");
}

/*
 * Only you read the console so far, so reports disclose addresses: use LF_DEFAULT_POLICY before
 * others can read it.
 */
LF_ENTRY_ALL_HARTS(kernel_main, second, LF_POLICY(.disclosure = LF_DISCLOSE));
