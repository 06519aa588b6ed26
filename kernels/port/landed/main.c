#include "kernel.h"

static uint32_t started, ready;

/* Three ticks on this hart. */
static void wait_for_ticks(uint32_t hart)
{
	while (ticks_of(hart) < 3)
		__asm__ volatile("wfi");
}

static void boot_hart(const struct lf_landing *landing)
{
	(void)landing;
	uart_puts("port: hello\n");
	vm_begin();
	uart_begin();
	/* A stack of the landing lies outside the linear map, so the text moves to a page of its own. */
	char *page = page_take();
	const char *text = "port: a text on a page\n";
	for (size_t i = 0; text[i]; i++)
		page[i] = text[i];
	uart_puts(lf_linear(physical(page)) == page ? page : "port: wrong\n");
	traps_begin();
	plic_map();
	plic_begin(LF_BOOT_HART);
	__atomic_store_n(&started, 1, __ATOMIC_RELEASE);

	uart_request_interrupt();
	while (!uart_was_interrupted())
		__asm__ volatile("wfi");
	uart_puts("port: an interrupt of the UART\n");
	wait_for_ticks(LF_BOOT_HART);
	while (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) != lf_online_harts() - 1)
		;
	uart_puts("port: all harts have ticked\n");
	lf_print_report_json();
	lf_exit(0);
}

static void other_hart(const struct lf_landing *landing, uint32_t hart)
{
	(void)landing;
	while (!__atomic_load_n(&started, __ATOMIC_ACQUIRE))
		;
	traps_begin();
	plic_begin(hart);
	wait_for_ticks(hart);
	__atomic_fetch_add(&ready, 1, __ATOMIC_RELEASE);
	for (;;)
		__asm__ volatile("wfi");
}

LF_ENTRY_ALL_HARTS(boot_hart, other_hart, LF_POLICY(.max_harts = HARTS));
