/* Memory: pages, and page tables in sv39 that map each address to itself. */
#include "kernel.h"

#define ENTRIES 512
enum { VALID = 1, READ = 2, WRITE = 4, EXECUTE = 8, ACCESSED = 64, DIRTY = 128 };

extern char kernel_end[];

static char *next_page = kernel_end;
static uint64_t *root;

void *page_take(void)
{
	char *page = next_page;
	if ((uint64_t)(uintptr_t)page >= RAM_END)
		finish(false);
	next_page += PAGE;
	for (size_t i = 0; i < PAGE; i++)
		page[i] = 0;
	return page;
}

static void map(uint64_t virt, uint64_t phys, uint64_t size, uint64_t flags)
{
	for (uint64_t done = 0; done < size; done += PAGE) {
		uint64_t *table = root;
		for (int level = 2; level > 0; level--) {
			uint64_t *entry = &table[(virt + done) >> (12 + 9 * level) & (ENTRIES - 1)];
			if (!(*entry & VALID))
				*entry = (uint64_t)(uintptr_t)page_take() >> 12 << 10 | VALID;
			table = (uint64_t *)(uintptr_t)(*entry >> 10 << 12);
		}
		table[(virt + done) >> 12 & (ENTRIES - 1)] =
			(phys + done) >> 12 << 10 | flags | ACCESSED | DIRTY | VALID;
	}
}

void vm_build(void)
{
	root = page_take();
	map(UART, UART, PAGE, READ | WRITE);
	map(PLIC, PLIC, 4UL << 20, READ | WRITE);
	map(FINISHER, FINISHER, PAGE, READ | WRITE);
	map(RAM, RAM, RAM_END - RAM, READ | WRITE | EXECUTE);
}

void vm_use(void)
{
	__asm__ volatile("sfence.vma");
	WRITE_CSR(satp, 8UL << 60 | (uint64_t)(uintptr_t)root >> 12);
	__asm__ volatile("sfence.vma");
}

uint64_t physical(const void *address)
{
	return (uint64_t)(uintptr_t)address;
}
