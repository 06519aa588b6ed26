#ifndef INTERFACE_H
#define INTERFACE_H

#include <landfall.h>

#define PAGE_SIZE 4096UL

/* Prints a line `c: NAME VALUE`. */
void say(const char *name, uint64_t value);
/* Prints the result of a test. */
void expect(const char *test, bool holds);
bool has_word(const struct lf_landing *landing, const char *word);

/* The trap that a test waits for: its cause, and whether it came. */
struct expected_trap {
	uint64_t cause;
	uint32_t came;
	uint64_t value;
};
extern struct expected_trap expected_trap;

/* Returns true if a load, or a store, faults. */
bool load_faults(lf_virt address);
bool store_faults(lf_virt address);

void check_traps(void);
void check_space(void);
void check_module(const struct lf_landing *landing);
void start_again(const struct lf_landing *landing);
LF_NORETURN void check_again(const struct lf_landing *landing);
/* Makes the calling hart stop when another one starts the next kernel. */
void wait_for_kexec(void);

/* Pages of free memory, each for one owner, from the upper end. */
struct lf_range take_pages(uint64_t pages);

#endif
