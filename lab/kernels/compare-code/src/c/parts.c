/* The parts that other files use: tables, statics, functions behind pointers. */
#include "parts.h"

uint32_t crc_table[256];
uint64_t counters[COUNTERS];
uint64_t total;

/* CRC-32 (IEEE 802.3) of each byte value. */
void parts_begin(void)
{
	for (uint32_t byte = 0; byte < 256; byte++) {
		uint32_t crc = byte;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
		crc_table[byte] = crc;
	}
}

void count(size_t counter, uint64_t by)
{
	counters[counter % COUNTERS] += by;
	total += by;
}

size_t length(const char *text)
{
	size_t size = 0;
	while (text[size])
		size++;
	return size;
}

static uint64_t rotate_left(uint64_t a, uint64_t by)
{
	return by & 63 ? a << (by & 63) | a >> (64 - (by & 63)) : a;
}

static uint64_t add(uint64_t a, uint64_t b)
{
	return a + b;
}

static uint64_t subtract(uint64_t a, uint64_t b)
{
	return a - b;
}

static uint64_t exclusive_or(uint64_t a, uint64_t b)
{
	return a ^ b;
}

static uint64_t multiply(uint64_t a, uint64_t b)
{
	return a * (b | 1);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	count(5, 1);
	return a ^ rotate_left(b, 24);
}

static uint64_t count_ones(uint64_t a, uint64_t b)
{
	for (; b; b &= b - 1)
		a++;
	return a;
}

static uint64_t keep(uint64_t a, uint64_t b)
{
	return total ^ a ^ b;
}

uint64_t (*const operations[OPERATIONS])(uint64_t, uint64_t) = {
	add, subtract, exclusive_or, rotate_left, multiply, mix, count_ones, keep,
};

static uint64_t read_letter(struct device *device, uint64_t command)
{
	return (uint8_t)device->name[command % length(device->name)];
}

static uint64_t read_clock(struct device *device, uint64_t command)
{
	count(7, command & 1);
	uint64_t now = device->now;
	device->now += device->step;
	return now;
}

struct device serial = { .name = "serial", .read = read_letter };
struct device slow = { .name = "clock", .read = read_clock, .step = 1 };
struct device randomness = { .name = "random", .read = read_letter };
struct device fast = { .name = "clock", .read = read_clock, .step = 1000, .now = 7 };

struct device *const devices[DEVICES] = { &serial, &slow, &randomness, &fast };

const char *const words[WORDS] = {
	"console", "root", "init", "quiet", "debug", "loglevel", "nokaslr", "maxcpus", "mem", "initrd",
	"earlycon", "rw", "ro", "rootwait", "panic", "nosmp", "isolcpus", "hugepages", "noapic", "acpi",
	"cma", "crashkernel", "dyndbg", "fips", "ftrace", "hz", "ima", "irqfixup", "kasan", "lockdown",
	"nohz", "printk",
};
