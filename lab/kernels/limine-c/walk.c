/* The tables of this hart, as the privileged specification describes them. */
#include "kernel.h"

#define VALID 1UL

static uint64_t satp(void)
{
	uint64_t value;
	__asm__ volatile("csrr %0, satp" : "=r"(value));
	return value;
}

/* Sv39, Sv48 and Sv57 are the modes 8, 9 and 10. */
static int levels(void)
{
	return (int)(satp() >> 60) - 5;
}

static const uint64_t *table(uint64_t entry)
{
	return (const uint64_t *)(hhdm() + ((entry >> 10 & 0xfffffffffffUL) << 12));
}

static const uint64_t *root(void)
{
	return table((satp() & 0xfffffffffffUL) << 10);
}

static bool is_leaf(uint64_t entry)
{
	return entry & (READ | WRITE | EXECUTE);
}

struct mapping walk(uint64_t virt)
{
	const uint64_t *entries = root();
	for (int level = levels() - 1; level >= 0; level--) {
		uint64_t entry = entries[virt >> (12 + 9 * level) & 511];
		if (!(entry & VALID))
			break;
		if (is_leaf(entry)) {
			uint64_t size = PAGE_SIZE << (9 * level);
			uint64_t phys = (entry >> 10 & 0xfffffffffffUL) << 12;
			/* Svnapot: the lower bits of a 64 KiB leaf are its size. */
			if (entry >> 63)
				size = 64 << 10;
			return (struct mapping){ (phys & ~(size - 1)) + (virt & (size - 1)), entry & 0xff };
		}
		entries = table(entry);
	}
	return (struct mapping){ 0, 0 };
}

static uint64_t bad_leaves_in(const uint64_t *entries, int level)
{
	uint64_t bad = 0;
	for (int i = 0; i < 512; i++) {
		uint64_t entry = entries[i];
		if (!(entry & VALID))
			continue;
		if (is_leaf(entry))
			bad += (entry & USER) || (entry & (WRITE | EXECUTE)) == (WRITE | EXECUTE);
		else if (level > 0)
			bad += bad_leaves_in(table(entry), level - 1);
		else
			bad++;
	}
	return bad;
}

uint64_t bad_leaves(void)
{
	return bad_leaves_in(root(), levels() - 1);
}
