/* A console on an ns16550; the firmware's console, before its registers are mapped. */
#include "kernel.h"

enum { DATA, INTERRUPTS, FIFO, LINE = 5 };
#define CAN_SEND 0x20

static uint32_t interrupted;
static volatile uint8_t *registers;

void uart_begin(void)
{
	registers = device_map(UART, PAGE);
	registers[FIFO] = 1;
	registers[INTERRUPTS] = 0;
}

void uart_puts(const char *text)
{
	if (!registers) {
		lf_puts(text);
		return;
	}
	for (; *text; text++) {
		while (!(registers[LINE] & CAN_SEND))
			;
		registers[DATA] = *text;
	}
}

/* The interrupt comes as soon as the UART can send. */
void uart_request_interrupt(void)
{
	registers[INTERRUPTS] = 2;
}

void uart_interrupt(void)
{
	registers[INTERRUPTS] = 0;
	__atomic_store_n(&interrupted, 1, __ATOMIC_RELEASE);
}

bool uart_was_interrupted(void)
{
	return __atomic_load_n(&interrupted, __ATOMIC_ACQUIRE);
}
