//! The choices that the specification leaves to an implementation of a hart, fixed for a run.
//!
//! All harts of a machine are the same implementation.

use crate::config::Config;
use crate::liberty::{Choices, Liberty};

use super::csr::more;

/// A part whose erratum a machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A part without an erratum.
    Generic,
    /// T-Head C910: see [`Liberty::C910Satp`].
    C910,
    /// `SiFive` U54 and U74: see [`Liberty::Cip1200`].
    Cip1200,
}

/// An implementation of a hart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a CSR or a field of one")]
pub(crate) struct Implementation {
    /// The part.
    pub(crate) part: Part,
    /// `senvcfg` exists. Harts of privileged architecture 1.11 have none.
    pub(crate) senvcfg: bool,
    /// `cycle` and `instret` are readable.
    pub(crate) counters: bool,
    /// `hpmcounter3` to `hpmcounter31` are readable.
    pub(crate) event_counters: bool,
    /// The extensions that bring more CSRs, as bits.
    pub(crate) more_csrs: u64,
    /// The bits of `scounteren` that can be 1.
    pub(crate) counter_enables: u64,
    /// The bits of `scause` that can be 1.
    pub(crate) causes: u64,
    /// FS has the states Off and Dirty alone.
    pub(crate) two_float_states: bool,
    /// A reserved mode in a write of `stvec` becomes a legal one, instead of leaving `stvec`.
    pub(crate) legalizes_vector: bool,
    /// The low bits of `stvec` that are 0 in vectored mode.
    pub(crate) vector_alignment: u64,
    /// `sepc` and `stval` hold 57 bits and a sign.
    pub(crate) short_addresses: bool,
}

impl Implementation {
    /// Draws an implementation. Each call for one machine returns the same.
    pub(crate) fn draw(config: &Config, choices: &mut Choices) -> Self {
        let absent = |choices: &mut Choices, salt| choices.shared(Liberty::AbsentCsr, salt, 2) != 0;
        let another = |choices: &mut Choices, salt| choices.shared(Liberty::Warl, salt, 2) != 0;
        // Privileged architecture 1.12 brought the CSR and its fields.
        let needs_senvcfg = config.extensions.zicbom || config.extensions.zicboz;
        Self {
            part: part(choices),
            senvcfg: !absent(choices, 0) || needs_senvcfg,
            counters: !absent(choices, 1),
            event_counters: !absent(choices, 2),
            more_csrs: choices.shared(Liberty::MoreCsrs, 0, 1 << more::GROUPS),
            counter_enables: u64::from(u32::MAX) & !choices.shared(Liberty::Warl, 3, 1 << 32),
            causes: if another(choices, 4) { 1 << 63 | 0x1f } else { u64::MAX },
            two_float_states: another(choices, 5),
            legalizes_vector: another(choices, 6),
            vector_alignment: if another(choices, 7) { 0xff } else { 3 },
            short_addresses: another(choices, 8),
        }
    }

    /// Returns the legal value of `stvec` for a write.
    pub(crate) fn vector(&self, old: u64, value: u64) -> u64 {
        match value & 3 {
            0 => value,
            1 => value & !self.vector_alignment | 1,
            _ if self.legalizes_vector => value & !3,
            _ => old,
        }
    }

    /// Returns the address that `sepc` or `stval` holds for one. An address that no mode of
    /// translation permits may become another such one.
    pub(crate) fn address(&self, address: u64) -> u64 {
        const BITS: u32 = 57;
        let high = address.cast_signed() >> (BITS - 1);
        if !self.short_addresses || high == 0 || high == -1 || address >> BITS == 0 {
            return address;
        }
        let low = address & ((1 << BITS) - 1);
        // The bits above are the opposite of a sign, so the address stays one that faults.
        if low >> (BITS - 1) == 0 { low | u64::MAX << BITS } else { low }
    }
}

/// Draws the part. A machine is one part, so it has one erratum at most.
fn part(choices: &mut Choices) -> Part {
    match (choices.takes(Liberty::C910Satp), choices.takes(Liberty::Cip1200)) {
        (false, false) => Part::Generic,
        (true, false) => Part::C910,
        (false, true) => Part::Cip1200,
        (true, true) => match choices.noise(0x7061_7274) % 2 {
            0 => Part::C910,
            _ => Part::Cip1200,
        },
    }
}
