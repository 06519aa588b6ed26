/* A module of the demo, in C: it counts down from its parameter.
 *
 *   riscv64-linux-gnu-gcc -c -O2 -mcmodel=medany -fno-pic -mno-relax -ffreestanding -fno-common \
 *       -mabi=lp64d count.c
 *   riscv64-linux-gnu-ld -r count.o -o count.ko
 */
#define TEXT(section_name) __attribute__((section(section_name), used))

static const char module[] TEXT(".landfall.module") = "name=count";
static const char imports[] TEXT(".landfall.imports") =
    "demo_print=extern \"C\" fn(*const u8, usize)";
static const char parameters[] TEXT(".landfall.params") = "from=u32";

void demo_print(const char *text, unsigned long size);

volatile unsigned landfall_param_from = 3;

int landfall_init(void)
{
    char line[] = "0 from a module in C\n";

    /* One digit. The kernel unmaps a module whose start fails. */
    if (landfall_param_from > 9)
        return 1;
    for (unsigned number = landfall_param_from; number; number--) {
        line[0] = '0' + number;
        demo_print(line, sizeof line - 1);
    }
    return 0;
}
