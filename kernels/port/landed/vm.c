/* Memory: pages, and mappings of devices in the landing's page tables. */
#include "kernel.h"

static struct lf_range pages;

void *page_take(void)
{
	if (pages.size < PAGE)
		lf_panic("no memory is left");
	pages.size -= PAGE;
	char *page = lf_linear(pages.start + pages.size);
	for (size_t i = 0; i < PAGE; i++)
		page[i] = 0;
	return page;
}

static bool take_frame(void *context, lf_phys *frame)
{
	(void)context;
	*frame = physical(page_take());
	return true;
}

static void give_frame_back(void *context, lf_phys frame)
{
	(void)context;
	(void)frame;
}

void vm_begin(void)
{
	struct lf_range ranges[64];
	size_t count = lf_free_memory(ranges, 64);
	for (size_t i = 0; i < count && i < 64; i++)
		if (ranges[i].size > pages.size)
			pages = ranges[i];
	struct lf_space_options options = { .frames = { take_frame, give_frame_back, NULL } };
	struct lf_error error;
	if (!lf_space_begin(&options, &error))
		lf_panic(error.text);
}

volatile void *device_map(lf_phys registers, uint64_t size)
{
	struct lf_device device;
	struct lf_error error;
	if (!lf_map_device((struct lf_range){ registers, size }, &device, &error))
		lf_panic(error.text);
	return (volatile void *)(uintptr_t)device.registers.start;
}

/* The physical address of static data, or of a page. A stack has none that this could compute. */
lf_phys physical(const void *address)
{
	return lf_phys_of(address);
}
