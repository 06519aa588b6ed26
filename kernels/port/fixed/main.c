#include "kernel.h"

static uint32_t started, ready;

static uint64_t this_hart(void)
{
	uint64_t hart;
	__asm__ volatile("mv %0, tp" : "=r"(hart));
	return hart;
}

void finish(bool success)
{
	*(volatile uint32_t *)FINISHER = success ? 0x5555 : 0x13333;
	for (;;)
		;
}

/* Three ticks on this hart. */
static void wait_for_ticks(uint64_t hart)
{
	while (ticks_of(hart) < 3)
		__asm__ volatile("wfi");
}

static void boot_hart(uint64_t hart)
{
	uart_begin();
	uart_puts("port: hello\n");
	vm_build();
	vm_use();
	char local[] = "port: a text on the stack\n";
	uart_puts(physical(local) == (uint64_t)(uintptr_t)local ? local : "port: wrong\n");
	traps_begin();
	plic_begin(hart);
	__atomic_store_n(&started, 1, __ATOMIC_RELEASE);

	uart_request_interrupt();
	while (!uart_was_interrupted())
		__asm__ volatile("wfi");
	uart_puts("port: an interrupt of the UART\n");
	wait_for_ticks(hart);
	while (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) != HARTS - 1)
		;
	uart_puts("port: all harts have ticked\n");
	finish(true);
}

static void other_hart(uint64_t hart)
{
	while (!__atomic_load_n(&started, __ATOMIC_ACQUIRE))
		;
	vm_use();
	traps_begin();
	plic_begin(hart);
	wait_for_ticks(hart);
	__atomic_fetch_add(&ready, 1, __ATOMIC_RELEASE);
	for (;;)
		__asm__ volatile("wfi");
}

void main(void)
{
	uint64_t hart = this_hart();
	if (hart == 0)
		boot_hart(hart);
	else
		other_hart(hart);
}
