//! Floating-point arithmetic of F and D. A walk needs only the operations that write an integer
//! register.

use super::fields::Word;
use super::named::named;
use super::register::{FloatRegister, Register};

/// The format of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloatFormat {
    /// 32 bits: F.
    Single,
    /// 64 bits: D.
    Double,
    /// 16 bits: Zfhmin. Only loads and stores; the rest is an [`Extension`](super::Extension).
    Half,
    /// 128 bits: Q, as with [`FloatFormat::Half`].
    Quad,
}

named!(
    /// Operations on floating-point registers. In the name of a conversion, `fmt` stands for the
    /// format.
    FloatName {
        Add = "fadd.fmt", Sub = "fsub.fmt", Mul = "fmul.fmt", Div = "fdiv.fmt", Sqrt = "fsqrt.fmt",
        SignCopy = "fsgnj.fmt", SignNot = "fsgnjn.fmt", SignXor = "fsgnjx.fmt", Min = "fmin.fmt", Max = "fmax.fmt",
        Le = "fle.fmt", Lt = "flt.fmt", Eq = "feq.fmt", Class = "fclass.fmt",
        ToW = "fcvt.w.fmt", ToWu = "fcvt.wu.fmt", ToL = "fcvt.l.fmt", ToLu = "fcvt.lu.fmt",
        FromW = "fcvt.fmt.w", FromWu = "fcvt.fmt.wu", FromL = "fcvt.fmt.l", FromLu = "fcvt.fmt.lu",
        FromS = "fcvt.fmt.s", FromD = "fcvt.fmt.d", BitsTo = "fmv.x.fmt", BitsFrom = "fmv.fmt.x",
        MulAdd = "fmadd.fmt", MulSub = "fmsub.fmt", NegMulSub = "fnmsub.fmt", NegMulAdd = "fnmadd.fmt",
    }
);

/// One operation, with the fields of its encoding: which of them are registers, and of which kind,
/// depends on the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloatOperation {
    /// Its operation.
    pub name: FloatName,
    /// In which format.
    pub format: FloatFormat,
    rd: u8,
    rs1: u8,
    rs2: u8,
    rs3: u8,
    rounding: u8,
}

impl FloatFormat {
    /// Of a load or store, by its `funct3`.
    pub(super) const fn of_access(funct3: u32) -> Option<Self> {
        match funct3 {
            1 => Some(Self::Half),
            2 => Some(Self::Single),
            3 => Some(Self::Double),
            4 => Some(Self::Quad),
            _ => None,
        }
    }

    /// Returns the bytes of a number.
    pub(super) const fn width(self) -> u8 {
        match self {
            Self::Half => 2,
            Self::Single => 4,
            Self::Double => 8,
            Self::Quad => 16,
        }
    }

    pub(super) const fn letter(self) -> char {
        match self {
            Self::Half => 'h',
            Self::Single => 'w',
            Self::Double => 'd',
            Self::Quad => 'q',
        }
    }

    const fn of(field: u32) -> Option<Self> {
        match field & 3 {
            0 => Some(Self::Single),
            1 => Some(Self::Double),
            _ => None,
        }
    }
}

impl FloatOperation {
    fn new(name: FloatName, format: FloatFormat, word: Word) -> Self {
        let field = |shift: u32| (word.0 >> shift & 31) as u8;
        let rounding = (word.0 >> 12 & 7) as u8;
        Self { name, format, rd: field(7), rs1: field(15), rs2: field(20), rs3: field(27), rounding }
    }

    const fn has_integer_destination(self) -> bool {
        use FloatName as Name;
        matches!(
            self.name,
            Name::Le
                | Name::Lt
                | Name::Eq
                | Name::Class
                | Name::ToW
                | Name::ToWu
                | Name::ToL
                | Name::ToLu
                | Name::BitsTo
        )
    }

    const fn is_double(self) -> bool {
        matches!(self.format, FloatFormat::Double)
    }

    const fn has_integer_source(self) -> bool {
        use FloatName as Name;
        matches!(self.name, Name::FromW | Name::FromWu | Name::FromL | Name::FromLu | Name::BitsFrom)
    }

    /// The integer register that it writes.
    #[must_use]
    pub const fn integer_destination(self) -> Option<Register> {
        if self.has_integer_destination() { Some(Register::new(self.rd as u32)) } else { None }
    }

    /// Returns the number of registers that it reads.
    const fn sources(self) -> u8 {
        use FloatName as Name;
        match self.name {
            Name::MulAdd | Name::MulSub | Name::NegMulSub | Name::NegMulAdd => 3,
            Name::Add
            | Name::Sub
            | Name::Mul
            | Name::Div
            | Name::SignCopy
            | Name::SignNot
            | Name::SignXor
            | Name::Min
            | Name::Max
            | Name::Le
            | Name::Lt
            | Name::Eq => 2,
            _ => 1,
        }
    }

    /// Returns its rounding mode, if that is a field of its own.
    const fn rounding(self) -> Option<&'static str> {
        use FloatName as Name;
        match self.name {
            // Exact, so they do not round. Another value than 0 is printed.
            Name::FromS | Name::FromW | Name::FromWu if self.rounding == 0 && self.is_double() => None,
            Name::SignCopy
            | Name::SignNot
            | Name::SignXor
            | Name::Min
            | Name::Max
            | Name::Le
            | Name::Lt
            | Name::Eq
            | Name::Class
            | Name::BitsTo
            | Name::BitsFrom => None,
            _ => Some(match self.rounding {
                0 => "rne",
                1 => "rtz",
                2 => "rdn",
                3 => "rup",
                4 => "rmm",
                _ => "dyn",
            }),
        }
    }
}

/// Rounding modes 5 and 6 are reserved ("Floating-Point Control and Status Register").
fn rounds(word: Word) -> Option<()> {
    (!matches!(word.funct3(), 5 | 6)).then_some(())
}

/// The four that multiply and add.
pub(super) fn fused(word: Word) -> Option<FloatOperation> {
    let format = FloatFormat::of(word.funct7())?;
    rounds(word)?;
    let name = match word.0 & 0x7f {
        0x43 => FloatName::MulAdd,
        0x47 => FloatName::MulSub,
        0x4b => FloatName::NegMulSub,
        _ => FloatName::NegMulAdd,
    };
    Some(FloatOperation::new(name, format, word))
}

/// All others.
pub(super) fn decode(word: Word) -> Option<FloatOperation> {
    use FloatName as Name;
    let format = FloatFormat::of(word.funct7())?;
    let second = word.0 >> 20 & 31;
    let name = match (word.funct7() >> 2, second, word.funct3()) {
        (0x04, _, 0) => Name::SignCopy,
        (0x04, _, 1) => Name::SignNot,
        (0x04, _, 2) => Name::SignXor,
        (0x05, _, 0) => Name::Min,
        (0x05, _, 1) => Name::Max,
        (0x14, _, 0) => Name::Le,
        (0x14, _, 1) => Name::Lt,
        (0x14, _, 2) => Name::Eq,
        (0x1c, 0, 0) => Name::BitsTo,
        (0x1c, 0, 1) => Name::Class,
        (0x1e, 0, 0) => Name::BitsFrom,
        (operation, second, _) => {
            rounds(word)?;
            match (operation, second) {
                (0x00, _) => Name::Add,
                (0x01, _) => Name::Sub,
                (0x02, _) => Name::Mul,
                (0x03, _) => Name::Div,
                (0x0b, 0) => Name::Sqrt,
                (0x08, 0) if format == FloatFormat::Double => Name::FromS,
                (0x08, 1) if format == FloatFormat::Single => Name::FromD,
                (0x18, 0) => Name::ToW,
                (0x18, 1) => Name::ToWu,
                (0x18, 2) => Name::ToL,
                (0x18, 3) => Name::ToLu,
                (0x1a, 0) => Name::FromW,
                (0x1a, 1) => Name::FromWu,
                (0x1a, 2) => Name::FromL,
                (0x1a, 3) => Name::FromLu,
                _ => return None,
            }
        }
    };
    Some(FloatOperation::new(name, format, word))
}

impl std::fmt::Display for FloatOperation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let format = match (self.name, self.format) {
            // The bits of a single are a "word" in these two.
            (FloatName::BitsTo | FloatName::BitsFrom, FloatFormat::Single) => "w",
            (_, FloatFormat::Single) => "s",
            (_, FloatFormat::Double) => "d",
            (_, FloatFormat::Half) => "h",
            (_, FloatFormat::Quad) => "q",
        };
        f.write_str(&self.name.text().replace("fmt", format))?;
        let float = |field: u8| FloatRegister::new(u32::from(field)).to_string();
        let integer = |field: u8| Register::new(u32::from(field)).to_string();
        let destination = if self.has_integer_destination() { integer(self.rd) } else { float(self.rd) };
        let source = if self.has_integer_source() { integer(self.rs1) } else { float(self.rs1) };
        write!(f, " {destination}, {source}")?;
        for field in [self.rs2, self.rs3].into_iter().take(usize::from(self.sources()) - 1) {
            write!(f, ", {}", float(field))?;
        }
        self.rounding().map_or(Ok(()), |rounding| write!(f, ", {rounding}"))
    }
}
