/* A module with what compilers emit: calls, tables, pointers, constants, and data of each kind. */

typedef unsigned long u64;

__attribute__((section(".landfall.module"), used)) static const char info[] =
    "name=unit\0kernel=a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\0";

extern u64 near_function(u64 a);
extern u64 near_data;

static u64 counter = 5;
static u64 zeros[700];
u64 shared = 7;
static char letters[] = "letters";
const double numbers[] = {1.5, 2.5, 1e300};

static __attribute__((noinline)) u64 twice(u64 a) { return a * 2 + counter; }
static __attribute__((noinline)) u64 thrice(u64 a) { return a * 3 + zeros[a & 255]; }
u64 exported(u64 a) { return near_function(a) + twice(a); }

u64 (*const table[])(u64) = {twice, thrice, exported, near_function};
static const char *const names[] = {"one", "two", "three", letters};
u64 *pointers[] = {&counter, &shared, &near_data, &zeros[3]};

u64 chosen(u64 a)
{
    switch (a) {
    case 0: return twice(1);
    case 1: return thrice(2);
    case 2: return near_function(3);
    case 3: return (u64)names[a & 3];
    case 4: counter += 1; return counter;
    case 5: return (u64)&near_data;
    case 6: return (u64)table[a & 3];
    case 7: return zeros[9] ^ 0x123456789abcdef0;
    case 8: return *pointers[a & 3];
    default: return a * (u64)numbers[a % 3];
    }
}

u64 looped(u64 n)
{
    u64 sum = 0;
    for (u64 i = 0; i < n; i++) {
        if (chosen(i) & 1)
            sum += near_data;
        else
            __atomic_fetch_add(&shared, sum, __ATOMIC_SEQ_CST);
        zeros[i % 700] = sum;
    }
    return sum;
}

u64 by_assembly(void)
{
    u64 a, b;
    __asm__("lla %0, counter\n\tla %1, near_data" : "=r"(a), "=r"(b));
    return a + b;
}

int landfall_init(void) { return (int)looped(3) + letters[0]; }
void landfall_exit(void) { counter = exported(by_assembly()); }
