//! Parts whose fences have known faults.

use landfall_paging::Fence;
use landfall_space::FenceRequest;

/// The reach of a fence with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FencePrecision {
    /// The address, as specified.
    Exact,
    /// Less than specified: only a fence of all addresses will do.
    Whole,
}

impl FencePrecision {
    /// Returns the fence that has the effect of `request` on such a part.
    pub(super) const fn widen(self, request: FenceRequest) -> FenceRequest {
        match (self, request) {
            // The erratum excepts no address space: all of them are fenced.
            (Self::Whole, FenceRequest::Kernel(_) | FenceRequest::User(..)) => {
                FenceRequest::Kernel(Fence::All)
            }
            (_, request) => request,
        }
    }
}

/// `SiFive`.
const SIFIVE: usize = 0x489;
/// The architectures of its cores with erratum CIP-1200.
const CIP_1200: [usize; 2] = [0x1, 0x8000_0000_0000_0007];

/// Returns what holds for this hart. Harts of one machine are taken for the same part, as firmware
/// states IDs of the calling hart alone.
pub(super) fn precision() -> FencePrecision {
    if has_cip_1200(sbi_rt::get_mvendorid(), sbi_rt::get_marchid(), sbi_rt::get_mimpid()) {
        FencePrecision::Whole
    } else {
        FencePrecision::Exact
    }
}

/// CIP-1200: `sfence.vma` with an address may miss translations of it. The IDs are those by which
/// Linux knows the parts (`arch/riscv/errata/sifive/errata.c`).
const fn has_cip_1200(vendor: usize, architecture: usize, implementation: usize) -> bool {
    vendor == SIFIVE
        && (architecture == CIP_1200[0] || architecture == CIP_1200[1])
        && implementation & 0x00ff_ffff <= 0x0020_0630
        && implementation != 0x0120_0626
}

const _: () = {
    // The cores of the FU740 have it. Those of the JH7110 are later.
    assert!(has_cip_1200(SIFIVE, 0x8000_0000_0000_0007, 0x0020_0504));
    assert!(has_cip_1200(SIFIVE, 0x1, 0x2020_0630));
    assert!(!has_cip_1200(SIFIVE, 0x8000_0000_0000_0007, 0x0421_0427));
    assert!(!has_cip_1200(SIFIVE, 0x8000_0000_0000_0007, 0x0120_0626));
    assert!(!has_cip_1200(SIFIVE, 0x8000_0000_0000_0002, 0x0020_0504));
    assert!(!has_cip_1200(0x5b7, 0x1, 0));
};
