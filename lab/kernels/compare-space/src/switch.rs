//! A switch from one user address space to another.

use core::arch::asm;

use compare_count::counted;
use landfall::address::PhysAddr;
use landfall_space::{Entered, KernelSpace, Machine, UserSpace};

use crate::work::Count;

struct Context<'u, M: Machine> {
    entered: Option<Entered<'u, M>>,
    next: &'u UserSpace<'u, M>,
}

/// Counts a switch between two address spaces that have both run on this hart before.
pub(crate) fn count<M: Machine>(space: &KernelSpace<M>) -> Count {
    let user = || space.user_space().unwrap_or_else(|error| panic!("{error}"));
    let (one, other) = (user(), user());
    let entered = one.enter().switch(&other).switch(&one);
    let mut context = Context { entered: Some(entered), next: &other };
    let counted = counted(switch, &mut context);
    let is_right = counted.result != 0 && root() == other.root();
    Count { instructions: counted.instructions, is_right }
}

extern "C" fn switch<M: Machine>(context: &mut Context<'_, M>) -> u64 {
    let Some(entered) = context.entered.take() else { return 0 };
    context.entered = Some(entered.switch(context.next));
    1
}

/// Returns the root through which the hart translates.
fn root() -> PhysAddr {
    let satp: u64;
    // SAFETY: it reads a register.
    unsafe { asm!("csrr {}, satp", out(reg) satp, options(nomem, nostack, preserves_flags)) };
    PhysAddr::new((satp & ((1 << 44) - 1)) << 12)
}
