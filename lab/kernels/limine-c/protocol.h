/*
 * Structures of the Limine boot protocol, written from its text. They share nothing with
 * crates/landfall-limine, which they test.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include <stdint.h>

#define TAG { 0xf9562b2d5c95a6c8, 0x6a7b384944536bdc, BASE_REVISION }
#define START_MARKER { 0xf6b8f4b39de7d1ae, 0xfab91a6940fcb9cf, 0x785c6ed015d3e316, 0x181e920a7852b9d9 }
#define END_MARKER { 0xadc0e0531bb10d03, 0x9572709f31764c62 }
#define ID(a, b) { 0xc7b1dd30df4c8b88, 0x0a82e883a194f07b, a, b }

/* A request, with the words that some have behind the address of the response. */
struct request {
	uint64_t id[4];
	uint64_t revision;
	const void *response;
	uint64_t operands[3];
};

enum memory_kind {
	USABLE,
	RESERVED,
	ACPI_RECLAIMABLE,
	ACPI_NVS,
	BAD_MEMORY,
	LOADER_RECLAIMABLE,
	EXECUTABLE_AND_MODULES,
	FRAMEBUFFER,
	RESERVED_MAPPED,
};

struct memory_range {
	uint64_t base;
	uint64_t length;
	uint64_t kind;
};

struct memory_map {
	uint64_t revision;
	uint64_t count;
	struct memory_range **ranges;
};

struct loader_info {
	uint64_t revision;
	const char *name;
	const char *version;
};

struct command_line {
	uint64_t revision;
	const char *text;
};

/* A response with one number, of which the feature gives the meaning. */
struct number {
	uint64_t revision;
	uint64_t value;
};

struct executable_address {
	uint64_t revision;
	uint64_t phys;
	uint64_t virt;
};

struct device_tree {
	uint64_t revision;
	const uint8_t *blob;
};

struct file {
	uint64_t revision;
	const void *address;
	uint64_t size;
	const char *path;
	const char *text;
	uint32_t media_type;
	uint32_t unused;
	uint8_t tftp_ipv4[4];
	uint32_t tftp_port;
	uint32_t partition_index;
	uint32_t mbr_disk_id;
	uint8_t uuids[3][16];
};
_Static_assert(sizeof(struct file) == 112, "the layout of a file");

struct executable_file {
	uint64_t revision;
	const struct file *file;
};

struct modules {
	uint64_t revision;
	uint64_t count;
	const struct file **files;
};

struct internal_module {
	const char *path;
	const char *text;
	uint64_t flags;
};

struct hart {
	uint64_t acpi_uid;
	uint64_t id;
	uint64_t reserved;
	uint64_t start;
	uint64_t argument;
};

struct mp {
	uint64_t revision;
	uint64_t flags;
	uint64_t boot_hart;
	uint64_t count;
	struct hart **harts;
};

struct framebuffer {
	uint8_t *address;
	uint64_t width, height, pitch;
	uint16_t bits;
	uint8_t model;
	uint8_t red_size, red_shift, green_size, green_shift, blue_size, blue_shift;
	uint8_t unused[7];
	uint64_t edid_size;
	const void *edid;
	uint64_t mode_count;
	const void **modes;
};
_Static_assert(sizeof(struct framebuffer) == 80, "the layout of a framebuffer");

struct framebuffers {
	uint64_t revision;
	uint64_t count;
	struct framebuffer **framebuffers;
};

struct entropy {
	uint64_t revision;
	uint64_t count;
	const uint64_t *values;
};

#endif
