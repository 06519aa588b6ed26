/* The other harts. */
#include "kernel.h"

static uint64_t arrived;
static uint64_t wrong;

/* The path of each other hart. */
void second_main(uint64_t hart, struct lf_wrapped_hart *record, uint64_t stack)
{
	bool right = record->id == hart && record->stack_top == stack && record->argument == hart + 1
		&& try_store((void *)(stack - 8)) == 0 && try_load((void *)(record->stack_bottom - 8)) == LOAD;
	if (!right)
		__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&arrived, 1, __ATOMIC_RELEASE);
	for (;;)
		__asm__ volatile("wfi");
}

void check_harts(const struct lf_wrapped *boot)
{
	for (uint64_t i = 0; i < boot->hart_count; i++) {
		struct lf_wrapped_hart *hart = &boot->harts[i];
		if (hart->id == boot->boot_hart)
			continue;
		hart->argument = hart->id + 1;
		__atomic_store_n(&hart->release, (uint64_t)second_start, __ATOMIC_RELEASE);
	}
	while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) != boot->hart_count - 1)
		;
	report("harts", __atomic_load_n(&wrong, __ATOMIC_RELAXED) == 0);
	put("wrapped: harts ");
	put_number(boot->hart_count);
	put("\n");
}
