/* Free memory, by pages. Each page that was taken is zero. */
#include "kernel.h"

#define MAX_RANGES 64

static struct lf_range ranges[MAX_RANGES];
static size_t count;
static uint32_t locked;

void frames_begin(void)
{
	count = lf_free_memory(ranges, MAX_RANGES);
	if (count > MAX_RANGES)
		count = MAX_RANGES;
}

static void lock(void)
{
	while (__atomic_exchange_n(&locked, 1, __ATOMIC_ACQUIRE))
		;
}

static void unlock(void)
{
	__atomic_store_n(&locked, 0, __ATOMIC_RELEASE);
}

lf_phys frame_take(void)
{
	lock();
	while (count && ranges[count - 1].size < PAGE_SIZE)
		count--;
	if (!count)
		lf_panic("no memory is left");
	struct lf_range *last = &ranges[count - 1];
	lf_phys frame = last->start;
	last->start += PAGE_SIZE;
	last->size -= PAGE_SIZE;
	unlock();

	uint64_t *words = lf_linear(frame);
	for (size_t i = 0; i < PAGE_SIZE / sizeof(*words); i++)
		words[i] = 0;
	return frame;
}

void frames_add(struct lf_range memory)
{
	lock();
	if (count < MAX_RANGES)
		ranges[count++] = memory;
	unlock();
}
