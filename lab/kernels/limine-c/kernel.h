#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol.h"

#define PAGE_SIZE 4096UL
/* The size of each stack, as the kernel requests it. */
#define STACK_SIZE (256UL << 10)
/* The argument of the harts that this kernel starts. */
#define ARGUMENT 0x5eedUL

/* The registers of a hart at its first instruction: x[0] is its pc. */
struct state {
	uint64_t x[32];
	uint64_t sstatus, sie, stvec, satp;
};

/* entry.S */
void limine_entry(void);
void hart_entry(void);

/* sbi.c */
void put(const char *text);
void put_number(uint64_t value);
/* Prints a line `limine: NAME VALUE`. */
void say(const char *name, uint64_t value);
/* Prints the result of a test. */
void expect(const char *test, bool holds);
_Noreturn void end(void);

/* requests.c */
extern struct request loader_info_request, command_line_request, firmware_request, stack_request,
	hhdm_request, framebuffer_request, mode_request, mp_request, boot_hart_request, memory_request,
	entry_request, file_request, module_request, rsdp_request, smbios_request, system_table_request,
	efi_memory_request, date_request, address_request, tree_request, performance_request,
	frequency_request, entropy_request, unknown_request, outside_request;
extern uint64_t base_revision[3];

/* walk.c */
struct mapping {
	uint64_t phys;
	uint64_t flags;
};
#define READ 2UL
#define WRITE 4UL
#define EXECUTE 8UL
#define USER 16UL
#define GLOBAL 32UL
/* Returns the mapping of an address by this hart's tables; no flags if there is none. */
struct mapping walk(uint64_t virt);
/* Returns the number of leaves that are writable and executable, or for user mode. */
uint64_t bad_leaves(void);

/* memory.c */
/* Returns true if all of this physical memory has one kind. */
bool has_kind(uint64_t phys, uint64_t size, enum memory_kind kind);
void check_memory(void);
void check_image(void);

/* machine.c */
void check_state(const char *test, const struct state *state, uint64_t entry, uint64_t a0);
void check_machine(void);
void check_harts(void);

static inline uint64_t hhdm(void)
{
	const struct number *response = hhdm_request.response;
	return response->value;
}

#endif
