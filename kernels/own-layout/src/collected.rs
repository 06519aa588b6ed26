//! Arrays that the linker collects. Their elements hold pointers, which are slots like any other.

use core::ptr::addr_of;
use core::slice;
use core::sync::atomic::{AtomicU32, Ordering};

/// Something that can be run by its name.
#[repr(C)]
pub(crate) struct Command {
    pub(crate) name: &'static str,
    pub(crate) run: fn() -> bool,
}

/// Adds a command to the array.
macro_rules! command {
    ($section:literal, $static:ident, $name:literal, $run:path) => {
        #[used]
        #[unsafe(link_section = concat!(".commands.", $section))]
        static $static: crate::collected::Command = crate::collected::Command { name: $name, run: $run };
    };
}
pub(crate) use command;

/// The elements between two symbols of kernel.ld.
macro_rules! between {
    ($start:ident, $end:ident, $element:ty) => {{
        unsafe extern "C" {
            static $start: u64;
            static $end: u64;
        }
        let (start, end) = (addr_of!($start).cast::<$element>(), addr_of!($end));
        let count = (end.addr() - start.addr()) / size_of::<$element>();
        // SAFETY: kernel.ld puts nothing but such elements between the two.
        unsafe { slice::from_raw_parts(start, count) }
    }};
}

/// All commands, in the order of their names.
pub(crate) fn commands() -> &'static [Command] {
    between!(_commands_start, _commands_end, Command)
}

/// Calls what must run first, in the order of its priority.
pub(crate) fn run_initialisers() {
    for initialiser in between!(_init_start, _init_end, fn()) {
        initialiser();
    }
}

static ORDER: AtomicU32 = AtomicU32::new(0);

#[used]
#[unsafe(link_section = ".init_array.00200")]
static SECOND: fn() = || ORDER.store(ORDER.load(Ordering::Relaxed) * 10 + 2, Ordering::Relaxed);

#[used]
#[unsafe(link_section = ".init_array.00100")]
static FIRST: fn() = || ORDER.store(ORDER.load(Ordering::Relaxed) * 10 + 1, Ordering::Relaxed);

command!("b", INITIALISED, "init-table", initialisers_ran_in_order);
fn initialisers_ran_in_order() -> bool {
    ORDER.load(Ordering::Relaxed) == 12
}

command!("a", COLLECTED, "collected", commands_are_sorted);
fn commands_are_sorted() -> bool {
    commands().len() == 9 && commands()[0].name == "collected" && commands()[1].name == "init-table"
}
