//! The operation of an instruction.

use super::extension::Extension;
use super::float::{FloatFormat, FloatOperation};
use super::named::named;
use super::register::{FloatRegister, Register};

named!(
    /// When a branch is taken.
    Condition { Eq = "beq", Ne = "bne", Lt = "blt", Ge = "bge", Ltu = "bltu", Geu = "bgeu" }
);
named!(
    /// Loads into integer registers.
    LoadName { Lb = "lb", Lh = "lh", Lw = "lw", Ld = "ld", Lbu = "lbu", Lhu = "lhu", Lwu = "lwu" }
);
named!(
    /// Stores of integer registers.
    StoreName { Sb = "sb", Sh = "sh", Sw = "sw", Sd = "sd" }
);
named!(
    /// Arithmetic on a register and an immediate.
    ImmediateName {
        Addi = "addi", Slti = "slti", Sltiu = "sltiu", Xori = "xori", Ori = "ori", Andi = "andi",
        Slli = "slli", Srli = "srli", Srai = "srai",
        Addiw = "addiw", Slliw = "slliw", Srliw = "srliw", Sraiw = "sraiw",
    }
);
named!(
    /// Arithmetic on two registers.
    ArithmeticName {
        Add = "add", Sub = "sub", Sll = "sll", Slt = "slt", Sltu = "sltu", Xor = "xor", Srl = "srl", Sra = "sra",
        Or = "or", And = "and", Addw = "addw", Subw = "subw", Sllw = "sllw", Srlw = "srlw", Sraw = "sraw",
        Mul = "mul", Mulh = "mulh", Mulhsu = "mulhsu", Mulhu = "mulhu", Div = "div", Divu = "divu", Rem = "rem",
        Remu = "remu", Mulw = "mulw", Divw = "divw", Divuw = "divuw", Remw = "remw", Remuw = "remuw",
        Sh1add = "sh1add", Sh2add = "sh2add", Sh3add = "sh3add", AddUw = "add.uw",
        Sh1addUw = "sh1add.uw", Sh2addUw = "sh2add.uw", Sh3addUw = "sh3add.uw",
    }
);
named!(
    /// Atomic accesses. `Lr` has no source.
    AtomicName {
        Lr = "lr", Sc = "sc", Swap = "amoswap", Add = "amoadd", Xor = "amoxor", And = "amoand", Or = "amoor",
        Min = "amomin", Max = "amomax", Minu = "amominu", Maxu = "amomaxu", Cas = "amocas", ShadowSwap = "ssamoswap",
    }
);
named!(
    /// Accesses to control and status registers.
    CsrName { Write = "csrrw", Set = "csrrs", Clear = "csrrc" }
);

/// The order of an atomic access: its bits `aq` and `rl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ordering(pub(super) u8);

/// The operand for writing, setting or clearing a CSR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsrSource {
    /// A register.
    Register(Register),
    /// Five bits of the instruction itself.
    Immediate(u8),
}

/// The operation of an instruction. Offsets are in bytes; those of jumps and branches count from
/// the instruction's own address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the specification's")]
pub enum Operation {
    /// `rd` = `value`, sign-extended. The low twelve bits are 0.
    Lui {
        rd: Register,
        value: i32,
    },
    /// `rd` = the instruction's address plus `offset`, whose low twelve bits are 0.
    Auipc {
        rd: Register,
        offset: i32,
    },
    /// `jal`.
    Jump {
        rd: Register,
        offset: i32,
    },
    /// `jalr`.
    JumpRegister {
        rd: Register,
        base: Register,
        offset: i16,
    },
    Branch {
        name: Condition,
        left: Register,
        right: Register,
        offset: i16,
    },
    Load {
        name: LoadName,
        rd: Register,
        base: Register,
        offset: i16,
    },
    Store {
        name: StoreName,
        source: Register,
        base: Register,
        offset: i16,
    },
    FloatLoad {
        format: FloatFormat,
        rd: FloatRegister,
        base: Register,
        offset: i16,
    },
    FloatStore {
        format: FloatFormat,
        source: FloatRegister,
        base: Register,
        offset: i16,
    },
    /// The access has `width` bytes: 1 to 16. With 16, `rd` and `source` are pairs of registers.
    Atomic {
        name: AtomicName,
        width: u8,
        ordering: Ordering,
        rd: Register,
        base: Register,
        source: Register,
    },
    Immediate {
        name: ImmediateName,
        rd: Register,
        source: Register,
        immediate: i16,
    },
    Arithmetic {
        name: ArithmeticName,
        rd: Register,
        left: Register,
        right: Register,
    },
    Float(FloatOperation),
    Csr {
        name: CsrName,
        rd: Register,
        csr: u16,
        source: CsrSource,
    },
    /// `predecessor` and `successor` are bit sets: device input 8, device output 4, reads 2, writes
    /// 1.
    Fence {
        mode: u8,
        predecessor: u8,
        successor: u8,
    },
    FenceI,
    Ecall,
    Ebreak,
    Sret,
    Mret,
    Wfi,
    FenceVma {
        address: Register,
        space: Register,
    },
    /// An instruction of an extension beyond RV64GC.
    Extension(Extension),
    /// Nothing that is known here: reserved, custom, of another extension, or illegal.
    Unknown,
}

impl Operation {
    /// The integer register that it writes, `zero` included.
    #[must_use]
    pub const fn destination(self) -> Option<Register> {
        match self {
            Self::Lui { rd, .. }
            | Self::Auipc { rd, .. }
            | Self::Jump { rd, .. }
            | Self::JumpRegister { rd, .. }
            | Self::Load { rd, .. }
            | Self::Atomic { rd, .. }
            | Self::Immediate { rd, .. }
            | Self::Arithmetic { rd, .. }
            | Self::Csr { rd, .. } => Some(rd),
            Self::Float(operation) => operation.integer_destination(),
            Self::Extension(extension) => extension.integer_destination(),
            _ => None,
        }
    }

    /// The other integer register that it writes, where it writes a pair.
    #[must_use]
    pub const fn second_destination(self) -> Option<Register> {
        match self {
            // A pair that begins with `zero` is 0, and is not written (Zacas).
            Self::Atomic { width: 16, rd, .. } if rd.number() != 0 => Some(rd.next()),
            _ => None,
        }
    }

    /// The register and the offset that make the address of a memory access.
    #[must_use]
    pub const fn access(self) -> Option<(Register, i16)> {
        match self {
            Self::Load { base, offset, .. }
            | Self::Store { base, offset, .. }
            | Self::FloatLoad { base, offset, .. }
            | Self::FloatStore { base, offset, .. } => Some((base, offset)),
            Self::Atomic { base, .. } => Some((base, 0)),
            Self::Extension(extension) => match extension.base() {
                Some(base) => Some((base, 0)),
                None => None,
            },
            _ => None,
        }
    }

    /// Returns the bytes of memory that it reads or writes. `None` if it accesses none, or if the
    /// instruction alone does not state the number.
    #[must_use]
    pub const fn access_width(self) -> Option<u8> {
        Some(match self {
            Self::Load { name: LoadName::Lb | LoadName::Lbu, .. }
            | Self::Store { name: StoreName::Sb, .. } => 1,
            Self::Load { name: LoadName::Lh | LoadName::Lhu, .. }
            | Self::Store { name: StoreName::Sh, .. } => 2,
            Self::Load { name: LoadName::Lw | LoadName::Lwu, .. }
            | Self::Store { name: StoreName::Sw, .. } => 4,
            Self::Load { name: LoadName::Ld, .. } | Self::Store { name: StoreName::Sd, .. } => 8,
            Self::FloatLoad { format, .. } | Self::FloatStore { format, .. } => format.width(),
            Self::Atomic { width, .. } => width,
            _ => return None,
        })
    }
}
