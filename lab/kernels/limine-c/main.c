/*
 * A test kernel for the Limine boot protocol: it checks the promises of the protocol, prints
 * `limine: test NAME ok` or `failed` for each, and `landfall: exit CODE` at the end.
 *
 *	protocol.h	the structures, from the protocol's text
 *	requests.c	the requests
 *	entry.S		the registers at entry
 *	walk.c		the tables of the hart
 *	memory.c	the memory map, the linear map and the image
 *	machine.c	the answers about the machine, and other harts
 *	sbi.c		text, and the end
 */
#include "kernel.h"

void wrong_entry(void)
{
	expect("entry-point", false);
	end();
}

void kernel_main(const struct state *state)
{
	put("limine: kernel\n");
	expect("base-revision", base_revision[2] == 0);
	expect("loaded-revision", base_revision[1] == BASE_REVISION);
	say("base-revision", base_revision[1]);
	expect("entry-point", entry_request.response != NULL);
	expect("unknown-request", unknown_request.response == (const void *)0x1234);
	expect("request-outside", outside_request.response == (const void *)0x1234);
	check_memory();
	check_image();
	check_state("boot hart", state, (uint64_t)limine_entry, 0);
	check_machine();
	check_harts();
	put("limine: all checks done\n");
	end();
}
