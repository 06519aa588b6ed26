//! Linux for RISC-V (`arch/riscv/kernel/head.S`, `arch/riscv/mm/init.c`,
//! `arch/riscv/kernel/alternative.c`). Seen in Debian 13's 6.12.

use super::{Comes, Unfollowed, Window};
use crate::acceptance::Accepted;
use crate::finding::Code;

/// From the entry, and from where another hart begins, until satp is written.
pub(super) const WINDOW: Window =
    Window { roots: &["_start", "secondary_start_sbi"], ends: &["relocate_enable_mmu"] };

const LOST: &str = "the kernel has given up: it prints and stops";
const PRINT: &str = "a warning of what does not happen on a machine that boots";
const SLOW: &str = "the slow way of a lock that nobody else can hold yet";

/// Functions that early code reaches and a booting machine does not run.
pub(super) const UNFOLLOWED: &[Unfollowed] = &[
    Unfollowed { symbol: "panic", comes: Comes::Never, reason: LOST },
    Unfollowed { symbol: "__stack_chk_fail", comes: Comes::Never, reason: LOST },
    Unfollowed { symbol: "_printk", comes: Comes::Back, reason: PRINT },
    Unfollowed { symbol: "__warn_printk", comes: Comes::Back, reason: PRINT },
    Unfollowed { symbol: "__cond_resched", comes: Comes::Back, reason: "there is no scheduler yet" },
    Unfollowed { symbol: "__mutex_lock_slowpath", comes: Comes::Back, reason: SLOW },
    Unfollowed { symbol: "__mutex_unlock_slowpath.isra.0", comes: Comes::Back, reason: SLOW },
    Unfollowed {
        symbol: "vmalloc_to_page",
        comes: Comes::Back,
        reason: "for the code of modules, of which there are none yet",
    },
    Unfollowed {
        symbol: "smp_call_function_many_cond",
        comes: Comes::Back,
        reason: "no other hart is online yet",
    },
];

const VENDOR_LIST: &str =
    "the pointer is that of one hart's extensions; patching asks for those of all harts";
const VENDOR: &str = "it takes text_mutex, whose list nobody waits in yet";
const PT_OPS: &str = "pt_ops holds what setup_vm has put there: addresses relative to where it runs";
const BASES: &str = "gp and tp get their addresses; what lies there is not read";

/// The accepted codes, by function.
const ACCEPTED: [(Code, Option<&str>, &str); 18] = [
    (Code::CodeUnknown, None, "instructions of vendors, which run only where a hart has them"),
    (Code::CodeGpSet, None, "Linux sets gp itself, to its own __global_pointer$, wherever it enters"),
    (Code::EarlyIndirectJump, Some("create_pmd_mapping"), PT_OPS),
    (Code::EarlyIndirectJump, Some("create_pud_mapping"), PT_OPS),
    (Code::EarlyIndirectJump, Some("create_p4d_mapping"), PT_OPS),
    (Code::EarlyIndirectJump, Some("create_pgd_mapping"), PT_OPS),
    (Code::EarlyIndirectJump, Some("memset"), "a jump into its own unrolled loop"),
    (
        Code::EarlyIndirectJump,
        Some("__pi_fdt_next_tag"),
        "a switch by a table of distances, not of addresses",
    ),
    (Code::EarlySlotAddress, Some("_start_kernel"), BASES),
    (Code::EarlySlotAddress, Some("secondary_start_sbi"), BASES),
    (Code::EarlySlotAddress, Some("pgprot_from_va"), "it compares with the border, and reads nothing"),
    (Code::EarlySlotAddress, Some("riscv_cpufeature_patch_func"), VENDOR),
    (Code::EarlySlotAddress, Some("thead_errata_patch_func"), VENDOR),
    (Code::EarlySlotAddress, Some("sifive_errata_patch_func"), VENDOR),
    (Code::EarlyTableJump, Some("sifive_errata_patch_func"), "it returns before that at this stage"),
    (
        Code::EarlySlotRead,
        Some("riscv_noncoherent_register_cache_ops"),
        "it copies pointers that are used only when translation is on",
    ),
    (Code::EarlySlotAddress, Some("__riscv_isa_vendor_extension_available"), VENDOR_LIST),
    (Code::EarlySlotRead, Some("__riscv_isa_vendor_extension_available"), VENDOR_LIST),
];

pub(super) fn accepted() -> Vec<Accepted> {
    let accepted = ACCEPTED.into_iter().map(|(code, symbol, reason)| Accepted {
        code,
        symbol: symbol.map(Into::into),
        reason: reason.into(),
    });
    let unfollowed = UNFOLLOWED.iter().map(|Unfollowed { symbol, reason, .. }| Accepted {
        code: Code::EarlyOutside,
        symbol: Some((*symbol).into()),
        reason: (*reason).into(),
    });
    accepted.chain(unfollowed).collect()
}
