//! The values that the CSRs of a hart hold.

use super::{more, status};

/// The CSRs.
#[derive(Clone, Debug)]
pub(crate) struct Csrs {
    /// `sstatus`, without SD.
    pub(crate) sstatus: u64,
    /// `satp`.
    pub(crate) satp: u64,
    /// `sie`.
    pub(crate) sie: u64,
    /// `sip.SSIP`. The other bits of `sip` are derived.
    pub(crate) software_interrupt: bool,
    /// `stvec`.
    pub(crate) stvec: u64,
    /// `scounteren`.
    pub(crate) scounteren: u64,
    /// `senvcfg`.
    pub(crate) senvcfg: u64,
    /// `sscratch`.
    pub(crate) sscratch: u64,
    /// `sepc`.
    pub(crate) sepc: u64,
    /// `scause`.
    pub(crate) scause: u64,
    /// `stval`.
    pub(crate) stval: u64,
    /// The time at which STIP is set: `stimecmp`, or what the SBI was asked for.
    pub(crate) timer: u64,
    /// `fcsr`: the flags in bits 4 to 0, the rounding mode in bits 7 to 5.
    pub(crate) fcsr: u64,
    /// The CSRs of extensions that the device tree does not name.
    pub(in crate::hart) more: [u64; more::COUNT],
    /// The entropy source.
    pub(in crate::hart) entropy: Entropy,
}

/// The state of a hart's entropy source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entropy {
    /// The number of reads.
    pub(super) reads: u64,
    /// It has failed, and returns nothing any more.
    pub(super) dead: bool,
}

impl Default for Csrs {
    fn default() -> Self {
        Self {
            sstatus: status::UXL,
            satp: 0,
            sie: 0,
            software_interrupt: false,
            stvec: 0,
            scounteren: 0,
            senvcfg: 0,
            sscratch: 0,
            sepc: 0,
            scause: 0,
            stval: 0,
            timer: u64::MAX,
            fcsr: 0,
            more: [0; more::COUNT],
            entropy: Entropy::default(),
        }
    }
}
