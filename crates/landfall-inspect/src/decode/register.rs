//! Registers, by their numbers, and their names in the calling convention.

use std::fmt;

/// One of the 32 integer registers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Register(u8);

/// One of the 32 floating-point registers.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FloatRegister(u8);

const NAMES: [&str; 32] = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6",
    "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
];

const FLOAT_NAMES: [&str; 32] = [
    "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3", "fa4",
    "fa5", "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8",
    "ft9", "ft10", "ft11",
];

impl Register {
    /// Always 0.
    pub const ZERO: Self = Self(0);
    /// The return address.
    pub const RA: Self = Self(1);
    /// The stack pointer.
    pub const SP: Self = Self(2);
    /// The global pointer.
    pub const GP: Self = Self(3);
    /// The thread pointer.
    pub const TP: Self = Self(4);
    /// The other link register.
    pub const T0: Self = Self(5);
    /// The first argument.
    pub const A0: Self = Self(10);

    /// The register whose number stands in the low five bits of `field`.
    #[must_use]
    pub const fn new(field: u32) -> Self {
        Self((field & 31) as u8)
    }

    /// The register that three bits of a compressed instruction mean: `x8` to `x15`.
    pub(super) const fn short(field: u16) -> Self {
        Self((field & 7) as u8 + 8)
    }

    /// The register behind this one.
    pub(super) const fn next(self) -> Self {
        Self((self.0 + 1) & 31)
    }

    /// Its number, 0 to 31.
    #[must_use]
    pub const fn number(self) -> usize {
        self.0 as usize
    }
}

impl FloatRegister {
    /// The register whose number stands in the low five bits of `field`.
    #[must_use]
    pub const fn new(field: u32) -> Self {
        Self((field & 31) as u8)
    }

    pub(super) const fn short(field: u16) -> Self {
        Self((field & 7) as u8 + 8)
    }
}

impl fmt::Display for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAMES[usize::from(self.0)])
    }
}

impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for FloatRegister {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(FLOAT_NAMES[usize::from(self.0)])
    }
}

impl fmt::Debug for FloatRegister {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
