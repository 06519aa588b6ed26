/*
 * Page tables in sv39, sv48 and sv57 (privileged specification, "Sv39: Page-Based 39-bit
 * Virtual-Memory System" and the two sections behind it).
 */
#include "kernel.h"

#define ENTRIES 512
#define VALID (1UL << 0)
#define USER (1UL << 4)
#define GLOBAL (1UL << 5)
#define PPN_SHIFT 10
#define PPN_MASK (((1UL << 44) - 1) << PPN_SHIFT)
/* The highest level with leaves: 1 GiB. */
#define LARGEST_LEAF 2

static uint64_t leaf_size(uint32_t level)
{
	return PAGE_SIZE << 9 * level;
}

static lf_phys target(uint64_t entry)
{
	return (entry & PPN_MASK) >> PPN_SHIFT << 12;
}

struct tables tables_new(uint32_t address_bits)
{
	uint32_t levels = (address_bits - 12) / 9;
	/* MODE is 8 for sv39, with three levels. */
	return (struct tables){ .root = frame_take(), .levels = levels, .mode = (uint64_t)(levels + 5) << 60 };
}

/* The upper half of the root is the kernel's. Its entries do not change any more. */
struct tables tables_with_kernel_of(const struct tables *kernel)
{
	struct tables tables = *kernel;
	tables.root = frame_take();
	const uint64_t *from = lf_linear(kernel->root);
	uint64_t *to = lf_linear(tables.root);
	for (size_t i = ENTRIES / 2; i < ENTRIES; i++)
		to[i] = from[i];
	return tables;
}

/* Returns the entry of `level` for an address, with the tables that lead to it. */
static uint64_t *entry_of(const struct tables *tables, lf_virt virt, uint32_t level)
{
	uint64_t *table = lf_linear(tables->root);
	for (uint32_t above = tables->levels - 1; above > level; above--) {
		uint64_t *entry = &table[virt >> (12 + 9 * above) & (ENTRIES - 1)];
		if (!(*entry & VALID))
			*entry = frame_take() >> 12 << PPN_SHIFT | VALID;
		table = lf_linear(target(*entry));
	}
	return &table[virt >> (12 + 9 * level) & (ENTRIES - 1)];
}

/* Returns the level of the largest leaf that maps the beginning of a range. */
static uint32_t largest_leaf(lf_virt virt, lf_phys phys, uint64_t size)
{
	uint32_t level = LARGEST_LEAF;
	while (level && (((virt | phys) & (leaf_size(level) - 1)) || size < leaf_size(level)))
		level--;
	return level;
}

void tables_map(struct tables *tables, struct lf_mapping mapping, enum leaf_owner owner,
		enum lf_memory_type type)
{
	for (uint64_t done = 0; done < mapping.size;) {
		lf_virt virt = mapping.virt + done;
		lf_phys phys = mapping.phys + done;
		uint32_t level = largest_leaf(virt, phys, mapping.size - done);
		uint64_t leaf = lf_leaf(phys, mapping.access, type);
		if (owner == FOR_USER)
			leaf = (leaf & ~GLOBAL) | USER;
		*entry_of(tables, virt, level) = leaf;
		done += leaf_size(level);
	}
}

/* Every address that this hart uses is mapped in both tables in the same way. */
void tables_use(const struct tables *tables)
{
	uint64_t satp = tables->mode | tables->root >> 12;
	__asm__ volatile("sfence.vma\n\tcsrw satp, %0\n\tsfence.vma" : : "r"(satp) : "memory");
}
