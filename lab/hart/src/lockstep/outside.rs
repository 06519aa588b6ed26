//! The results that a stepper cannot know: they come from firmware, time, chance or a device.

use super::Executed;
use crate::state::Privilege;

/// The registers that an SBI call returns: `a0` and `a1`.
const CALL: [usize; 2] = [10, 11];

const ECALL: u32 = 0x73;

/// The CSRs `cycle`, `time`, `instret` and `hpmcounter3` to `hpmcounter31`.
const COUNTERS: std::ops::RangeInclusive<u32> = 0xc00..=0xc1f;

/// The CSR `seed`.
const SEED: u32 = 0x15;

/// The CSR `sip`, whose timer bit depends on time.
const SIP: u32 = 0x144;

/// STIP.
const TIMER: u64 = 1 << 5;

/// An instruction whose result comes from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outside {
    /// A call of the firmware.
    Call,
    /// One register.
    Register(usize),
    /// One register with `sip`.
    Pending(usize),
}

impl Outside {
    /// Returns the kind of an instruction that was executed and led to `next`; `None` if its result
    /// depends on the machine's state alone.
    pub(super) fn of(executed: &Executed, loaded_from_device: bool, next: u64) -> Option<Self> {
        let bits = executed.instruction?;
        let length = if bits & 3 == 3 { 4 } else { 2 };
        if next != executed.pc.wrapping_add(length) {
            return None;
        }
        let register = usize::try_from(bits >> 7 & 31).ok()?;
        let csr = bits >> 20;
        let reads_csr = bits & 0x7f == 0x73 && bits & 0x3000 != 0;
        if bits == ECALL && executed.privilege == Privilege::Supervisor {
            Some(Self::Call)
        } else if reads_csr && (COUNTERS.contains(&csr) || csr == SEED) {
            Some(Self::Register(register))
        } else if reads_csr && csr == SIP {
            Some(Self::Pending(register))
        } else if loaded_from_device {
            Some(Self::Register(destination(bits)))
        } else {
            None
        }
    }

    /// Returns the registers whose values the trace gives.
    pub(super) fn registers(self) -> Vec<usize> {
        match self {
            Self::Call => CALL.to_vec(),
            Self::Register(0) | Self::Pending(0) => Vec::new(),
            Self::Register(register) | Self::Pending(register) => vec![register],
        }
    }

    /// Returns the bits of a result that the stepper knows.
    pub(super) const fn known(self) -> u64 {
        match self {
            Self::Call | Self::Register(_) => 0,
            Self::Pending(_) => !TIMER,
        }
    }
}

/// Returns the register that a load to integer registers writes.
fn destination(bits: u32) -> usize {
    let field = match bits & 3 {
        // `c.lw` and `c.ld`: three bits for x8 to x15.
        0 => (bits >> 2 & 7) + 8,
        _ => bits >> 7 & 31,
    };
    usize::try_from(field).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outside(bits: u32, next: u64) -> Option<Outside> {
        let executed = Executed { pc: 0x1000, privilege: Privilege::Supervisor, instruction: Some(bits) };
        Outside::of(&executed, false, next)
    }

    #[test]
    fn calls_counters_and_chance_come_from_the_trace() {
        assert_eq!(outside(ECALL, 0x1004), Some(Outside::Call));
        // rdtime a0; csrrw a1, seed, zero; csrr t6, sip
        assert_eq!(outside(0xc010_2573, 0x1004), Some(Outside::Register(10)));
        assert_eq!(outside(0x0150_15f3, 0x1004), Some(Outside::Register(11)));
        assert_eq!(outside(0x1440_2ff3, 0x1004), Some(Outside::Pending(31)));
        // csrr a0, sstatus; add a0, a1, a2
        assert_eq!(outside(0x1000_2573, 0x1004), None);
        assert_eq!(outside(0x00c5_8533, 0x1004), None);
    }

    #[test]
    fn an_instruction_that_trapped_has_no_result() {
        assert_eq!(outside(0xc010_2573, 0x8000), None);
        assert_eq!(outside(ECALL, 0x8000), None);
    }

    #[test]
    fn a_call_of_user_mode_is_a_trap() {
        let executed = Executed { pc: 0x1000, privilege: Privilege::User, instruction: Some(ECALL) };
        assert_eq!(Outside::of(&executed, false, 0x1004), None);
    }

    #[test]
    fn a_device_gives_the_register_that_is_loaded() {
        let loaded = |bits| {
            let executed = Executed { pc: 0x1000, privilege: Privilege::Supervisor, instruction: Some(bits) };
            Outside::of(&executed, true, if bits & 3 == 3 { 0x1004 } else { 0x1002 })
        };
        // lbu a0, 5(a1); c.lw a2, 0(a0)
        assert_eq!(loaded(0x0055_c503), Some(Outside::Register(10)));
        assert_eq!(loaded(0x4110), Some(Outside::Register(12)));
    }
}
