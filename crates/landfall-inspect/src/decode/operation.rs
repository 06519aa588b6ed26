//! What an instruction does.

use super::float::{FloatFormat, FloatOperation};
use super::register::{FloatRegister, Register};

/// An enumeration whose members have the names that assemblers use.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($member:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the names are the specification's")]
        pub enum $name { $($member),+ }

        impl $name {
            /// The name that assemblers use.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$member => $text),+ }
            }
        }
    };
}
pub(super) use named;

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
    }
);
named!(
    /// Atomic accesses. `Lr` has no source.
    AtomicName {
        Lr = "lr", Sc = "sc", Swap = "amoswap", Add = "amoadd", Xor = "amoxor", And = "amoand", Or = "amoor",
        Min = "amomin", Max = "amomax", Minu = "amominu", Maxu = "amomaxu",
    }
);
named!(
    /// Accesses to control and status registers.
    CsrName { Write = "csrrw", Set = "csrrs", Clear = "csrrc" }
);

/// What an atomic access is ordered with: its bits `aq` and `rl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ordering(pub(super) u8);

/// What a CSR is written, set or cleared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsrSource {
    /// A register.
    Register(Register),
    /// Five bits of the instruction itself.
    Immediate(u8),
}

/// What an instruction does. Offsets are in bytes; those of jumps and branches count from the instruction's own address.
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
    /// The access has `width` bytes: 4 or 8.
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
    /// `predecessor` and `successor` are bit sets: device input 8, device output 4, reads 2, writes 1.
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
    /// Nothing that RV64GC defines: reserved, custom, of another extension, or illegal.
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
            _ => None,
        }
    }

    /// How many bytes of memory it reads or writes; 0 if it reads and writes none.
    #[must_use]
    pub const fn access_width(self) -> u8 {
        match self {
            Self::Load { name: LoadName::Lb | LoadName::Lbu, .. }
            | Self::Store { name: StoreName::Sb, .. } => 1,
            Self::Load { name: LoadName::Lh | LoadName::Lhu, .. }
            | Self::Store { name: StoreName::Sh, .. } => 2,
            Self::Load { name: LoadName::Lw | LoadName::Lwu, .. }
            | Self::Store { name: StoreName::Sw, .. }
            | Self::FloatLoad { format: FloatFormat::Single, .. }
            | Self::FloatStore { format: FloatFormat::Single, .. } => 4,
            Self::Load { name: LoadName::Ld, .. }
            | Self::Store { name: StoreName::Sd, .. }
            | Self::FloatLoad { format: FloatFormat::Double, .. }
            | Self::FloatStore { format: FloatFormat::Double, .. } => 8,
            Self::Atomic { width, .. } => width,
            _ => 0,
        }
    }
}
