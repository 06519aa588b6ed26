/*
 * The requirements of a kernel, as a record in its image. landfall.h includes this file.
 *
 *	LF_ENTRY(kernel_main, LF_POLICY(.stack_size = 128 << 10, .disclosure = LF_DISCLOSE));
 *
 * A field that is not named has its default. `cargo landfall check` reports a policy that no
 * machine can fulfill.
 */
#ifndef LANDFALL_POLICY_H
#define LANDFALL_POLICY_H

enum { LF_SV39 = 8, LF_SV48 = 9, LF_SV57 = 10, LF_ALL_MODES = 1 };
enum { LF_KASLR_ENABLED, LF_KASLR_DISABLED };
enum { LF_WITHHOLD, LF_DISCLOSE };
enum { LF_STARTING_ALL_HARTS, LF_STARTING_BOOT_HART };
enum { LF_OWN_REGION, LF_LINEAR_MAP };
enum { LF_ALIAS_READ_ONLY, LF_ALIAS_ABSENT };
enum { LF_STAY, LF_PACK, LF_RANDOM };
enum { LF_NO_PIN, LF_PIN_OFFSET, LF_PIN_BASE };

enum { LF_RANDOM_TABLES, LF_LOWEST_TABLES };

/* Indexes of arrays with an element for each mode. */
enum { LF_IN_SV39, LF_IN_SV48, LF_IN_SV57 };

/* The record: version 3. */
struct lf_policy {
	uint32_t version;
	uint8_t lowest_mode;		/* LF_SV39 */
	uint8_t highest_mode;		/* LF_SV57 */
	uint8_t kaslr;			/* LF_KASLR_ENABLED: addresses are random */
	uint8_t disclosure;		/* LF_WITHHOLD: reports contain no random addresses */
	uint8_t starting;		/* the entry's macro sets it */
	uint8_t placement;		/* LF_OWN_REGION: the kernel's place in the address space */
	uint8_t alias;			/* LF_ALIAS_READ_ONLY: text and constants in the linear map */
	uint8_t physical;		/* LF_STAY: the kernel's place in memory */
	uint8_t linear_pin_kind[3];	/* LF_NO_PIN; by mode */
	uint8_t tables;			/* LF_RANDOM_TABLES: page tables and stacks in memory */
	uint64_t stack_size;		/* 64 KiB: a multiple of 4 KiB from 8 KiB to 1 MiB */
	uint64_t near_size;		/* 128 MiB: a multiple of 2 MiB up to 1 GiB; 0: no region */
	uint64_t dynamic_size;		/* 16 GiB; 0: no region */
	uint64_t ram_limit;		/* 0: a quarter of the address space; a multiple of 1 GiB */
	uint64_t max_harts;		/* all */
	uint64_t linear_pin[3];		/* by mode: offset or base of the linear map */
	uint64_t kernel_pin[3];		/* by mode: base of the kernel, a multiple of 2 MiB; 0: none */
	uint8_t window_modes[8];	/* 0: no window; LF_ALL_MODES, or the mode */
	struct {
		uint64_t start;
		uint64_t size;
	} window[8];			/* virtual addresses that stay free */
	uint64_t crash_memory;		/* 0: none; bytes for a crash kernel */
};

#define LF_POLICY_DEFAULTS_ \
	.version = 3, .lowest_mode = LF_SV39, .highest_mode = LF_SV57, .stack_size = 64 << 10, \
	.near_size = 128 << 20, .dynamic_size = (uint64_t)16 << 30, .max_harts = UINT64_MAX

/* The policy of a kernel that requires nothing special. */
#define LF_DEFAULT_POLICY LF_POLICY_DEFAULTS_

/* The default policy, with the named fields changed. */
#define LF_POLICY(...) LF_POLICY_DEFAULTS_, __VA_ARGS__

/* A field that is named again replaces its default. Compilers warn of that. */
#ifdef __clang__
#define LF_REPLACES_ _Pragma("GCC diagnostic ignored \"-Winitializer-overrides\"")
#else
#define LF_REPLACES_ _Pragma("GCC diagnostic ignored \"-Woverride-init\"")
#endif

/* For the macros of the entry. */
#define LF_POLICY_RECORD_(starting_harts, ...) \
	_Pragma("GCC diagnostic push") LF_REPLACES_ \
	static const struct lf_policy lf_policy_record_ \
		__attribute__((section(".landfall.policy"), used, aligned(8))) = { \
			__VA_ARGS__, .starting = (starting_harts) }; \
	_Pragma("GCC diagnostic pop")

#endif
