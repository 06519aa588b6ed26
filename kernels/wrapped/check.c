/* The promises of the protocol, checked from inside. */
#include "kernel.h"

void check_information(const struct lf_wrapped *boot, uint64_t hart, uint64_t stack)
{
	report("magic", boot->magic == LF_WRAPPED_MAGIC && boot->version == LF_WRAPPED_VERSION);
	report("size", boot->size == sizeof *boot);
	uint64_t satp;
	__asm__("csrr %0, satp" : "=r"(satp));
	report("mode", boot->mode == satp >> 60 && boot->mode >= 8 && boot->mode <= 10);
	report("boot-hart", boot->boot_hart == hart);
	const struct lf_wrapped_hart *own = NULL;
	for (uint64_t i = 0; i < boot->hart_count; i++)
		if (boot->harts[i].id == hart)
			own = &boot->harts[i];
	report("stack", own && own->stack_top == stack && stack % 16 == 0
		&& own->stack_top - own->stack_bottom == boot->stack_size);
	report("guard", own && try_load((void *)(own->stack_bottom - 8)) == LOAD
		&& try_load((void *)(own->stack_bottom - (64 << 10))) == LOAD
		&& try_store((void *)own->stack_bottom) == 0);
	uint32_t magic = *(const uint32_t *)boot->device_tree;
	report("device-tree", magic == 0xedfe0dd0 && boot->device_tree_size > 64);
	uint8_t entropy = 0;
	for (size_t i = 0; i < sizeof boot->entropy; i++)
		entropy |= boot->entropy[i];
	report("entropy", (boot->entropy_bits != 0) == (entropy != 0));
	report("command-line", boot->command_line[boot->command_line_size] == 0);
	put("wrapped: command line ");
	put_bytes(boot->command_line, boot->command_line_size);
	put("\nwrapped: initrd ");
	put_number(boot->initrd_size);
	put(" ");
	put_bytes(boot->initrd, boot->initrd_size < 16 ? boot->initrd_size : 16);
	put("\nwrapped: at ");
	put_number(boot->kernel_virt);
	put(" in memory at ");
	put_number(boot->kernel_phys);
	put("\n");
}

/* Writes to a page, and reads it back. */
static bool holds_words(void *place)
{
	volatile uint64_t *word = place;
	uint64_t before = *word;
	*word = ~before;
	bool holds = *word == ~before;
	*word = before;
	return holds;
}

void check_memory(const struct lf_wrapped *boot)
{
	uint64_t end = 0, kernel = 0;
	bool ascends = true, usable = true, unmapped = true;
	for (uint64_t i = 0; i < boot->memory_count; i++) {
		const struct lf_wrapped_range *part = &boot->memory[i];
		ascends &= part->start >= end && part->size != 0 && part->use >= LF_WRAPPED_USABLE
			&& part->use <= LF_WRAPPED_UNREACHED;
		end = part->start + part->size;
		switch (part->use) {
		case LF_WRAPPED_USABLE:
			usable &= part->start % 4096 == 0 && part->size % 4096 == 0;
			if (part->start != 0)
				usable &= holds_words(linear(boot, part->start));
			usable &= holds_words(linear(boot, end - 8));
			break;
		case LF_WRAPPED_RECLAIMABLE:
			usable &= holds_words(linear(boot, part->start)) && holds_words(linear(boot, end - 8));
			break;
		case LF_WRAPPED_FIRMWARE:
			unmapped &= try_load(linear(boot, part->start)) == LOAD;
			break;
		case LF_WRAPPED_KERNEL:
			kernel += part->start == boot->kernel_phys && part->size == boot->kernel_size;
			break;
		}
	}
	report("memory-map", ascends && boot->memory_count > 2);
	report("usable", usable);
	report("firmware", unmapped);
	report("kernel", kernel == 1);
}

static const uint64_t constant = 0x1234;
static _Alignas(8) uint32_t instructions[2] = { 0x00008067, 0x00008067 };	/* ret */

/* The address of a byte of the kernel in the linear map. */
static void *alias(const struct lf_wrapped *boot, const void *place)
{
	return linear(boot, (uint64_t)place - boot->kernel_virt + boot->kernel_phys);
}

/* A store there is refused, whether the address can be read or not. */
static bool is_protected(void *place)
{
	uint64_t cause = try_store(place);
	return cause == STORE || cause == LOAD;
}

void check_permissions(const struct lf_wrapped *boot)
{
	/* A whole word: some harts trap on the others first. */
	void *text = (void *)((uint64_t)check_permissions & ~7ul), *constants = (void *)&constant;
	report("text", try_store(text) == STORE);
	report("constants", try_store(constants) == STORE);
	report("data", try_store(instructions) == 0 && try_call(instructions) == FETCH);
	report("text-alias", is_protected(alias(boot, text)) && try_call(alias(boot, text)) == FETCH);
	report("constants-alias", is_protected(alias(boot, constants)));
	report("data-alias", *(uint32_t *)alias(boot, instructions) == instructions[0]
		&& try_call(alias(boot, instructions)) == FETCH);
	report("null", try_load(NULL) == LOAD);
	report("last-page", try_load((void *)-4096l) == LOAD);
}

static uint64_t zeros[1 << 14];
static uint64_t word = 7;
static uint64_t *const constant_pointer = &word;
static const char *strings[] = { "one", "two" };
static uint64_t *pointers[] = { &word, &zeros[5], NULL };

void check_image(void)
{
	uint64_t all = 0;
	for (size_t i = 0; i < sizeof zeros / sizeof zeros[0]; i++)
		all |= zeros[i];
	report("bss", all == 0);
	/* The compiler must not know the values. */
	uint64_t **volatile list = pointers;
	const char **volatile texts = strings;
	uint64_t *const *volatile constants = &constant_pointer;
	report("pointers", list[0] == &word && *list[0] == 7 && list[1] == &zeros[5] && !list[2]
		&& texts[0][0] == 'o' && texts[1][1] == 'w' && **constants == 7);
	volatile double half = 0.5;
	report("float", half + half == 1.0);
}
