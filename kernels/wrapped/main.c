/*
 * A kernel that was not made for landfall: it checks what the plain protocol promises, and powers
 * off. `registers` has a bit for each register that is not 0 at the entry.
 */
#include "kernel.h"

void kernel_main(uint64_t hart, const struct lf_wrapped *boot, uint64_t registers, uint64_t stack)
{
	report("registers", registers == 0);
	check_information(boot, hart, stack);
	check_memory(boot);
	check_permissions(boot);
	check_image();
	check_harts(boot);
	power_off();
}
