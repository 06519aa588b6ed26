/* The live address space. */
#include "interface.h"

static struct lf_range rest;
static struct lf_range pool;

struct lf_range take_pages(uint64_t pages)
{
	if (!rest.size) {
		struct lf_range ranges[64];
		size_t count = lf_free_memory(ranges, 64);
		for (size_t i = 0; i < count && i < 64; i++)
			if (ranges[i].size > rest.size)
				rest = ranges[i];
		/* The pool for modules is the lower end. */
		pool = (struct lf_range){ rest.start, 4UL << 20 };
		rest.start += pool.size;
		rest.size -= pool.size;
	}
	if (rest.size < pages * PAGE_SIZE)
		lf_panic("free memory is used up");
	rest.size -= pages * PAGE_SIZE;
	return (struct lf_range){ rest.start + rest.size, pages * PAGE_SIZE };
}

static bool take_frame(void *context, lf_phys *frame)
{
	++*(uint32_t *)context;
	*frame = take_pages(1).start;
	return true;
}

static void give_frame_back(void *context, lf_phys frame)
{
	(void)context;
	(void)frame;
}

static uint32_t boot_hart(void)
{
	return LF_BOOT_HART;
}

static void check_device(void)
{
	struct lf_device uart;
	struct lf_error error;
	bool mapped = lf_map_device((struct lf_range){ 0x10000000, 0x100 }, &uart, &error);
	if (!mapped)
		lf_panic(error.text);
	volatile uint8_t *registers = (volatile uint8_t *)(uintptr_t)uart.registers.start;
	registers[7] = 0xa5;
	expect("device", registers[7] == 0xa5 && uart.registers.size == 0x100);
	expect("device-unmapped", lf_unmap_device(&uart, &error) && load_faults(uart.registers.start));
}

static void check_area(void)
{
	struct lf_error error;
	struct lf_area area;
	struct lf_range memory = take_pages(3);
	if (!lf_map(memory, LF_READ_WRITE, LF_DYNAMIC, &area, &error))
		lf_panic(error.text);
	uint64_t *words = (uint64_t *)(uintptr_t)area.range.start;
	words[0] = 7;
	expect("area", area.range.size == memory.size && area.memory.start == memory.start &&
		       *(uint64_t *)lf_linear(memory.start) == 7);
	expect("area-guards", load_faults(area.range.start - 1) &&
			      load_faults(area.range.start + area.range.size));
	struct lf_range page = { area.range.start + PAGE_SIZE, PAGE_SIZE };
	expect("area-protected", lf_protect(&area, page, LF_READ_ONLY, &error) &&
				 store_faults(page.start) && !words[PAGE_SIZE / 8]);
	struct lf_range outside = { area.range.start - PAGE_SIZE, PAGE_SIZE };
	error.text[0] = 0;
	expect("area-outside", !lf_protect(&area, outside, LF_READ_WRITE, &error) && error.text[0]);
	expect("area-unmapped", lf_unmap(&area, NULL) && load_faults(area.range.start));

	if (!lf_map_stack(take_pages(2), &area, &error))
		lf_panic(error.text);
	expect("area-stack", load_faults(area.range.start - (60 << 10)) && lf_unmap(&area, &error));
	if (!lf_map(take_pages(1), LF_READ_ONLY, LF_NEAR, &area, &error))
		lf_panic(error.text);
	expect("area-near", store_faults(area.range.start) && lf_unmap(&area, &error));
}

void check_space(void)
{
	static uint32_t taken;
	struct lf_error error;
	uint8_t seed[32] = { 1, 2, 3 };
	(void)take_pages(0);
	struct lf_space_options options = {
		.frames = { take_frame, give_frame_back, &taken },
		.current_hart = boot_hart,
		.pools = &pool,
		.pool_count = 1,
		.seed = seed,
	};
	struct lf_tables tables;
	if (!lf_space_begin(&options, &error))
		lf_panic(error.text);
	expect("space-frames", taken > 0 && !seed[0] && !seed[2]);
	expect("space-once", !lf_space_begin(&options, &error) && !lf_take_tables(&tables));
	lf_space_join();
	lf_space_serve();
	check_device();
	check_area();
	uint64_t leaf = lf_leaf(0x80000000, LF_READ_EXECUTE, LF_MEMORY);
	say("leaf", leaf);
	say("device-leaf", lf_leaf(0x10000000, LF_READ_WRITE, LF_DEVICE));
}

/* Memory for a module. */
static bool take_pool(void *context, uint64_t pages, struct lf_range *memory)
{
	(void)context;
	if (pool.size < pages * PAGE_SIZE)
		return false;
	*memory = (struct lf_range){ pool.start, pages * PAGE_SIZE };
	pool.start += memory->size;
	pool.size -= memory->size;
	return true;
}

static uint64_t returned;

static void give_pool_back(void *context, struct lf_range memory)
{
	(void)context;
	returned += memory.size;
}

static uint64_t kernel_twice(uint64_t number)
{
	return 2 * number;
}
LF_EXPORT(kernel_twice, "extern \"C\" fn(u64) -> u64");

void check_module(const struct lf_landing *landing)
{
	const struct lf_pages pages = { take_pool, give_pool_back, NULL };
	struct lf_error error;
	uint32_t number;
	struct lf_bytes damaged = { landing->initrd.data, 16 };
	if (!lf_modules_begin(NULL, &error))
		lf_panic(error.text);
	expect("module-damaged", !lf_module_load(damaged, NULL, &pages, &number, &error) && error.text[0]);
	if (!lf_module_load(landing->initrd, NULL, &pages, &number, &error))
		lf_panic(error.text);
	lf_virt address = lf_module_symbol(number, "module_answer");
	uint64_t (*answer)(uint64_t) = (uint64_t(*)(uint64_t))(uintptr_t)address;
	expect("module-called", address && answer(20) == 41);
	expect("module-symbols", !lf_module_symbol(number, "nothing") && !lf_module_symbol(99, "module_answer"));
	uint64_t before = returned;
	expect("module-unloaded", lf_module_unload(number, &pages, &error) && returned > before);
	expect("module-gone", !lf_module_unload(number, &pages, &error) && load_faults(address));
}
