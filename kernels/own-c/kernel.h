/*
 * A small kernel in C: it lands with landfall, builds its own page tables, takes traps and timer
 * interrupts, and runs a user process on every hart.
 *
 *	main.c		the order of everything
 *	frames.c	free memory, by pages
 *	tables.c	page tables in any mode
 *	trap.c		traps: timer, system calls, faults
 *	process.c	a process for each hart
 *	program.S	the code of the processes
 *	print.c		formatted output
 *	sbi.c		calls of the firmware
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <landfall.h>

#define PAGE_SIZE 4096UL
#define MAX_HARTS 64

/* frames.c */
void frames_begin(void);
lf_phys frame_take(void);
void frames_add(struct lf_range memory);

/* tables.c */
enum leaf_owner { FOR_KERNEL, FOR_USER };

struct tables {
	lf_phys root;
	uint32_t levels;
	uint64_t mode;		/* of satp, in its place */
};

struct tables tables_new(uint32_t address_bits);
struct tables tables_with_kernel_of(const struct tables *kernel);
void tables_map(struct tables *tables, struct lf_mapping mapping, enum leaf_owner owner,
		enum lf_memory_type type);
void tables_use(const struct tables *tables);

/* trap.c */
void traps_begin(void);
uint64_t timer_ticks(void);

/* process.c */
void process_run(const struct tables *kernel, uint32_t hart, void (*next)(uint32_t hart));
void process_call(struct lf_trap_frame *frame);
bool process_succeeded(uint32_t hart);

/* print.c */
__attribute__((format(printf, 1, 2))) void print(const char *format, ...);

/* sbi.c */
void sbi_set_timer(uint64_t time);

#endif
