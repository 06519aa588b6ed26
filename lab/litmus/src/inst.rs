//! Instructions of litmus tests: the loads, stores, atomics, fences, branches and the arithmetic
//! that carries dependencies.

use std::fmt;

/// An integer register, x0 to x31.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reg(u8);

impl Reg {
    /// The register that is always 0.
    pub const ZERO: Self = Self(0);

    /// The names of the ABI, by number.
    const ABI: [&str; 32] = [
        "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
        "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
    ];

    /// Returns the register with this number, 0 to 31.
    ///
    /// # Panics
    /// Panics if there is no such register.
    #[must_use]
    pub const fn new(number: u8) -> Self {
        assert!(number < 32, "a register has a number below 32");
        Self(number)
    }

    /// Returns the register with this name, of the architecture or of the ABI.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if let Some(number) = name.strip_prefix('x').and_then(|number| number.parse::<u8>().ok()) {
            return (number < 32).then_some(Self(number));
        }
        let name = if name == "fp" { "s0" } else { name };
        (0..32).map(Self).find(|register| Self::ABI[register.index()] == name)
    }

    /// Returns the register's number, as instructions encode it.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0 as u32
    }

    /// Returns the register's number.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "x{}", self.0)
    }
}

/// The width of an access to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Width {
    /// 1 byte.
    Byte,
    /// 2 bytes.
    Half,
    /// 4 bytes.
    Word,
    /// 8 bytes.
    Double,
}

impl Width {
    /// Returns the width in bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        1 << self as u64
    }

    /// Returns the low bytes of a value, zero-extended.
    #[must_use]
    pub const fn truncate(self, value: u64) -> u64 {
        value & u64::MAX >> (64 - 8 * self.bytes())
    }

    /// Returns the low bytes of a value, sign-extended.
    #[must_use]
    pub const fn extend(self, value: u64) -> u64 {
        let unused = 64 - 8 * self.bytes();
        ((value << unused).cast_signed() >> unused).cast_unsigned()
    }

    /// Returns the letter of the width in mnemonics.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Byte => 'b',
            Self::Half => 'h',
            Self::Word => 'w',
            Self::Double => 'd',
        }
    }
}

/// The annotations `aq` and `rl`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Nothing younger comes before the access.
    pub acquire: bool,
    /// Nothing older comes after the access.
    pub release: bool,
}

impl Order {
    /// No annotation.
    pub const NONE: Self = Self { acquire: false, release: false };
    /// `aq`.
    pub const ACQUIRE: Self = Self { acquire: true, release: false };
    /// `rl`.
    pub const RELEASE: Self = Self { acquire: false, release: true };
    /// `aq` and `rl`.
    pub const BOTH: Self = Self { acquire: true, release: true };

    /// Returns true if the access has an annotation.
    #[must_use]
    pub const fn any(self) -> bool {
        self.acquire || self.release
    }
}

/// The operation of an instruction on registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alu {
    /// Addition.
    Add,
    /// Subtraction; not as an immediate.
    Sub,
    /// Exclusive or.
    Xor,
    /// Or.
    Or,
    /// And.
    And,
}

impl Alu {
    /// Returns the result.
    #[must_use]
    pub const fn apply(self, left: u64, right: u64) -> u64 {
        match self {
            Self::Add => left.wrapping_add(right),
            Self::Sub => left.wrapping_sub(right),
            Self::Xor => left ^ right,
            Self::Or => left | right,
            Self::And => left & right,
        }
    }
}

/// The operation of an AMO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amo {
    /// `amoswap`.
    Swap,
    /// `amoadd`.
    Add,
    /// `amoxor`.
    Xor,
    /// `amoor`.
    Or,
    /// `amoand`.
    And,
}

impl Amo {
    /// Returns what the AMO stores.
    #[must_use]
    pub const fn apply(self, old: u64, operand: u64) -> u64 {
        match self {
            Self::Swap => operand,
            Self::Add => old.wrapping_add(operand),
            Self::Xor => old ^ operand,
            Self::Or => old | operand,
            Self::And => old & operand,
        }
    }
}

/// The accesses that a fence orders on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accesses {
    /// Reads.
    pub read: bool,
    /// Writes.
    pub write: bool,
}

impl Accesses {
    /// Reads alone.
    pub const R: Self = Self { read: true, write: false };
    /// Writes alone.
    pub const W: Self = Self { read: false, write: true };
    /// Reads and writes.
    pub const RW: Self = Self { read: true, write: true };
}

/// A fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fence {
    /// `fence` with the accesses before and after it that it orders.
    Normal(Accesses, Accesses),
    /// `fence.tso`: `fence r,rw` and `fence w,w`.
    Tso,
    /// `fence.i`: orders no access to data.
    Instruction,
}

/// The condition of a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `beq`.
    Equal,
    /// `bne`.
    NotEqual,
}

/// An instruction. A target is an index into the hart's instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inst {
    /// A load.
    Load {
        /// The width; narrower values are sign-extended, unless `unsigned`.
        width: Width,
        /// The value is zero-extended.
        unsigned: bool,
        /// The annotations: a form of the litmus format, not of the base ISA.
        order: Order,
        /// The register for the value.
        rd: Reg,
        /// The register with the address.
        base: Reg,
        /// The offset, in bytes.
        offset: i32,
    },
    /// A store.
    Store {
        /// The width.
        width: Width,
        /// The annotations: a form of the litmus format, not of the base ISA.
        order: Order,
        /// The register with the value.
        source: Reg,
        /// The register with the address.
        base: Reg,
        /// The offset, in bytes.
        offset: i32,
    },
    /// `lr`.
    LoadReserved {
        /// The width, 4 or 8 bytes.
        width: Width,
        /// The annotations.
        order: Order,
        /// The register for the value.
        rd: Reg,
        /// The register with the address.
        base: Reg,
    },
    /// `sc`.
    StoreConditional {
        /// The width, 4 or 8 bytes.
        width: Width,
        /// The annotations.
        order: Order,
        /// The register for the result: 0 for success.
        rd: Reg,
        /// The register with the value.
        source: Reg,
        /// The register with the address.
        base: Reg,
    },
    /// An AMO.
    Amo {
        /// The operation.
        op: Amo,
        /// The width, 4 or 8 bytes.
        width: Width,
        /// The annotations.
        order: Order,
        /// The register for the old value.
        rd: Reg,
        /// The register with the operand.
        source: Reg,
        /// The register with the address.
        base: Reg,
    },
    /// A fence.
    Fence(Fence),
    /// Arithmetic with an immediate of 12 bits.
    Immediate {
        /// The operation.
        op: Alu,
        /// The register for the result.
        rd: Reg,
        /// The operand.
        rs1: Reg,
        /// The immediate operand.
        value: i32,
    },
    /// Arithmetic.
    Register {
        /// The operation.
        op: Alu,
        /// The register for the result.
        rd: Reg,
        /// The first operand.
        rs1: Reg,
        /// The second operand.
        rs2: Reg,
    },
    /// A branch.
    Branch {
        /// The condition.
        compare: Compare,
        /// The first operand.
        rs1: Reg,
        /// The second operand.
        rs2: Reg,
        /// The target.
        target: usize,
    },
    /// `j`.
    Jump {
        /// The target.
        target: usize,
    },
    /// `jalr` without a link.
    JumpRegister {
        /// The register with the target's address.
        rs1: Reg,
        /// The offset, in bytes.
        offset: i32,
    },
}

impl Inst {
    /// Returns the registers that the instruction names.
    #[must_use]
    pub fn registers(&self) -> Vec<Reg> {
        match *self {
            Self::Load { rd, base, .. } | Self::LoadReserved { rd, base, .. } => vec![rd, base],
            Self::Store { source, base, .. } => vec![source, base],
            Self::StoreConditional { rd, source, base, .. } | Self::Amo { rd, source, base, .. } => {
                vec![rd, source, base]
            }
            Self::Immediate { rd, rs1, .. } => vec![rd, rs1],
            Self::Register { rd, rs1, rs2, .. } => vec![rd, rs1, rs2],
            Self::Branch { rs1, rs2, .. } => vec![rs1, rs2],
            Self::JumpRegister { rs1, .. } => vec![rs1],
            Self::Fence(_) | Self::Jump { .. } => Vec::new(),
        }
    }
}
