/* The order of everything. */
#include "kernel.h"

/* The console of QEMU's `virt`; a kernel for more machines takes it from landing->tree. */
#define UART 0x10000000UL

static struct tables kernel_tables;
/* Set when the other harts may leave the landing's tables. */
static uint32_t tables_are_built;
/* Harts that use the kernel's own tables, and harts whose process has ended. */
static uint32_t switched, finished;

static void expect(const char *test, bool holds)
{
	print("landfall: test %s %s\n", test, holds ? "ok" : "failed");
}

static void wait_for(const uint32_t *count, uint32_t value)
{
	while (__atomic_load_n(count, __ATOMIC_ACQUIRE) != value)
		;
}

/* Every mapping of the landing stays, so its stacks, conversions and the landing itself do too. */
static void build_tables(const struct lf_landing *landing)
{
	static struct lf_mapping mappings[256];
	size_t count = lf_mappings(mappings, 256);
	if (count > 256)
		lf_panic("the landing has too many mappings");
	kernel_tables = tables_new(landing->mode);
	for (size_t i = 0; i < count; i++)
		tables_map(&kernel_tables, mappings[i], FOR_KERNEL, LF_MEMORY);
	struct lf_mapping uart = { .virt = landing->dynamic.start, .phys = UART, .size = PAGE_SIZE,
				   .access = LF_READ_WRITE };
	tables_map(&kernel_tables, uart, FOR_KERNEL, LF_DEVICE);
}

/* Writes one character to the UART's own registers. */
static bool uart_answers(lf_virt registers)
{
	volatile uint8_t *uart = (volatile uint8_t *)(uintptr_t)registers;
	uart[7] = 0x5a;			/* the scratch register */
	return uart[7] == 0x5a;
}

/* The boot hart, once its process has ended. */
static void conclude(uint32_t hart)
{
	uint32_t harts = lf_online_harts();
	(void)hart;
	__atomic_fetch_add(&finished, 1, __ATOMIC_RELEASE);
	wait_for(&finished, harts);
	bool all = true;
	for (uint32_t i = 0; i < harts && i < MAX_HARTS; i++)
		all = all && process_succeeded(i);
	expect("processes", all);
	lf_print_report_json();
	lf_exit(0);
}

/* Another hart, once its process has ended. */
static void idle(uint32_t hart)
{
	(void)hart;
	__atomic_fetch_add(&finished, 1, __ATOMIC_RELEASE);
	for (;;)
		__asm__ volatile("wfi");
}

static void kernel_main(const struct lf_landing *landing)
{
	print("own-c: sv%u, %u harts, command line \"", landing->mode, lf_online_harts());
	lf_write(landing->command_line.data, landing->command_line.size);
	print("\"\n");

	frames_begin();
	struct lf_tables landed;
	expect("tables-taken", lf_take_tables(&landed) && landed.root == landing->satp << 20 >> 8);
	build_tables(landing);
	__atomic_store_n(&tables_are_built, 1, __ATOMIC_RELEASE);
	tables_use(&kernel_tables);
	__atomic_fetch_add(&switched, 1, __ATOMIC_RELEASE);
	wait_for(&switched, lf_online_harts());
	struct lf_range tables = lf_give_up_tables();
	expect("tables-freed", tables.size == landed.frames.size);
	frames_add(tables);

	expect("conversions", lf_linear(lf_image_phys(&switched)) != (void *)&switched &&
			      *(volatile uint32_t *)lf_linear(lf_image_phys(&switched)) == switched);
	expect("device", uart_answers(landing->dynamic.start));
	traps_begin();
	uint64_t before = timer_ticks();
	while (timer_ticks() < before + 3)
		__asm__ volatile("wfi");
	expect("timer", true);
	process_run(&kernel_tables, LF_BOOT_HART, conclude);
}

static void secondary(const struct lf_landing *landing, uint32_t hart)
{
	(void)landing;
	wait_for(&tables_are_built, 1);
	tables_use(&kernel_tables);
	__atomic_fetch_add(&switched, 1, __ATOMIC_RELEASE);
	if (hart >= MAX_HARTS)
		lf_panic("this kernel has too few processes");
	traps_begin();
	process_run(&kernel_tables, hart, idle);
}

LF_ENTRY_ALL_HARTS(kernel_main, secondary, LF_POLICY(.disclosure = LF_DISCLOSE));
