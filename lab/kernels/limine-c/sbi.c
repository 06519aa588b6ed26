/* Text and the end, by SBI. */
#include "kernel.h"

#define DBCN 0x4442434eUL
#define SRST 0x53525354UL
#define LEGACY_PUTCHAR 1UL

static bool failed;

static long call(unsigned long extension, unsigned long function, unsigned long a, unsigned long b)
{
	register unsigned long a0 __asm__("a0") = a;
	register unsigned long a1 __asm__("a1") = b;
	register unsigned long a6 __asm__("a6") = function;
	register unsigned long a7 __asm__("a7") = extension;
	__asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
	return (long)a0;
}

static void put_byte(char byte)
{
	if (call(DBCN, 2, (unsigned char)byte, 0) != 0)
		call(LEGACY_PUTCHAR, 0, (unsigned char)byte, 0);
}

void put(const char *text)
{
	while (*text)
		put_byte(*text++);
}

void put_number(uint64_t value)
{
	put("0x");
	for (int shift = 60; shift >= 0; shift -= 4)
		put_byte("0123456789abcdef"[value >> shift & 15]);
}

void say(const char *name, uint64_t value)
{
	put("limine: ");
	put(name);
	put(" ");
	put_number(value);
	put("\n");
}

void expect(const char *test, bool holds)
{
	put("limine: test ");
	put(test);
	put(holds ? " ok\n" : " failed\n");
	failed |= !holds;
}

/* `cargo landfall run` takes its exit status from the last line. */
void end(void)
{
	put(failed ? "landfall: exit 1\n" : "landfall: exit 0\n");
	/* System failure is reason 1 of a shutdown. */
	call(SRST, 0, 0, failed);
	for (;;)
		__asm__ volatile("wfi");
}
