/* The frame of a trap. */
#include "interface.h"

#define BREAKPOINT 3
#define LOAD_FAULT 13
#define STORE_FAULT 15
#define SOFTWARE (1UL << 63 | 1)

struct expected_trap expected_trap;

static void handle(struct lf_trap_frame *frame)
{
	if (frame->scause == SOFTWARE) {
		__asm__ volatile("csrci sip, 2");
		lf_kexec_stop_if_asked();
		return;
	}
	if (frame->scause != expected_trap.cause) {
		say("unexpected-trap", frame->scause);
		say("unexpected-sepc", frame->sepc);
		lf_panic("an unexpected trap");
	}
	expected_trap.came++;
	expected_trap.value = frame->stval;
	/* The instructions of the tests have 4 bytes, and their result is in t3. */
	frame->sepc += 4;
	frame->x[28] += 1;
}

static void check_registers(void)
{
	register uint64_t t3 __asm__("t3") = 41;
	register uint64_t s11 __asm__("s11") = 0x5a5a;
	expected_trap = (struct expected_trap){ .cause = BREAKPOINT };
	__asm__ volatile(".option push\n\t.option norvc\n\tebreak\n\t.option pop"
			 : "+r"(t3), "+r"(s11) : : "memory");
	expect("trap-frame", expected_trap.came == 1 && t3 == 42 && s11 == 0x5a5a);
}

static void check_floats(void)
{
	double before = 1.5, after;
	expected_trap = (struct expected_trap){ .cause = BREAKPOINT };
	__asm__ volatile("csrs sstatus, %2\n\tfmv.d fs0, %1\n\t"
			 ".option push\n\t.option norvc\n\tebreak\n\t.option pop\n\tfmv.d %0, fs0"
			 : "=f"(after) : "f"(before), "r"(1UL << 13) : "fs0", "t3", "memory");
	expect("trap-floats", after == before);
}

bool load_faults(lf_virt address)
{
	register uint64_t t3 __asm__("t3") = 0;
	expected_trap = (struct expected_trap){ .cause = LOAD_FAULT };
	__asm__ volatile(".option push\n\t.option norvc\n\tlb t4, 0(%1)\n\t.option pop"
			 : "+r"(t3) : "r"(address) : "t4", "memory");
	return expected_trap.came == 1 && expected_trap.value == address;
}

bool store_faults(lf_virt address)
{
	register uint64_t t3 __asm__("t3") = 0;
	expected_trap = (struct expected_trap){ .cause = STORE_FAULT };
	__asm__ volatile(".option push\n\t.option norvc\n\tsb zero, 0(%1)\n\t.option pop"
			 : "+r"(t3) : "r"(address) : "memory");
	return expected_trap.came == 1 && expected_trap.value == address;
}

void check_traps(void)
{
	expect("trap-hart", lf_trap_install(handle) == LF_BOOT_HART);
	check_registers();
	check_floats();
	struct lf_range stack = lf_stack(LF_BOOT_HART);
	expect("stack-guard", load_faults(stack.start - 1));
	lf_trap_use_stack(stack);
	check_registers();
}

void wait_for_kexec(void)
{
	if (lf_trap_install(handle) == LF_NO_HART)
		lf_panic("a hart is not on its stack");
	/* sie.SSIE and sstatus.SIE */
	__asm__ volatile("csrsi sie, 2\n\tcsrsi sstatus, 2");
}
