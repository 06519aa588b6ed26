//! Linux for RISC-V (`arch/riscv/kernel/head.S`, `arch/riscv/mm/init.c`).

use super::{Comes, Unfollowed, Window};
use crate::acceptance::Accepted;
use crate::finding::Code;

/// From the entry, and from where another hart begins, until satp is written.
pub(super) const WINDOW: Window =
    Window { roots: &["_start", "secondary_start_sbi"], ends: &["relocate_enable_mmu"] };

const LOST: &str = "the kernel has given up: it prints and stops, and is not followed";
const SLOW: &str =
    "the slow way of a lock that nobody else can hold: there is one hart, and no scheduler yet";

/// What early code leads to and never runs, or runs without depending on where it is.
pub(super) const UNFOLLOWED: &[Unfollowed] = &[
    Unfollowed { symbol: "panic", comes: Comes::Never, reason: LOST },
    Unfollowed { symbol: "__stack_chk_fail", comes: Comes::Never, reason: LOST },
    Unfollowed { symbol: "__cond_resched", comes: Comes::Back, reason: SLOW },
];

const ANYWHERE: [(Code, &str); 2] = [
    (
        Code::CodeUnknown,
        "Linux holds code for extensions beyond RV64GC and runs it only where a hart has them",
    ),
    (Code::CodeGpSet, "Linux sets gp itself, to its own __global_pointer$, wherever it enters"),
];

pub(super) fn accepted() -> Vec<Accepted> {
    let anywhere =
        ANYWHERE.into_iter().map(|(code, reason)| Accepted { code, symbol: None, reason: reason.into() });
    let unfollowed = UNFOLLOWED.iter().map(|Unfollowed { symbol, reason, .. }| Accepted {
        code: Code::EarlyOutside,
        symbol: Some((*symbol).into()),
        reason: (*reason).into(),
    });
    anywhere.chain(unfollowed).collect()
}
