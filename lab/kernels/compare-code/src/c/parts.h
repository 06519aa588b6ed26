/*
 * The workload of compare-workload in C: a CRC by table, a table of functions, devices behind
 * pointers, counters, formatting, sorting. Two files, as kernels have many.
 */
#ifndef PARTS_H
#define PARTS_H

#include <stddef.h>
#include <stdint.h>

#define COUNTERS 8
#define OPERATIONS 8
#define DEVICES 4
#define WORDS 32

struct device {
	const char *name;
	uint64_t (*read)(struct device *device, uint64_t command);
	uint64_t step;
	uint64_t now;
};

extern uint32_t crc_table[256];
extern uint64_t counters[COUNTERS];
extern uint64_t total;
extern uint64_t (*const operations[OPERATIONS])(uint64_t, uint64_t);
extern struct device *const devices[DEVICES];
extern const char *const words[WORDS];

void parts_begin(void);
void count(size_t counter, uint64_t by);
size_t length(const char *text);

#endif
