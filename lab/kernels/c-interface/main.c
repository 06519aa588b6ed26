/*
 * A test kernel for landfall.h: it calls every function, and prints what it finds. The test compares
 * the lines `c: NAME VALUE` with the report and with QEMU.
 *
 *	main.c		the landing, as C sees it
 *	traps.c		the frame of a trap
 *	space.c		the live address space
 *	modules.c	a module, from the initrd
 *	again.c		the start of the initrd's kernel
 *
 * With `kexec` on the command line it starts the kernel of the initrd, with `again` it checks that
 * it is that kernel, with `module` it loads the module of the initrd.
 */
#include "interface.h"

static uint32_t entered;

void say(const char *name, uint64_t value)
{
	static const char digits[] = "0123456789abcdef";
	char text[20] = " 0x0000000000000000";
	for (int i = 0; i < 16; i++)
		text[3 + i] = digits[value >> (60 - 4 * i) & 15];
	text[19] = '\n';
	lf_puts("c: ");
	lf_puts(name);
	lf_write(text, sizeof(text));
}

void expect(const char *test, bool holds)
{
	lf_puts("landfall: test ");
	lf_puts(test);
	lf_puts(holds ? " ok\n" : " failed\n");
}

bool has_word(const struct lf_landing *landing, const char *word)
{
	const char *line = landing->command_line.data;
	size_t size = landing->command_line.size, length = 0;
	while (word[length])
		length++;
	for (size_t i = 0; i + length <= size; i++) {
		size_t j = 0;
		while (j < length && line[i + j] == word[j])
			j++;
		if (j == length)
			return true;
	}
	return false;
}

static void say_range(const char *start, const char *size, struct lf_range range)
{
	say(start, range.start);
	say(size, range.size);
}

static void say_landing(const struct lf_landing *landing)
{
	expect("abi", landing->abi == LF_ABI && landing->size == sizeof(*landing));
	say("mode", landing->mode);
	say("seed-bits", landing->seed_bits);
	say("boot-hart", landing->boot_hart);
	say("satp", landing->satp);
	say("timebase", landing->timebase);
	say_range("image", "image-size", landing->image);
	say_range("image-memory", "image-memory-size", landing->image_memory);
	say_range("linear", "linear-size", landing->linear);
	say_range("dynamic", "dynamic-size", landing->dynamic);
	say_range("near", "near-size", landing->near);
	say_range("crash", "crash-size", landing->crash);
	say("tree-size", landing->tree.size);
	say("initrd-size", landing->initrd.size);
	say("build-id-size", landing->build_id.size);
	lf_puts("c: command-line ");
	lf_write(landing->command_line.data, landing->command_line.size);
	lf_puts("\n");
	const uint8_t *tree = landing->tree.data;
	expect("tree", tree[0] == 0xd0 && tree[1] == 0x0d && tree[2] == 0xfe && tree[3] == 0xed);
}

static void say_harts(void)
{
	struct lf_hart harts[8];
	size_t count = lf_harts(harts, 8);
	say("harts", count);
	say("online", lf_online_harts());
	expect("harts-counted", lf_harts(NULL, 0) == count);
	for (size_t i = 0; i < count && i < 8; i++) {
		say("hart-id", harts[i].id);
		say("hart-index", harts[i].index);
		say("hart-state", harts[i].state);
		expect("hart-named", lf_hart_id(harts[i].index) == harts[i].id &&
				     lf_hart_index(harts[i].id) == harts[i].index);
	}
	expect("hart-unknown", lf_hart_id(1000) == UINT64_MAX && lf_hart_index(1000) == LF_NO_HART);
	struct lf_range stack = lf_stack(LF_BOOT_HART);
	uint64_t here = (uint64_t)(uintptr_t)&stack;
	expect("stack", here - stack.start < stack.size && lf_stack(1000).size == 0);
}

static void say_memory(void)
{
	struct lf_ram_part parts[64];
	struct lf_range free[64];
	struct lf_mapping mappings[128];
	uint64_t sums[10] = { 0 }, free_size = 0;
	size_t count = lf_ram(parts, 64), free_count = lf_free_memory(free, 64);
	expect("arrays-suffice", count <= 64 && free_count <= 64);
	for (size_t i = 0; i < count; i++)
		sums[parts[i].use] += parts[i].range.size;
	for (size_t i = 0; i < free_count; i++)
		free_size += free[i].size;
	expect("free-memory", free_size == sums[LF_RAM_FREE] && lf_ram(NULL, 0) == count);
	say("ram-free", sums[LF_RAM_FREE]);
	say("ram-image", sums[LF_RAM_IMAGE]);
	say("ram-tables", sums[LF_RAM_TABLES]);
	say("ram-stacks", sums[LF_RAM_STACKS]);
	say("ram-initrd", sums[LF_RAM_INITRD]);
	say("ram-firmware", sums[LF_RAM_FIRMWARE]);
	size_t mapped = lf_mappings(mappings, 128);
	bool ascending = mapped <= 128, found = false;
	for (size_t i = 0; i < mapped && i < 128; i++) {
		ascending = ascending && (!i || mappings[i - 1].virt < mappings[i].virt);
		uint64_t here = (uint64_t)(uintptr_t)say_memory;
		found = found || (here - mappings[i].virt < mappings[i].size &&
				  mappings[i].access == LF_READ_EXECUTE);
	}
	expect("mappings", ascending && found);
}

static void check_conversions(const struct lf_landing *landing)
{
	static volatile uint64_t word = 0x1234;
	lf_phys phys = lf_image_phys(&word);
	expect("image-address", phys - landing->image_memory.start < landing->image_memory.size &&
				lf_image(phys) == (void *)&word);
	uint64_t *linear = lf_linear(phys);
	expect("linear-address", *linear == word && lf_linear_phys(linear) == phys);
	expect("either-address", lf_phys_of(&word) == phys && lf_phys_of(linear) == phys);
	say("linear-offset", lf_linear_offset());
	say("image-offset", lf_image_offset());
}

static void check_entropy(const struct lf_landing *landing)
{
	uint8_t bytes[32] = { 0 };
	uint32_t bits = lf_take_entropy(bytes);
	uint8_t any = 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		any |= bytes[i];
	expect("entropy", bits == landing->seed_bits && (any != 0) == (bits != 0));
	expect("entropy-once", lf_take_entropy(bytes) == 0);
}

static void kernel_main(const struct lf_landing *landing)
{
	if (has_word(landing, "again"))
		check_again(landing);
	if (has_word(landing, "panic"))
		lf_panic("on purpose");
	if (has_word(landing, "reboot"))
		lf_reboot();
	say_landing(landing);
	say_harts();
	say_memory();
	check_conversions(landing);
	check_entropy(landing);
	while (__atomic_load_n(&entered, __ATOMIC_ACQUIRE) + 1 != lf_online_harts())
		;
	check_traps();
	check_space();
	if (has_word(landing, "module"))
		check_module(landing);
	if (has_word(landing, "kexec"))
		start_again(landing);
	lf_print_report();
	lf_print_report_json();
	lf_exit(0);
}

static void secondary(const struct lf_landing *landing, uint32_t hart)
{
	struct lf_range stack = lf_stack(hart);
	uint64_t here = (uint64_t)(uintptr_t)&stack;
	if (here - stack.start >= stack.size || landing->abi != LF_ABI)
		lf_panic("a hart is on another stack");
	wait_for_kexec();
	__atomic_fetch_add(&entered, 1, __ATOMIC_RELEASE);
	for (;;)
		__asm__ volatile("wfi");
}

LF_ENTRY_ALL_HARTS(kernel_main, secondary, LF_POLICY(.disclosure = LF_DISCLOSE, .stack_size = 96 << 10));
