//! The live address space, and the addresses that may be shown.

use landfall::Landing;
use landfall::address::VirtAddr;
use landfall::policy::Disclosure;
use landfall::space::{Area, LiveSpace, Placing, SpaceOptions};
use spin::Once;

use crate::memory::{self, Free};

/// The state that all harts share.
pub(crate) struct Kernel {
    pub(crate) landing: &'static Landing,
    pub(crate) space: LiveSpace<Free>,
    /// The stack for traps of the user process.
    pub(crate) trap_stack: Area,
}

pub(crate) static KERNEL: Once<Kernel> = Once::new();

/// Returns the kernel, once the boot hart has made it.
pub(crate) fn kernel() -> &'static Kernel {
    KERNEL.wait()
}

/// Takes free memory and tables over from the landing. Mappings get random addresses if the landing
/// had entropy. Any free memory may become code of a module.
pub(crate) fn take_over(landing: &'static Landing) {
    memory::take_over(landing);
    let tables = landing.take_tables().expect("nothing else takes the tables");
    let entropy = landing.take_entropy();
    let placing = entropy.map_or(Placing::FirstFit, |entropy| Placing::Random(*entropy.bytes()));
    let space = tables.into_space(Free, &SpaceOptions { placing, pools: memory::free().as_slice() });
    let space = space.unwrap_or_else(|error| panic!("{error}"));
    let trap_stack = memory::take(4).and_then(|memory| space.map_stack(memory).map_err(memory::refused));
    let trap_stack = trap_stack.unwrap_or_else(|error| panic!("{error}"));
    KERNEL.call_once(|| Kernel { landing, space, trap_stack });
}

/// Returns true if addresses may be printed.
pub(crate) fn discloses() -> bool {
    kernel().landing.policy().disclosure() == Disclosure::Disclose
}

/// Returns an address that may be printed: 0 if the policy withholds addresses.
pub(crate) fn shown(at: VirtAddr) -> VirtAddr {
    if discloses() { at } else { VirtAddr::new(0) }
}
