/* A module of the test kernel. */
const char module_name[] __attribute__((section(".landfall.module"), used)) = "name=answer";

unsigned long kernel_twice(unsigned long number);
const char imports[] __attribute__((section(".landfall.imports"), used)) =
	"kernel_twice=extern \"C\" fn(u64) -> u64";

static unsigned long added;

int landfall_init(void)
{
	added = 1;
	return 0;
}

void landfall_exit(void)
{
}

unsigned long module_answer(unsigned long number)
{
	return kernel_twice(number) + added;
}

#define TEXT "module_answer=extern \"C\" fn(u64) -> u64"
static const struct {
	unsigned long (*address)(unsigned long);
	unsigned long size;
	char text[(sizeof(TEXT) + 6) / 8 * 8];
} export __attribute__((section(".landfall.exports"), used, aligned(8))) = { module_answer, sizeof(TEXT) - 1,
									      TEXT };
