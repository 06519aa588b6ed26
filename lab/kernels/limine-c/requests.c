/* The requests. One lies before the start marker, where a loader must not answer it. */
#include "kernel.h"

#define IN(name) __attribute__((section(".requests." name), used, aligned(8)))
#define REQUEST(name, ...) IN("1") struct request name##_request = { __VA_ARGS__ }

/* A response that a loader must leave as it is. */
#define UNTOUCHED ((const void *)0x1234)

IN("0") struct request outside_request = {
	.id = ID(0xf55038d8e2a1202f, 0x279426fcf5f59740), .response = UNTOUCHED
};
IN("0.start") uint64_t start_marker[4] = START_MARKER;
IN("1") uint64_t base_revision[3] = TAG;
/* A revision that no loader has: it is handled as the highest one. */
REQUEST(loader_info, .id = ID(0xf55038d8e2a1202f, 0x279426fcf5f59740), .revision = 1000);
REQUEST(command_line, .id = ID(0x4b161536e598651e, 0xb390ad4a2f1f303a));
REQUEST(firmware, .id = ID(0x8c2f75d90bef28a8, 0x7045a4688eac00c3));
REQUEST(stack, .id = ID(0x224ef0460a8e8926, 0xe1cb0fc25f46ea3d), .operands = { STACK_SIZE });
REQUEST(hhdm, .id = ID(0x48dcf1cb8ad2b852, 0x63984e959a98244b));
REQUEST(framebuffer, .id = ID(0x9d5827dcd881dd75, 0xa3148604f6fab11b));
/* Any mode, the best one if there is a choice. */
REQUEST(mode, .id = ID(0x95c1a0edab0944cb, 0xa4e5cb3842f7488a), .revision = 1, .operands = { 2, 2, 0 });
REQUEST(mp, .id = ID(0x95a67b819a1b857e, 0xa0b61b723b6a73e0));
REQUEST(boot_hart, .id = ID(0x1369359f025525f9, 0x2ff2a56178391bb6));
REQUEST(memory, .id = ID(0x67cf3d9d378a806f, 0xe304acdfc50c3c62));
IN("1") struct request entry_request = {
	.id = ID(0x13d86c035a1cd3e1, 0x2b0caa89d8f3026a), .operands = { (uint64_t)limine_entry }
};
REQUEST(file, .id = ID(0xad97e90e83f1ed67, 0x31eb5d1c5ff23b69));

/* A module that no loader has, and that the kernel can do without. */
static struct internal_module absent = { "no-such-file", "text", 0 };
static struct internal_module *internal_modules[] = { &absent };
IN("1") struct request module_request = {
	.id = ID(0x3e7e279702be32af, 0xca1c4f3bd1280cee), .revision = 1,
	.operands = { 1, (uint64_t)internal_modules }
};
REQUEST(rsdp, .id = ID(0xc5e77b6b397e7b43, 0x27637845accdcf3c));
REQUEST(smbios, .id = ID(0x9e9046f11e095391, 0xaa4a520fefbde5ee));
REQUEST(system_table, .id = ID(0x5ceba5163eaaf6d6, 0x0a6981610cf65fcc));
REQUEST(efi_memory, .id = ID(0x7df62a431d6872d5, 0xa4fcdfb3e57306c8));
REQUEST(date, .id = ID(0x502746e184c088aa, 0xfbc5ec83e6327893));
REQUEST(address, .id = ID(0x71ba76863cc55f63, 0xb2644a48c516a487));
REQUEST(tree, .id = ID(0xb40ddb48fb54bac7, 0x545081493f81ffb7));
REQUEST(performance, .id = ID(0x6b50ad9bf36d13ad, 0xdc4c7e88fc759e17));
REQUEST(frequency, .id = ID(0x10f2ee1d87d195e4, 0xf747a2b78f6ddb31));
REQUEST(entropy, .id = ID(0x65ea80255d5682c5, 0x9117240723f493eb), .operands = { 4 });
REQUEST(unknown, .id = ID(0x0123456789abcdef, 0xfedcba9876543210), .response = UNTOUCHED);
IN("2") uint64_t end_marker[2] = END_MARKER;
