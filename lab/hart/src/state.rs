//! The state of a hart before an instruction.

use std::{fmt, io};

/// The bits of `mstatus` that `sstatus` shows: SIE, SPIE, UBE, SPP, VS, FS, XS, SUM, MXR, SPELP,
/// SDT, UXL, SD.
pub const SSTATUS: u64 = 0x8000_0003_018d_e762;

/// A privilege mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Privilege {
    /// User mode.
    User,
    /// Supervisor mode.
    #[default]
    Supervisor,
}

/// The CSRs that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Csr {
    /// `sstatus`.
    Sstatus,
    /// `sie`.
    Sie,
    /// `stvec`.
    Stvec,
    /// `sscratch`.
    Sscratch,
    /// `sepc`.
    Sepc,
    /// `scause`.
    Scause,
    /// `stval`.
    Stval,
    /// `satp`.
    Satp,
    /// `fcsr`.
    Fcsr,
}

impl Csr {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Sstatus,
        Self::Sie,
        Self::Stvec,
        Self::Sscratch,
        Self::Sepc,
        Self::Scause,
        Self::Stval,
        Self::Satp,
        Self::Fcsr,
    ];

    /// Returns its number in the specification.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Sstatus => 0x100,
            Self::Sie => 0x104,
            Self::Stvec => 0x105,
            Self::Sscratch => 0x140,
            Self::Sepc => 0x141,
            Self::Scause => 0x142,
            Self::Stval => 0x143,
            Self::Satp => 0x180,
            Self::Fcsr => 0x003,
        }
    }

    /// Returns its name in the specification.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sstatus => "sstatus",
            Self::Sie => "sie",
            Self::Stvec => "stvec",
            Self::Sscratch => "sscratch",
            Self::Sepc => "sepc",
            Self::Scause => "scause",
            Self::Stval => "stval",
            Self::Satp => "satp",
            Self::Fcsr => "fcsr",
        }
    }
}

/// The state that a hart shows before an instruction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The address of the instruction.
    pub pc: u64,
    /// The privilege mode.
    pub privilege: Privilege,
    /// The integer registers.
    pub x: [u64; 32],
    /// The floating-point registers.
    pub f: [u64; 32],
    /// The CSRs in the order of [`Csr::ALL`]; `None` if the trace does not show one.
    pub csrs: [Option<u64>; Csr::ALL.len()],
}

impl State {
    /// Returns a CSR, if it is known.
    #[must_use]
    pub const fn csr(&self, csr: Csr) -> Option<u64> {
        self.csrs[csr as usize]
    }

    /// Sets a CSR.
    pub const fn set_csr(&mut self, csr: Csr, value: u64) {
        self.csrs[csr as usize] = Some(value);
    }

    /// Returns the differences from `expected`, each as a name, the value here and the value there.
    #[must_use]
    pub fn differences(&self, expected: &Self) -> Vec<Unequal> {
        let mut all = Vec::new();
        let mut compare = |name: String, found: u64, expected: u64| {
            if found != expected {
                all.push(Unequal { name, found, expected });
            }
        };
        compare("pc".to_owned(), self.pc, expected.pc);
        compare("privilege".to_owned(), self.privilege as u64, expected.privilege as u64);
        for (index, (found, expected)) in self.x.iter().zip(&expected.x).enumerate() {
            compare(format!("x{index}"), *found, *expected);
        }
        for (index, (found, expected)) in self.f.iter().zip(&expected.f).enumerate() {
            compare(format!("f{index}"), *found, *expected);
        }
        for csr in Csr::ALL {
            if let (Some(found), Some(expected)) = (self.csr(csr), expected.csr(csr)) {
                compare(csr.name().to_owned(), found, expected);
            }
        }
        all
    }

    /// Returns true if nothing that both know differs. Costs less than [`State::differences`].
    #[must_use]
    pub fn agrees_with(&self, expected: &Self) -> bool {
        let csr =
            |(one, other): (&Option<u64>, &Option<u64>)| one.is_none() || other.is_none() || one == other;
        self.pc == expected.pc
            && self.privilege == expected.privilege
            && self.x == expected.x
            && self.f == expected.f
            && self.csrs.iter().zip(&expected.csrs).all(csr)
    }
}

/// One value that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unequal {
    /// The register.
    pub name: String,
    /// Its value in the stepper.
    pub found: u64,
    /// Its value in the trace.
    pub expected: u64,
}

impl fmt::Display for Unequal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {:#x}, and the trace has {:#x}", self.name, self.found, self.expected)
    }
}

/// One step of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The state before the instruction.
    pub state: State,
    /// Physical addresses and bytes that firmware has stored since the record before.
    pub stored: Vec<(u64, Vec<u8>)>,
}

/// The steps of a machine as they come.
pub type Steps<'a> = &'a mut (dyn Iterator<Item = io::Result<Record>> + Send);

/// The contents of a machine at the first record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The bytes of RAM.
    pub memory: u64,
    /// Physical addresses and bytes: the image, the device tree, the initial RAM disk.
    pub contents: Vec<(u64, Vec<u8>)>,
    /// The physical address of the device tree.
    pub tree: u64,
    /// The physical address of the first instruction.
    pub start: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csrs_are_in_the_order_of_the_list() {
        for (index, csr) in Csr::ALL.into_iter().enumerate() {
            assert_eq!(csr as usize, index, "{}", csr.name());
        }
    }

    #[test]
    fn a_csr_that_one_side_does_not_show_is_no_difference() {
        let mut one = State::default();
        let mut other = one.clone();
        one.set_csr(Csr::Sepc, 4);
        assert!(one.agrees_with(&other) && one.differences(&other).is_empty());
        other.set_csr(Csr::Sepc, 8);
        assert!(!one.agrees_with(&other));
        assert_eq!(one.differences(&other), [Unequal { name: "sepc".to_owned(), found: 4, expected: 8 }]);
    }
}
