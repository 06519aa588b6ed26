/* The workload. Each part gives a number that depends on everything before it. */
#include "parts.h"

#define ROUNDS 16

/* State of this file that others may read: each access goes through the GOT where they might. */
char report[256];
size_t report_size;
uint64_t rounds;

static uint32_t crc(const char *bytes, size_t size)
{
	uint32_t value = ~0U;
	for (size_t i = 0; i < size; i++)
		value = crc_table[(uint8_t)(value ^ (uint8_t)bytes[i])] ^ value >> 8;
	return ~value;
}

static uint64_t interpret(uint64_t program)
{
	uint64_t state = program;
	for (int step = 0; step < 16; step++)
		state = operations[(program >> 4 * step) % OPERATIONS](state, program >> step);
	return state;
}

static uint64_t poll(uint64_t command)
{
	uint64_t state = command;
	for (size_t i = 0; i < DEVICES; i++) {
		struct device *device = devices[i];
		count(i, length(device->name));
		state = (state << 8 | state >> 56) ^ device->read(device, state);
	}
	return state;
}

static int compare(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (uint8_t)*a - (uint8_t)*b;
}

static uint32_t sort(uint64_t order)
{
	const char *sorted[WORDS];
	for (size_t i = 0; i < WORDS; i++)
		sorted[i] = words[(i * 7 + order) % WORDS];
	for (size_t i = 1; i < WORDS; i++)
		for (size_t j = i; j && compare(sorted[j - 1], sorted[j]) > 0; j--) {
			const char *word = sorted[j];
			sorted[j] = sorted[j - 1];
			sorted[j - 1] = word;
		}
	count(4, length(sorted[order % WORDS]));
	uint32_t all = 0;
	for (size_t i = 0; i < WORDS; i++)
		all ^= crc(sorted[i], length(sorted[i])) + (uint32_t)i;
	return all;
}

static void put(char character)
{
	if (report_size < sizeof(report))
		report[report_size++] = character;
}

static void put_text(const char *text)
{
	while (*text)
		put(*text++);
}

static void put_number(uint64_t number)
{
	for (int shift = 60; shift >= 0; shift -= 4)
		put("0123456789abcdef"[number >> shift & 15]);
}

static void describe(uint64_t state)
{
	report_size = 0;
	for (size_t i = 0; i < DEVICES; i++) {
		put_text(devices[i]->name);
		put_text(": ");
		put_text(words[i]);
		put(' ');
		put_number(state);
	}
	put_text("total ");
	put_number(total);
}

static uint64_t statistics(uint64_t state)
{
	for (size_t i = 0; i < COUNTERS; i++)
		state = (state << 5 | state >> 59) ^ counters[i];
	return state;
}

uint64_t compare_c_run(uint64_t *seed)
{
	uint64_t state = *seed;
	parts_begin();
	for (rounds = 0; rounds < ROUNDS; rounds++) {
		state = interpret(state ^ rounds);
		state = poll(state);
		state ^= (uint64_t)sort(state) << 32;
		describe(state);
		state = statistics(crc(report, report_size) ^ state);
	}
	return state;
}
