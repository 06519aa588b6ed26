/* The start of the initrd's kernel, which is this one. */
#include "interface.h"

#define LINE "again c"

/* No device of this kernel does DMA. */
static void quiesce(void *context)
{
	*(uint32_t *)context += 1;
}

void start_again(const struct lf_landing *landing)
{
	static uint32_t quiesced;
	struct lf_error error;
	struct lf_next next = {
		.image = { landing->initrd.data, 16 },
		.command_line = { LINE, sizeof(LINE) - 1 },
		.block = take_pages(64),
		.quiesce = quiesce,
		.context = &quiesced,
	};
	expect("kexec-damaged", !lf_kexec(LF_BOOT_HART, &next, &error) && error.text[0] && !quiesced);
	expect("kexec-hart", !lf_kexec(1000, &next, &error));
	next.image = landing->initrd;
	struct lf_range wiped = take_pages(1);
	next.wiped = &wiped;
	next.wiped_count = 1;
	/* Returns after a failure alone. */
	(void)lf_kexec(LF_BOOT_HART, &next, &error);
	lf_panic(error.text);
}

LF_NORETURN void check_again(const struct lf_landing *landing)
{
	expect("kexec", landing->command_line.size == sizeof(LINE) - 1 && landing->seed_bits);
	lf_print_report_json();
	lf_exit(0);
}
