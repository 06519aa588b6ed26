/* The state at entry, the answers about the machine, and the other harts. */
#include "kernel.h"

void check_state(const char *test, const struct state *state, uint64_t entry, uint64_t a0)
{
	bool zero = true;
	for (int i = 1; i < 32; i++)
		zero &= i == 2 || i == 5 || i == 10 || state->x[i] == 0;
	put(test);
	put(" at entry\n");
	expect("entry-registers", zero && state->x[10] == a0);
	expect("entry-t0", state->x[5] == entry);
	expect("entry-sie", state->sie == 0 && !(state->sstatus & 2));
	if (base_revision[1] >= 6) {
		expect("entry-sstatus", state->sstatus == 0x200000000);
		expect("entry-stvec", state->stvec == 0);
		expect("entry-asid", (state->satp >> 44 & 0xffff) == 0);
	}
	const struct number *mode = mode_request.response;
	expect("entry-mode", mode && state->satp >> 60 == mode->value + 8);
	uint64_t top = state->x[2];
	bool mapped = (top & 15) == 0;
	for (uint64_t virt = top - STACK_SIZE; virt < top; virt += PAGE_SIZE) {
		struct mapping found = walk(virt);
		mapped &= (found.flags & (READ | WRITE | EXECUTE)) == (READ | WRITE) &&
			  has_kind(found.phys & ~(PAGE_SIZE - 1), PAGE_SIZE, LOADER_RECLAIMABLE);
	}
	expect("entry-stack", mapped);
}

static bool is_equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static uint32_t cell(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

/* A tree's structure block is after all that precedes it: a byte search finds node names. */
static bool has_memory_node(const uint8_t *blob)
{
	const uint8_t *structure = blob + cell(blob + 8);
	for (uint32_t at = 0; at + 12 < cell(blob + 36); at += 4)
		if (cell(structure + at) == 1 && is_equal((const char *)structure + at + 4, "memory@80000000"))
			return true;
	return false;
}

static void check_tree(void)
{
	const struct device_tree *tree = tree_request.response;
	if (!tree)
		return put("limine: no device tree\n");
	struct mapping found = walk((uint64_t)tree->blob);
	uint32_t size = cell(tree->blob + 4);
	expect("tree", cell(tree->blob) == 0xd00dfeed && size > 100);
	expect("tree-memory", has_kind(found.phys, size, LOADER_RECLAIMABLE));
	expect("tree-without-memory-node", !has_memory_node(tree->blob));
}

static void check_files(void)
{
	const struct command_line *line = command_line_request.response;
	const struct executable_file *file = file_request.response;
	expect("command-line", line != NULL);
	put("limine: command line ");
	put(line->text);
	put("\n");
	if (file) {
		const uint8_t *bytes = file->file->address;
		expect("file", bytes[0] == 0x7f && bytes[1] == 'E' && file->file->size > PAGE_SIZE);
		expect("file-aligned", ((uint64_t)bytes & (PAGE_SIZE - 1)) == 0);
		expect("file-path", file->file->path[0] == '/' && file->file->text == line->text);
	}
	const struct modules *modules = module_request.response;
	say("modules", modules ? modules->count : 0);
	for (uint64_t i = 0; modules && i < modules->count; i++) {
		put("limine: module ");
		put(modules->files[i]->path);
		put(" ");
		put_number(modules->files[i]->size);
		put("\n");
		expect("module-aligned", ((uint64_t)modules->files[i]->address & (PAGE_SIZE - 1)) == 0);
	}
}

static void check_framebuffer(void)
{
	const struct framebuffers *all = framebuffer_request.response;
	say("framebuffers", all ? all->count : 0);
	for (uint64_t i = 0; all && i < all->count; i++) {
		struct framebuffer *one = all->framebuffers[i];
		uint64_t size = one->pitch * one->height;
		struct mapping first = walk((uint64_t)one->address);
		expect("framebuffer", one->model == 1 && one->width && has_kind(first.phys, size, FRAMEBUFFER) &&
				      walk((uint64_t)one->address + size - 1).flags & WRITE);
		volatile uint32_t *pixel = (uint32_t *)one->address;
		*pixel = 0x00ff8040;
		expect("framebuffer-works", *pixel == 0x00ff8040);
	}
}

static void say_number(const char *name, const struct request *request)
{
	const struct number *response = request->response;
	if (response)
		say(name, response->value);
}

void check_machine(void)
{
	const struct loader_info *info = loader_info_request.response;
	expect("loader-info", info && info->name[0] && info->version[0]);
	put("limine: loader ");
	put(info->name);
	put(" ");
	put(info->version);
	put("\n");
	const struct number *firmware = firmware_request.response;
	expect("firmware", firmware && (firmware->value == 2 || firmware->value == 3));
	expect("stack-size", stack_request.response != NULL);
	check_files();
	check_tree();
	check_framebuffer();
	say_number("date", &date_request);
	say_number("timer-frequency", &frequency_request);
	say_number("rsdp", &rsdp_request);
	say_number("smbios", &smbios_request);
	say_number("efi-system-table", &system_table_request);
	say_number("efi-memory-map", &efi_memory_request);
	const struct entropy *entropy = entropy_request.response;
	if (entropy)
		expect("entropy", entropy->count == 0 || (entropy->count <= 4 && entropy->values[0]));
}

static uint64_t arrived;

/* A hart that this kernel has started. */
void hart_main(const struct state *state)
{
	const struct hart *self = (const struct hart *)state->x[10];
	while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) + 1 != self->argument - ARGUMENT)
		;
	check_state("a hart", state, (uint64_t)hart_entry, state->x[10]);
	say("hart", self->id);
	__atomic_fetch_add(&arrived, 1, __ATOMIC_RELEASE);
}

void check_harts(void)
{
	const struct mp *mp = mp_request.response;
	const struct number *boot_hart = boot_hart_request.response;
	expect("mp", mp && boot_hart && mp->count >= 1 && mp->boot_hart == boot_hart->value && mp->flags == 0);
	uint64_t others = 0, boot_harts = 0;
	for (uint64_t i = 0; i < mp->count; i++) {
		struct hart *hart = mp->harts[i];
		expect("mp-waits", hart->start == 0);
		if (hart->id == mp->boot_hart) {
			boot_harts++;
			continue;
		}
		hart->argument = ARGUMENT + ++others;
		__atomic_store_n(&hart->start, (uint64_t)hart_entry, __ATOMIC_SEQ_CST);
	}
	expect("mp-boot-hart", boot_harts == 1);
	while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) != others)
		;
	say("harts", mp->count);
}
