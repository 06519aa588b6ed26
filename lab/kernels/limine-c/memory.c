/* The memory map, the linear map and the image. */
#include "kernel.h"

extern char image_start[], text_end[], constants_start[], constants_end[], data_start[], image_end[];

static bool is_exclusive(const struct memory_range *range)
{
	return range->kind == USABLE || range->kind == LOADER_RECLAIMABLE;
}

static bool is_mapped(const struct memory_range *range)
{
	return is_exclusive(range) || range->kind == EXECUTABLE_AND_MODULES || range->kind == FRAMEBUFFER;
}

bool has_kind(uint64_t phys, uint64_t size, enum memory_kind kind)
{
	const struct memory_map *map = memory_request.response;
	for (uint64_t i = 0; i < map->count; i++) {
		const struct memory_range *range = map->ranges[i];
		if (range->kind == kind && phys >= range->base && phys + size <= range->base + range->length)
			return true;
	}
	return false;
}

static void check_map(const struct memory_map *map)
{
	bool sorted = true, aligned = true, apart = true;
	static uint64_t sums[9];
	for (uint64_t i = 0; i < map->count; i++) {
		const struct memory_range *range = map->ranges[i];
		if (i && map->ranges[i - 1]->base > range->base)
			sorted = false;
		if (is_exclusive(range) && (range->base | range->length) & (PAGE_SIZE - 1))
			aligned = false;
		for (uint64_t j = 0; j < map->count; j++) {
			const struct memory_range *other = map->ranges[j];
			if (i != j && is_exclusive(range) && range->base < other->base + other->length &&
			    other->base < range->base + range->length)
				apart = false;
		}
		if (range->kind < 9)
			sums[range->kind] += range->length;
	}
	expect("memory-sorted", sorted);
	expect("memory-aligned", aligned);
	expect("memory-apart", apart);
	say("usable", sums[USABLE]);
	say("reclaimable", sums[LOADER_RECLAIMABLE]);
	say("executable-and-modules", sums[EXECUTABLE_AND_MODULES]);
	expect("memory-usable", sums[USABLE] && sums[LOADER_RECLAIMABLE] && sums[EXECUTABLE_AND_MODULES]);
}

/* The first and the last word of usable memory, through the linear map, keep what is written. */
static bool keeps_words(uint64_t virt, uint64_t size)
{
	volatile uint64_t *first = (uint64_t *)virt, *last = (uint64_t *)(virt + size - 8);
	*first = 0x1122334455667788;
	*last = ~virt;
	return *first == 0x1122334455667788 && *last == ~virt;
}

static void check_linear_map(const struct memory_map *map)
{
	bool mapped = true, works = true;
	for (uint64_t i = 0; i < map->count; i++) {
		const struct memory_range *range = map->ranges[i];
		if (!is_mapped(range))
			continue;
		for (uint64_t at = 0; at < range->length; at += PAGE_SIZE) {
			struct mapping found = walk(hhdm() + range->base + at);
			bool writable = found.flags & WRITE || !is_exclusive(range);
			if (found.phys != range->base + at || !(found.flags & READ) || !writable)
				mapped = false;
		}
		if (range->kind == USABLE && !keeps_words(hhdm() + range->base, range->length))
			works = false;
	}
	expect("hhdm-maps", mapped);
	expect("hhdm-works", works);
}

void check_memory(void)
{
	expect("memory-map", memory_request.response != NULL);
	expect("hhdm", hhdm_request.response != NULL);
	check_map(memory_request.response);
	check_linear_map(memory_request.response);
	expect("no-bad-leaf", bad_leaves() == 0);
}

static bool has_flags(const char *start, const char *end, uint64_t flags)
{
	const struct executable_address *address = address_request.response;
	for (uint64_t virt = (uint64_t)start; virt < (uint64_t)end; virt += PAGE_SIZE) {
		struct mapping found = walk(virt);
		if ((found.flags & (READ | WRITE | EXECUTE)) != flags ||
		    found.phys - address->phys != virt - address->virt)
			return false;
	}
	return true;
}

/* Words that the linker or the loader must set: addresses, zeros and a constant. */
static uint64_t zeros[3 * PAGE_SIZE / 8];
static uint64_t *const pointer_to_zeros = &zeros[1];
static uint64_t *pointers[] = { &zeros[0], &zeros[2], &zeros[100] };
static uint64_t initialized = 0x1234;

void check_image(void)
{
	const struct executable_address *address = address_request.response;
	expect("executable-address", address && address->virt == (uint64_t)image_start &&
					     walk(address->virt).phys == address->phys);
	say("virt", address->virt);
	say("phys", address->phys);
	expect("executable-memory", has_kind(address->phys, image_end - image_start, EXECUTABLE_AND_MODULES));
	expect("text", has_flags(image_start, text_end, READ | EXECUTE));
	expect("constants", has_flags(constants_start, constants_end, READ));
	expect("data", has_flags(data_start, image_end, READ | WRITE));
	bool all_zero = true;
	for (size_t i = 0; i < sizeof(zeros) / 8; i++)
		all_zero &= ((volatile uint64_t *)zeros)[i] == 0;
	expect("bss", all_zero);
	uint64_t *volatile const *read = pointers;
	expect("relocated", read[0] == zeros && read[2] == zeros + 100 &&
			    *(uint64_t *const volatile *)&pointer_to_zeros == zeros + 1 &&
			    *(volatile uint64_t *)&initialized == 0x1234);
}
