/*
 * A process for each hart: one page of code, one page of stack, and an address space that shares
 * the kernel's half.
 */
#include "kernel.h"

#define CODE 0x10000UL
#define STACK 0x20000UL
#define RESULT 500500UL		/* the sum of 1 to 1000 */

/* sstatus: user mode with interrupts on, and no floating-point registers */
#define SPP (1UL << 8)
#define SPIE (1UL << 5)
#define FS (3UL << 13)

enum { A0 = 10, A1 = 11, A7 = 17, SP = 2 };
enum { WRITE, EXIT };

struct process {
	struct tables tables;
	lf_phys code;
	uint64_t result;
	const struct tables *kernel;
	void (*next)(uint32_t hart);
	uint32_t hart;
};

static struct process processes[MAX_HARTS];

extern const char program_start[], program_end[];

static LF_NORETURN void enter_user_mode(uint32_t hart)
{
	register uint64_t a0 __asm__("a0") = hart;
	__asm__ volatile("csrc sstatus, %0\n\t"
			 "csrs sstatus, %1\n\t"
			 "csrw sepc, %2\n\t"
			 "mv sp, %3\n\t"
			 "sret"
			 :
			 : "r"(SPP | FS), "r"(SPIE), "r"(CODE), "r"(STACK + PAGE_SIZE), "r"(a0));
	__builtin_unreachable();
}

/*
 * Runs the process of a hart, and continues in `next` when it has ended. The stack of the caller
 * is not used again: traps from user mode begin at its top.
 */
void process_run(const struct tables *kernel, uint32_t hart, void (*next)(uint32_t hart))
{
	struct process *process = &processes[hart];
	*process = (struct process){ .tables = tables_with_kernel_of(kernel), .code = frame_take(),
				     .kernel = kernel, .next = next, .hart = hart };
	char *code = lf_linear(process->code);
	for (size_t i = 0; i < (size_t)(program_end - program_start); i++)
		code[i] = program_start[i];
	struct lf_mapping text = { .virt = CODE, .phys = process->code, .size = PAGE_SIZE,
				   .access = LF_READ_EXECUTE };
	struct lf_mapping stack = { .virt = STACK, .phys = frame_take(), .size = PAGE_SIZE,
				    .access = LF_READ_WRITE };
	tables_map(&process->tables, text, FOR_USER, LF_MEMORY);
	tables_map(&process->tables, stack, FOR_USER, LF_MEMORY);
	tables_use(&process->tables);
	__asm__ volatile("fence.i");
	enter_user_mode(hart);
}

/* The kernel reads the process's memory at its linear address, not at that of user mode. */
static void write(const struct process *process, uint64_t start, uint64_t size)
{
	if (start < CODE || size > PAGE_SIZE || start - CODE > PAGE_SIZE - size)
		lf_panic("a process writes what it does not have");
	lf_write((const char *)lf_linear(process->code) + (start - CODE), size);
}

/* Returns to the kernel, on the empty stack of the hart. */
static LF_NORETURN void finish(uint32_t hart)
{
	struct process *process = &processes[hart];
	tables_use(process->kernel);
	process->next(hart);
	lf_panic("the kernel has nothing left to do");
}

void process_call(struct lf_trap_frame *frame)
{
	struct process *process = &processes[lf_hart_index(frame->hart)];
	frame->sepc += 4;
	switch (frame->x[A7]) {
	case WRITE:
		write(process, frame->x[A0], frame->x[A1]);
		break;
	case EXIT: {
		struct lf_range stack = lf_stack(process->hart);
		process->result = frame->x[A0];
		frame->sepc = (uint64_t)(uintptr_t)finish;
		frame->sstatus |= SPP | SPIE;
		frame->x[SP] = stack.start + stack.size;
		frame->x[A0] = process->hart;
		break;
	}
	default:
		lf_panic("a process makes an unknown call");
	}
}

bool process_succeeded(uint32_t hart)
{
	return processes[hart].result == RESULT + hart;
}
