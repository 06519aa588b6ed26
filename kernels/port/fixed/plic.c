/* The interrupt controller (RISC-V Platform-Level Interrupt Controller Specification). */
#include "kernel.h"

#define PRIORITY(source) (4 * (source))
#define ENABLE(context) (0x2000 + 0x80 * (context))
#define THRESHOLD(context) (0x200000 + 0x1000 * (context))
#define CLAIM(context) (0x200004 + 0x1000 * (context))

/* Each hart has a context for machine mode and one for supervisor mode. */
static uint64_t context_of(uint64_t hart)
{
	return 2 * hart + 1;
}

static volatile uint32_t *at(uint64_t offset)
{
	return (volatile uint32_t *)(PLIC + offset);
}

void plic_begin(uint64_t hart)
{
	*at(PRIORITY(UART_SOURCE)) = 1;
	*at(ENABLE(context_of(hart))) = 1 << UART_SOURCE;
	*at(THRESHOLD(context_of(hart))) = 0;
}

void plic_interrupt(uint64_t hart)
{
	uint32_t source = *at(CLAIM(context_of(hart)));
	if (source == UART_SOURCE)
		uart_interrupt();
	if (source)
		*at(CLAIM(context_of(hart))) = source;
}
