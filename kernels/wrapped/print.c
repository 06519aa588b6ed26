/* The console and the end, by the SBI. */
#include "kernel.h"

enum { DBCN = 0x4442434e, SRST = 0x53525354, PUTCHAR = 1, SHUTDOWN = 8 };

static bool failed;

static long sbi(long extension, long function, long first, long second)
{
	register long a0 __asm__("a0") = first;
	register long a1 __asm__("a1") = second;
	register long a6 __asm__("a6") = function;
	register long a7 __asm__("a7") = extension;
	__asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
	return a0;
}

static void put_byte(char byte)
{
	if (sbi(DBCN, 2, byte, 0) != 0)
		sbi(PUTCHAR, 0, byte, 0);
}

void put_bytes(const char *text, uint64_t size)
{
	for (uint64_t i = 0; i < size; i++)
		put_byte(text[i]);
}

void put(const char *text)
{
	for (; *text; text++)
		put_byte(*text);
}

void put_number(uint64_t number)
{
	put("0x");
	for (int shift = 60; shift >= 0; shift -= 4)
		put_byte("0123456789abcdef"[number >> shift & 15]);
}

void report(const char *name, bool holds)
{
	put("wrapped: ");
	put(name);
	put(holds ? " ok\n" : " failed\n");
	failed |= !holds;
}

/* `cargo landfall run` takes its exit status from the last line. */
void power_off(void)
{
	put(failed ? "wrapped: failed\nlandfall: exit 1\n" : "wrapped: all ok\nlandfall: exit 0\n");
	sbi(SRST, 0, 0, failed);
	sbi(SHUTDOWN, 0, 0, 0);
	for (;;)
		;
}
