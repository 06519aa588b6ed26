//! The relocations of a relocatable object (RISC-V psABI, "Relocations"): what each computes, and
//! the field that it fills.

use core::fmt;

/// A relocation that a loader resolves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relocation {
    /// The field takes a value: of what, relative to what.
    Value(Value, Field),
    /// The lower 12 bits belong to the upper 20 of another place, which the symbol names.
    Lower(Field),
    /// The field takes a difference: from S + A of this one, S + A of another at the same place is
    /// subtracted.
    Minuend,
    /// The other one.
    Subtrahend,
    /// It has no effect: a hint for linkers.
    Nothing,
    /// Instructions that a linker may delete, up to an alignment.
    Align,
}

/// The computed value. S is the symbol, A the addend, P the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// S + A
    Absolute,
    /// S + A - P
    Relative,
    /// S + A - P, by way of an entry of the PLT if S is beyond reach.
    Call,
    /// As [`Value::Relative`]; data beyond reach are loaded from a slot of the GOT.
    Data,
    /// G + A - P, where G is the slot of S in the GOT.
    Slot,
}

/// The field, and what happens to its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// A word of so many bytes is replaced.
    Set(u8),
    /// A word of so many bytes is added to.
    Add(u8),
    /// A word of so many bytes is subtracted from.
    Subtract(u8),
    /// The lower 6 bits of a byte are replaced.
    Set6,
    /// The lower 6 bits of a byte are subtracted from.
    Subtract6,
    /// A number of seven bits a byte.
    Leb,
    /// A word of 4 bytes, signed.
    Signed32,
    /// B-type: a branch.
    Branch,
    /// J-type: a jump.
    Jump,
    /// CB-type: a compressed branch.
    CompressedBranch,
    /// CJ-type: a compressed jump.
    CompressedJump,
    /// U-type: the upper 20 bits.
    Upper,
    /// U-type and I-type: `auipc` and `jalr`.
    Pair,
    /// I-type: the lower 12 bits.
    LowerLoad,
    /// S-type: the lower 12 bits.
    LowerStore,
}

/// Why a relocation is refused whatever its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unsupported {
    /// It needs an address within 2 GiB of 0, which no address of a kernel is.
    Absolute,
    /// It is for thread-local variables.
    ThreadLocal,
    /// It belongs to programs that a dynamic linker loads.
    Dynamic,
    /// The psABI of which this version knows does not define it, or no compiler emits it.
    Unknown,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absolute => {
                "it holds an absolute address within 2 GiB of 0; compile with -mcmodel=medany and -fno-pic, or code-model=medium"
            }
            Self::ThreadLocal => "a kernel has no thread-local variables",
            Self::Dynamic => "it belongs to a dynamic linker; link with -r",
            Self::Unknown => "no rule for it is known",
        })
    }
}

macro_rules! relocations {
    ($($number:literal $name:literal $meaning:expr;)+) => {
        /// Returns the meaning of a relocation type.
        pub(crate) const fn meaning(number: u32) -> Result<Relocation, Unsupported> {
            use self::{Field::*, Relocation::{Align, Lower, Minuend, Nothing, Subtrahend}, Value::{Absolute, Call, Data, Relative, Slot}};
            match number {
                $($number => $meaning,)+
                _ => Err(Unsupported::Unknown),
            }
        }

        /// Returns the name of a relocation type in the psABI.
        #[must_use]
        pub const fn name(number: u32) -> Option<&'static str> {
            match number {
                $($number => Some(concat!("R_RISCV_", $name)),)+
                _ => None,
            }
        }

        /// The numbers of all relocation types that have a name.
        pub const ALL: &[u32] = &[$($number),+];
    };
}

relocations! {
    0 "NONE" Ok(Nothing);
    1 "32" Ok(Relocation::Value(Absolute, Signed32));
    2 "64" Ok(Relocation::Value(Absolute, Set(8)));
    3 "RELATIVE" Err(Unsupported::Dynamic);
    4 "COPY" Err(Unsupported::Dynamic);
    5 "JUMP_SLOT" Err(Unsupported::Dynamic);
    6 "TLS_DTPMOD32" Err(Unsupported::ThreadLocal);
    7 "TLS_DTPMOD64" Err(Unsupported::ThreadLocal);
    8 "TLS_DTPREL32" Err(Unsupported::ThreadLocal);
    9 "TLS_DTPREL64" Err(Unsupported::ThreadLocal);
    10 "TLS_TPREL32" Err(Unsupported::ThreadLocal);
    11 "TLS_TPREL64" Err(Unsupported::ThreadLocal);
    12 "TLSDESC" Err(Unsupported::ThreadLocal);
    16 "BRANCH" Ok(Relocation::Value(Relative, Branch));
    17 "JAL" Ok(Relocation::Value(Call, Jump));
    18 "CALL" Ok(Relocation::Value(Call, Pair));
    19 "CALL_PLT" Ok(Relocation::Value(Call, Pair));
    20 "GOT_HI20" Ok(Relocation::Value(Slot, Upper));
    21 "TLS_GOT_HI20" Err(Unsupported::ThreadLocal);
    22 "TLS_GD_HI20" Err(Unsupported::ThreadLocal);
    23 "PCREL_HI20" Ok(Relocation::Value(Data, Upper));
    24 "PCREL_LO12_I" Ok(Lower(LowerLoad));
    25 "PCREL_LO12_S" Ok(Lower(LowerStore));
    26 "HI20" Err(Unsupported::Absolute);
    27 "LO12_I" Err(Unsupported::Absolute);
    28 "LO12_S" Err(Unsupported::Absolute);
    29 "TPREL_HI20" Err(Unsupported::ThreadLocal);
    30 "TPREL_LO12_I" Err(Unsupported::ThreadLocal);
    31 "TPREL_LO12_S" Err(Unsupported::ThreadLocal);
    32 "TPREL_ADD" Err(Unsupported::ThreadLocal);
    33 "ADD8" Ok(Relocation::Value(Absolute, Add(1)));
    34 "ADD16" Ok(Relocation::Value(Absolute, Add(2)));
    35 "ADD32" Ok(Relocation::Value(Absolute, Add(4)));
    36 "ADD64" Ok(Relocation::Value(Absolute, Add(8)));
    37 "SUB8" Ok(Relocation::Value(Absolute, Subtract(1)));
    38 "SUB16" Ok(Relocation::Value(Absolute, Subtract(2)));
    39 "SUB32" Ok(Relocation::Value(Absolute, Subtract(4)));
    40 "SUB64" Ok(Relocation::Value(Absolute, Subtract(8)));
    41 "GOT32_PCREL" Ok(Relocation::Value(Slot, Signed32));
    43 "ALIGN" Ok(Align);
    44 "RVC_BRANCH" Ok(Relocation::Value(Relative, CompressedBranch));
    45 "RVC_JUMP" Ok(Relocation::Value(Relative, CompressedJump));
    46 "RVC_LUI" Err(Unsupported::Absolute);
    51 "RELAX" Ok(Nothing);
    52 "SUB6" Ok(Relocation::Value(Absolute, Subtract6));
    53 "SET6" Ok(Relocation::Value(Absolute, Set6));
    54 "SET8" Ok(Relocation::Value(Absolute, Set(1)));
    55 "SET16" Ok(Relocation::Value(Absolute, Set(2)));
    56 "SET32" Ok(Relocation::Value(Absolute, Set(4)));
    57 "32_PCREL" Ok(Relocation::Value(Relative, Signed32));
    58 "IRELATIVE" Err(Unsupported::Dynamic);
    59 "PLT32" Ok(Relocation::Value(Call, Signed32));
    60 "SET_ULEB128" Ok(Minuend);
    61 "SUB_ULEB128" Ok(Subtrahend);
    62 "TLSDESC_HI20" Err(Unsupported::ThreadLocal);
    63 "TLSDESC_LOAD_LO12" Err(Unsupported::ThreadLocal);
    64 "TLSDESC_ADD_LO12" Err(Unsupported::ThreadLocal);
    65 "TLSDESC_CALL" Err(Unsupported::ThreadLocal);
}

impl Field {
    /// Returns the bytes that the field may take.
    pub(crate) const fn size(self) -> usize {
        match self {
            Self::Set(size) | Self::Add(size) | Self::Subtract(size) => size as usize,
            Self::Set6 | Self::Subtract6 => 1,
            Self::Leb => MOST_LEB,
            Self::CompressedBranch | Self::CompressedJump => 2,
            Self::Pair => 8,
            _ => 4,
        }
    }

    /// Returns true if the field may end before its size: a number of seven bits a byte.
    pub(crate) const fn may_be_short(self) -> bool {
        matches!(self, Self::Leb)
    }
}

/// The types of the two halves of a difference.
pub(crate) const SET_ULEB128: u32 = 60;
pub(crate) const SUB_ULEB128: u32 = 61;

/// The most bytes of a number of seven bits a byte.
pub(crate) const MOST_LEB: usize = 10;
