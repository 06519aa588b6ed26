//! Kernels that are never run.

/// Pointers of every kind that a kernel has: to constants, data and functions, in constants and
/// data, and one to nothing.
pub(crate) const KERNEL: &str = r#"
extern const char *const names[];
const char *const names[] = {"one", "two"};
static long numbers[4] = {1, 2, 3, 4};
long *first = numbers;
static long twice(long a) { return 2 * a; }
static long thrice(long a) { return 3 * a; }
long (*const table[])(long) = {twice, thrice};
long (*chosen)(long) = twice;
long zeros[5000];
extern long missing __attribute__((weak));
long *maybe = &missing;
/* Code takes this address from the GOT. Then GNU ld leaves relocations that name the symbol. */
__asm__(".pushsection .text\n.globl leaf\nleaf: ret\n.popsection");
extern void leaf(void);
void (*leaves[])(void) = {leaf, leaf};
void _start(void) { for (;;) { zeros[3] = table[numbers[1] & 1](*first) + chosen(names[0][0]) + (maybe != 0) + (leaves[1] == leaf); } }
"#;

/// A function that is chosen at run time, by a relocation of its own.
pub(crate) const IFUNC: &str = r#"
static long one(void) { return 1; }
static void *choose(void) { return one; }
long number(void) __attribute__((ifunc("choose")));
long (*pointer)(void) = number;
void _start(void) { for (;;) { pointer(); } }
"#;

/// An address that nothing defines.
pub(crate) const UNDEFINED: &str = r"
extern long missing;
long *const volatile addresses[] = {&missing};
void _start(void) { for (;;) { *addresses[0] = (long)&missing; } }
";

/// An address within code.
pub(crate) const TEXTREL: &str = r#"
long data = 1;
__asm__(".text\n.balign 8\naddress: .dword data\n");
void _start(void) { for (;;) { data++; } }
"#;

/// A linker script that puts code and data into one page.
pub(crate) const SHARED: &str = r"
PHDRS { text PT_LOAD FLAGS(5); data PT_LOAD FLAGS(6); dyn PT_DYNAMIC FLAGS(6); }
SECTIONS {
  .text : { *(.text*) *(.rodata* .srodata*) } :text
  .build-id : { *(.note*) } :text
  .dynsym : { *(.dynsym) } .dynstr : { *(.dynstr) } .hash : { *(.hash) } .gnu.hash : { *(.gnu.hash) }
  .rela.dyn : { *(.rela*) } :text
  .data : { *(.data* .sdata* .got*) } :data
  .dynamic : { *(.dynamic) } :data :dyn
  .bss : { *(.bss* .sbss*) } :data
}
";

/// The same kinds of pointers, in Rust.
pub(crate) const RUST_KERNEL: &str = r#"
#![no_std]
#![no_main]
use core::fmt::Debug;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

static NAMES: [&str; 2] = ["one", "two"];
static SHOWN: [&(dyn Debug + Sync); 2] = [&1_u32, &"text"];
static mut ZEROS: [usize; 5000] = [0; 5000];
static POINTER: AtomicPtr<AtomicUsize> = AtomicPtr::new(&raw const COUNT as *mut AtomicUsize);
static COUNT: AtomicUsize = AtomicUsize::new(7);

#[unsafe(no_mangle)]
extern "C" fn _start(which: usize) -> ! {
    loop {
        let shown = SHOWN.as_ptr().wrapping_add(which & 1);
        COUNT.fetch_add(NAMES[which & 1].len() + shown.addr(), Ordering::SeqCst);
        unsafe { (&raw mut ZEROS[which % 5000]).write_volatile(POINTER.load(Ordering::SeqCst).addr()) };
        core::hint::black_box(SHOWN[which & 1]);
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! { loop {} }
"#;
