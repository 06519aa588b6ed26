//! Statics of all other kinds, each with what must be true of it.

use core::cell::UnsafeCell;
use core::ptr::addr_of;
use core::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use crate::collected::command;

/// The image's first byte, to which everything is compared.
fn is_in_image(address: usize) -> bool {
    unsafe extern "C" {
        #[link_name = "__landfall_image_start"]
        static START: u8;
        #[link_name = "__landfall_image_end"]
        static END: u8;
    }
    (addr_of!(START).addr()..addr_of!(END).addr()).contains(&address)
}

trait Shape: Sync {
    fn corners(&self) -> u32;
}
struct Point;
struct Polygon(u32);
impl Shape for Point {
    fn corners(&self) -> u32 {
        0
    }
}
impl Shape for Polygon {
    fn corners(&self) -> u32 {
        self.0
    }
}

static SHAPES: [&dyn Shape; 3] = [&Point, &Polygon(3), &Polygon(4)];
command!("c", DYN, "dyn", dyn_tables);
fn dyn_tables() -> bool {
    core::hint::black_box(&SHAPES).iter().map(|shape| shape.corners()).sum::<u32>() == 7
}

static NAMES: &[&[&str]] = &[&["one", "two"], &[], &["three"]];
command!("d", STRINGS, "strings", string_tables);
fn string_tables() -> bool {
    let names = core::hint::black_box(NAMES).iter().copied().flatten();
    names.map(|name| name.len()).sum::<usize>() == 11
}

command!("e", JUMP, "jump-table", jump_table);
fn jump_table() -> bool {
    // So many arms, with calls, that the compiler makes a table of addresses.
    let step = |which: u32, value: u32| match core::hint::black_box(which) {
        0 => core::hint::black_box(value) + 1,
        1 => core::hint::black_box(value) * 3,
        2 => core::hint::black_box(value) ^ 5,
        3 => core::hint::black_box(value) << 2,
        4 => core::hint::black_box(value) - 1,
        5 => core::hint::black_box(value) | 8,
        _ => core::hint::black_box(value) / 2,
    };
    (0..7).fold(1, |value, which| step(which, value)) == 5
}

/// A pointer in `.data`, to itself.
static CELL: AtomicPtr<AtomicU64> = AtomicPtr::new((&raw const TARGET).cast_mut());
static TARGET: AtomicU64 = AtomicU64::new(0x55);
command!("f", POINTER, "pointer", pointer_in_data);
fn pointer_in_data() -> bool {
    let target = CELL.load(Ordering::Relaxed);
    // SAFETY: it was linked to point at a static, and no code changes it.
    is_in_image(target.addr()) && unsafe { (*target).load(Ordering::Relaxed) } == 0x55
}

/// Memory for something large, 32 MiB of it: it takes no room in the file.
#[repr(align(4096))]
struct Large(UnsafeCell<[u64; 4 << 20]>);
// SAFETY: only `large_bss` looks at it, once.
unsafe impl Sync for Large {}
static LARGE: Large = Large(UnsafeCell::new([0; 4 << 20]));
command!("g", BSS, "large-bss", large_bss);
fn large_bss() -> bool {
    // SAFETY: no other code reads it.
    let words = unsafe { &mut *LARGE.0.get() };
    let zero = words.iter().all(|word| *word == 0);
    let last = words.len() - 1;
    (words[0], words[last]) = (1, 2);
    zero && core::hint::black_box(&*words)[last] == 2
}

/// Left as it was found.
#[unsafe(link_section = ".noinit.kept")]
static KEPT: AtomicU64 = AtomicU64::new(0);
command!("h", NOINIT, "noinit", noinit);
fn noinit() -> bool {
    KEPT.store(9, Ordering::Relaxed);
    is_in_image((&raw const KEPT).addr()) && KEPT.load(Ordering::Relaxed) == 9
}

/// Hot code has a place of its own in kernel.ld.
#[unsafe(link_section = ".text.hot.add")]
#[inline(never)]
fn hot(value: u64) -> u64 {
    value + 1
}
static HOT: fn(u64) -> u64 = hot;
command!("i", FUNCTION, "function", function_pointer);
fn function_pointer() -> bool {
    let function = core::hint::black_box(HOT);
    is_in_image(function as usize) && function(1) == 2
}
