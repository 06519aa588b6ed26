/*
 * The plain protocol: the boot information of a kernel that `cargo landfall wrap` has put behind a
 * landing. The kernel needs this file and nothing else of landfall. The book's chapter on `wrap`
 * has the rules.
 *
 * The boot hart enters the ELF's entry:
 *
 *   a0    the hart's id
 *   a1    struct lf_wrapped
 *   sp    the top of the hart's own stack, a multiple of 16
 *   stvec a handler that prints the trap and powers off
 *   satp  the tables in which the kernel runs
 *
 * All other integer and floating-point registers, sscratch and sie are 0, and interrupts are off.
 *
 * The tables map the kernel by its program headers, all RAM but the kinds LF_WRAPPED_FIRMWARE,
 * LF_WRAPPED_CRASH and LF_WRAPPED_UNREACHED at one offset (the linear map), and the stacks. No page
 * is writable and executable, at any address. Devices are not mapped. A wrapper with the policy
 * alias=absent leaves the kernel's text and constants, and the page in which harts wait, out of the
 * linear map.
 *
 * All pointers are addresses of the linear map, except stacks.
 */
#ifndef LANDFALL_WRAPPED_H
#define LANDFALL_WRAPPED_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LF_WRAPPED_MAGIC 0x000050415257464cu	/* "LFWRAP" and two zeros, in memory */
#define LF_WRAPPED_VERSION 1

/* The use of a part of RAM. */
enum lf_wrapped_use {
	LF_WRAPPED_USABLE = 1,		/* free */
	/* The first tables and stacks, and this information: free once the kernel needs none of
	   them, and no hart waits. */
	LF_WRAPPED_RECLAIMABLE = 2,
	LF_WRAPPED_KERNEL = 3,		/* the kernel */
	LF_WRAPPED_DEVICE_TREE = 4,
	LF_WRAPPED_INITRD = 5,
	LF_WRAPPED_RESERVED = 6,	/* by the device tree, or the page in which harts wait, which
					   is read-only in the linear map, or absent */
	LF_WRAPPED_FIRMWARE = 7,	/* the firmware's, not mapped */
	LF_WRAPPED_CRASH = 8,		/* for a crash kernel, not mapped */
	LF_WRAPPED_UNREACHED = 9,	/* RAM beyond the linear map */
};

/* A part of RAM. */
struct lf_wrapped_range {
	uint64_t start;			/* physical, a multiple of 4096 if the part can be used */
	uint64_t size;
	uint64_t use;			/* enum lf_wrapped_use */
};

/*
 * A hart. All but the boot hart wait, each until `release` is not 0. The hart then jumps there,
 * after fence.i and sfence.vma, with its registers as the boot hart's: a0 is its id, a1 its record,
 * sp its own stack. The kernel writes `release` last, by a store with release order.
 */
struct lf_wrapped_hart {
	uint64_t release;		/* the virtual address at which the hart goes on */
	uint64_t id;
	uint64_t argument;		/* the kernel's own */
	uint64_t stack_bottom;		/* at least 64 KiB below are not mapped */
	uint64_t stack_top;
};

struct lf_wrapped {
	uint64_t magic;			/* LF_WRAPPED_MAGIC */
	uint32_t version;		/* LF_WRAPPED_VERSION; later ones only add fields */
	uint32_t size;			/* of this structure */
	uint64_t mode;			/* satp.MODE: 8 for sv39, 9 for sv48, 10 for sv57 */
	uint64_t kernel_phys;
	uint64_t kernel_virt;
	uint64_t kernel_size;
	uint64_t linear_offset;		/* virtual minus physical address, modulo 2^64 */
	uint64_t linear_phys;		/* the first physical address in the linear map */
	uint64_t linear_size;		/* up to the last one, holes included */
	const struct lf_wrapped_range *memory;	/* all RAM, ascending, without overlaps */
	uint64_t memory_count;
	const void *device_tree;
	uint64_t device_tree_size;
	const void *initrd;		/* 0 without one */
	uint64_t initrd_size;
	const char *command_line;	/* ends with a 0, which the size leaves out */
	uint64_t command_line_size;
	struct lf_wrapped_hart *harts;	/* those that landed, the boot hart among them */
	uint64_t hart_count;
	uint64_t boot_hart;		/* its id */
	uint64_t stack_size;
	uint64_t entropy_bits;		/* at most, of the following bytes; 0 without entropy */
	uint8_t entropy[32];		/* of no other use: the kernel overwrites it */
};

#ifdef __cplusplus
}
#endif

#endif
