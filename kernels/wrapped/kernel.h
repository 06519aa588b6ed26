/* A kernel behind a landing. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <landfall/wrapped.h>

/* start.S: 0, or 1 and the cause of the trap */
uint64_t try_load(const void *place);
uint64_t try_store(void *place);
uint64_t try_call(void *code);
void second_start(void);

/* Causes of traps, and 1. */
enum { FETCH = 1 + 12, LOAD = 1 + 13, STORE = 1 + 15 };

/* print.c */
void put(const char *text);
void put_bytes(const char *text, uint64_t size);
void put_number(uint64_t number);
void report(const char *name, bool holds);
_Noreturn void power_off(void);

/* check.c */
void check_information(const struct lf_wrapped *boot, uint64_t hart, uint64_t stack);
void check_memory(const struct lf_wrapped *boot);
void check_permissions(const struct lf_wrapped *boot);
void check_image(void);

/* harts.c */
void check_harts(const struct lf_wrapped *boot);

static inline void *linear(const struct lf_wrapped *boot, uint64_t phys)
{
	return (void *)(phys + boot->linear_offset);
}

#endif
