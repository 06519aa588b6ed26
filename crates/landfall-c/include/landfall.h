/*
 * Landfall for kernels in C: a landing at any physical address, in any paging mode, at a random
 * virtual address, with right permissions from the first page-table entry.
 *
 *	#include <landfall.h>
 *
 *	static void kernel_main(const struct lf_landing *landing)
 *	{
 *		lf_puts("hello from C\n");
 *		lf_print_report_json();
 *		lf_exit(0);
 *	}
 *
 *	LF_ENTRY(kernel_main, LF_DEFAULT_POLICY);
 *
 *	landfall.h		entry, landing, harts, memory, console, ends, entropy
 *	landfall/policy.h	the requirements of the kernel
 *	landfall/address.h	conversions of addresses, without a load
 *	landfall/trap.h		the trap entry
 *	landfall/space.h	mappings that change while the kernel runs
 *	landfall/modules.h	code that comes at run time
 *	landfall/kexec.h	the start of another kernel
 *
 * Functions may be called on any hart that has landed, from the first line of the kernel's main on,
 * unless a comment says otherwise. Addresses and sizes are in bytes. An array that a function
 * fills may be NULL with capacity 0; the result is the number of elements that there are.
 *
 * Landfall's functions call memcpy, memmove, memset, memcmp and bcmp. The library has its own. A
 * kernel that defines one of them provides it to the landing too, which calls it at the physical
 * address: such a function must read no static pointer. `cargo landfall check` verifies that.
 */
#ifndef LANDFALL_H
#define LANDFALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The version of this interface. Structures that the library fills may grow at their end within a
 * version. A library of another version does not link with this header.
 */
#define LF_ABI 1

#if !defined(__riscv) || __riscv_xlen != 64
#error "landfall.h is for 64-bit RISC-V; compile with riscv64-linux-gnu-gcc or clang --target=riscv64"
#endif
#if !defined(__riscv_cmodel_medany)
#error "landfall.h requires the code model medany; add -mcmodel=medany"
#endif
#if !defined(__riscv_float_abi_double)
#error "landfall.h requires the ABI lp64d, as the library has; add -mabi=lp64d"
#endif

#define LF_NORETURN __attribute__((noreturn))

#ifdef __cplusplus
extern "C" {
#endif

/* A physical address. */
typedef uint64_t lf_phys;
/* A virtual address. */
typedef uint64_t lf_virt;

/* Physical or virtual addresses: the first, and their number. */
struct lf_range {
	uint64_t start;
	uint64_t size;
};

/* Bytes. Text in them has no final zero. */
struct lf_bytes {
	const void *data;
	size_t size;
};

/* The reason why a function failed: FACT; CAUSE; HELP, with a final zero. */
struct lf_error {
	char text[256];
};

/* ------------------------------------------------------------------------------ the landing */

/* The facts and the places of this boot. They do not change. */
struct lf_landing {
	uint32_t abi;			/* LF_ABI of the library */
	uint32_t size;			/* bytes of this structure in the library */
	uint32_t mode;			/* bits of virtual addresses: 39, 48 or 57 */
	uint32_t seed_bits;		/* bits of the seed that placed everything; 0: not random */
	uint64_t boot_hart;		/* id of the hart that entered first */
	uint64_t satp;			/* satp of every hart */
	uint64_t timebase;		/* ticks of `time` a second; 0: unknown */
	struct lf_range image;		/* virtual: the kernel */
	struct lf_range image_memory;	/* physical: the kernel */
	struct lf_range linear;		/* virtual: the linear map */
	struct lf_range dynamic;	/* virtual: for mappings of the kernel */
	struct lf_range near;		/* virtual: for code within reach of the kernel */
	struct lf_range crash;		/* physical: reserved for a crash kernel; may be empty */
	struct lf_bytes tree;		/* the device tree, without seeds */
	struct lf_bytes command_line;	/* may be empty */
	struct lf_bytes initrd;		/* may be empty */
	struct lf_bytes build_id;	/* 20 bytes, or none */
};

/* -------------------------------------------------------------------------------- the entry */

/* The kernel's main: on the boot hart, after all other harts have landed or were skipped. */
typedef void lf_main(const struct lf_landing *landing);

/*
 * The function of each other hart, on its own stack. `hart` is its index, from 1. The boot hart
 * may not have entered its main yet. Neither function returns.
 */
typedef void lf_secondary(const struct lf_landing *landing, uint32_t hart);

#include "landfall/policy.h"

/* Names the main of a kernel that uses the boot hart alone; the other harts stay with the firmware. */
#define LF_ENTRY(main_function, ...) \
	LF_NORETURN void lf_kernel_secondary(const struct lf_landing *lf_landing_, uint32_t lf_hart_) \
	{ \
		(void)lf_landing_; \
		(void)lf_hart_; \
		lf_power_off(); \
	} \
	LF_ENTRY_(main_function, LF_STARTING_BOOT_HART, __VA_ARGS__)

/* Names the main, and the function that every other hart calls as soon as it has landed. */
#define LF_ENTRY_ALL_HARTS(main_function, secondary_function, ...) \
	LF_NORETURN void lf_kernel_secondary(const struct lf_landing *lf_landing_, uint32_t lf_hart_) \
	{ \
		(1 ? (secondary_function) : (lf_secondary *)0)(lf_landing_, lf_hart_); \
		lf_panic("the kernel's function for other harts returned"); \
	} \
	LF_ENTRY_(main_function, LF_STARTING_ALL_HARTS, __VA_ARGS__)

/*
 * For the two macros above. The function must have the right type for the conditional expression.
 * The last declaration takes the semicolon of the caller.
 */
#define LF_ENTRY_(main_function, starting_harts, ...) \
	LF_NORETURN void lf_kernel_main(const struct lf_landing *lf_landing_) \
	{ \
		__asm__ volatile("" : : "r"(&lf_abi_1)); \
		(1 ? (main_function) : (lf_main *)0)(lf_landing_); \
		lf_panic("the kernel's main returned"); \
	} \
	LF_POLICY_RECORD_(starting_harts, __VA_ARGS__) \
	extern const uint8_t lf_abi_1

LF_NORETURN void lf_kernel_main(const struct lf_landing *landing);
LF_NORETURN void lf_kernel_secondary(const struct lf_landing *landing, uint32_t hart);
/* In the library, for each version that it has. */
extern const uint8_t lf_abi_1;

/* -------------------------------------------------------------------------------- the harts */

/* The index of a hart without a stack, which does not run. */
#define LF_NO_HART UINT32_MAX
/* The index of the boot hart. */
#define LF_BOOT_HART 0

enum lf_hart_state {
	LF_HART_ONLINE,		/* it has landed */
	LF_HART_ABSENT,		/* the policy or the device tree leaves it out */
	LF_HART_REJECTED,	/* the firmware rejected its start */
	LF_HART_NO_ANSWER,	/* it did not come in time */
	LF_HART_MODE_REFUSED,	/* it did not take the mode that the tree promises */
	LF_HART_LOST,		/* it began to land and was not heard of again */
};

struct lf_hart {
	uint64_t id;		/* as the device tree and the SBI know it */
	uint32_t index;		/* from 0, the boot hart; or LF_NO_HART */
	uint32_t state;		/* enum lf_hart_state */
};

/* Writes the harts, in the device tree's order. */
size_t lf_harts(struct lf_hart *harts, size_t capacity);

/* Returns the number of harts that have landed, the boot hart included. */
uint32_t lf_online_harts(void);

/*
 * Returns the id of the hart with an index; UINT64_MAX if no hart has it. Interrupt controllers and
 * the SBI go by ids.
 */
uint64_t lf_hart_id(uint32_t hart);

/* Returns the index of the hart with an id, LF_NO_HART if it has no stack. */
uint32_t lf_hart_index(uint64_t id);

/*
 * Returns the virtual addresses of a hart's stack, below which 64 KiB are unmapped. Empty if no
 * hart has the index.
 */
struct lf_range lf_stack(uint32_t hart);

/* ----------------------------------------------------------------------------------- memory */

enum lf_ram_use {
	LF_RAM_FREE,		/* the kernel's to use; the same as lf_free_memory */
	LF_RAM_IMAGE,
	LF_RAM_TABLES,		/* page tables of the landing */
	LF_RAM_STACKS,
	LF_RAM_TREE,
	LF_RAM_INITRD,
	LF_RAM_CRASH,		/* reserved for a crash kernel; not mapped */
	LF_RAM_FIRMWARE,	/* must not be mapped */
	LF_RAM_RESERVED,	/* reserved by the device tree, and mapped */
	LF_RAM_UNREACHED,	/* beyond the linear map */
};

struct lf_ram_part {
	struct lf_range range;	/* physical */
	uint32_t use;		/* enum lf_ram_use */
	uint32_t unused;
};

/* Writes all RAM by its use, in ascending order. */
size_t lf_ram(struct lf_ram_part *parts, size_t capacity);

/* Writes memory that is mapped and has no owner, in ascending order, in whole pages. */
size_t lf_free_memory(struct lf_range *ranges, size_t capacity);

enum lf_access {
	LF_READ_ONLY,
	LF_READ_WRITE,
	LF_READ_EXECUTE,
};

struct lf_mapping {
	lf_virt virt;
	lf_phys phys;
	uint64_t size;
	uint32_t access;	/* enum lf_access */
	uint32_t unused;
};

/* Writes the mappings of the landing, in ascending order of virtual addresses. */
size_t lf_mappings(struct lf_mapping *mappings, size_t capacity);

/* The landing's page tables, for a kernel that replaces them. */
struct lf_tables {
	lf_phys root;
	struct lf_range frames;	/* physical: all tables */
};

/*
 * Takes the tables over; false if they were taken already. A kernel with tables of its own keeps
 * every mapping of lf_mappings at its address, with no more than its access.
 */
bool lf_take_tables(struct lf_tables *tables);

enum lf_memory_type {
	LF_MEMORY,	/* as the physical address says */
	LF_DEVICE,	/* registers of a device */
};

/*
 * Returns the entry of a leaf for the kernel, global, with A and D set, and with the bits for its
 * memory type if this machine requires them (T-Head's parts). The address is a multiple of the
 * leaf's size.
 */
uint64_t lf_leaf(lf_phys phys, enum lf_access access, enum lf_memory_type type);

/*
 * Returns the memory of the tables, which is free from then on. Every hart must have written
 * another root to satp, and executed sfence.vma behind that.
 */
struct lf_range lf_give_up_tables(void);

/* ---------------------------------------------------------------------------------- console */

/* Prints text with a final zero on the firmware's console, in one piece. */
void lf_puts(const char *text);

/* Prints `size` characters. */
void lf_write(const char *characters, size_t size);

/* Prints the report of the landing for people. Addresses appear if the policy discloses them. */
void lf_print_report(void);

/* Prints the report as a line of JSON, by which `cargo landfall run` knows that the kernel landed. */
void lf_print_report_json(void);

/* ------------------------------------------------------------------------------------- ends */

/* Ends the kernel: prints `landfall: exit CODE`, and powers the machine off. 0 is success. */
LF_NORETURN void lf_exit(int code);

/* Powers the machine off. */
LF_NORETURN void lf_power_off(void);

/* Reboots the machine. */
LF_NORETURN void lf_reboot(void);

/* Prints a line with the reason, and powers the machine off after a failure. */
LF_NORETURN void lf_panic(const char *reason);

/* ---------------------------------------------------------------------------------- entropy */

/*
 * Writes 32 random bytes for the kernel, and returns how many bits nobody can know. The first
 * call alone succeeds; others, and a boot without a good seed, return 0 and write nothing.
 */
uint32_t lf_take_entropy(uint8_t bytes[32]);

#ifdef __cplusplus
}
#endif

#include "landfall/address.h"
#include "landfall/kexec.h"
#include "landfall/modules.h"
#include "landfall/space.h"
#include "landfall/trap.h"

#endif
