//! Why a module is refused.

use core::fmt;

use landfall_space::SpaceError;

use crate::float_abi::FloatAbi;
use crate::name::Name;
use crate::part::Part;
use crate::relocation::{self, Unsupported};

/// Why a module was not loaded. Nothing of it is left: memory, addresses and counts are as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadError {
    /// The kernel's check of signatures refused the file.
    Signature,
    /// The file does not begin as an ELF file.
    NotElf,
    /// A part of the file is missing, or contradicts another.
    Damaged(&'static str),
    /// The file is for another architecture, or has 32 bits.
    Architecture {
        /// `e_machine`
        machine: u16,
    },
    /// The file is no relocatable object.
    NotRelocatable {
        /// `e_type`
        kind: u16,
    },
    /// Its functions pass arguments otherwise than the kernel's.
    Abi {
        /// `e_flags`
        flags: u32,
        /// The kernel's.
        expected: FloatAbi,
    },
    /// The bytes of a section are outside of the file.
    SectionOutside(Name),
    /// A symbol's number is outside of the table.
    NoSymbol(usize),
    /// The workspace has room for fewer sections.
    TooManySections {
        /// Sections of the file.
        sections: usize,
        /// Sections for which there is room.
        room: usize,
    },
    /// The workspace has room for fewer symbols.
    TooManySymbols {
        /// Symbols of the file.
        symbols: usize,
        /// Symbols for which there is room.
        room: usize,
    },
    /// `.landfall.module` has no `name=`.
    NoName,
    /// The name has other characters than `a` to `z`, digits, `_` and `-`, or too many.
    BadName(Name),
    /// A section's alignment is no power of two, or exceeds 4 KiB.
    Alignment {
        /// The section.
        section: Name,
        /// Bytes.
        align: u64,
    },
    /// A part takes more than 2 GiB.
    TooLarge(Name),
    /// A section is writable and executable.
    WritableAndExecutable(Name),
    /// A section holds thread-local variables.
    ThreadLocal(Name),
    /// A section is compressed.
    Compressed(Name),
    /// A section lists constructors or destructors.
    Constructors(Name),
    /// A symbol is `common`: it has no section.
    Common(Name),
    /// A symbol is an indirect function: a function returns its address.
    Indirect(Name),
    /// Neither the kernel nor a loaded module exports the symbol.
    UnknownSymbol(Name),
    /// The module was built for another kernel, and the export is not stable.
    NotStable(Name),
    /// The module expects another signature of the export.
    Signatures {
        /// The symbol.
        symbol: Name,
        /// The module's.
        expected: Name,
    },
    /// A symbol lies in a section that is not loaded, or outside of its section.
    SymbolOutside(Name),
    /// A relocation that no loader can resolve here.
    Unsupported {
        /// Its type.
        number: u32,
        /// The section that it changes.
        section: Name,
        /// The reason.
        reason: Unsupported,
    },
    /// A relocation lies outside of its section, or in `.bss`.
    RelocationOutside {
        /// Its type.
        number: u32,
        /// The section.
        section: Name,
    },
    /// Relocations of a section are not in the order of their places.
    Unsorted(Name),
    /// The lower half of an address has no upper half.
    NoUpperHalf {
        /// The section.
        section: Name,
        /// The place of the lower half: bytes.
        offset: u64,
    },
    /// The value of a relocation does not fit its field.
    OutOfReach {
        /// Its type.
        number: u32,
        /// The symbol.
        symbol: Name,
    },
    /// Instructions that the linker should have deleted are needed for an alignment.
    Relaxed {
        /// The section.
        section: Name,
        /// The place: bytes.
        offset: u64,
    },
    /// A record of a patched constant names no site in the module's text.
    BadSite(Name),
    /// A record of an export is incomplete, or its address is outside of the module.
    BadExport,
    /// A parameter that the module does not have.
    UnknownParameter(Name),
    /// A value that the parameter cannot take.
    BadParameter {
        /// The parameter.
        name: Name,
        /// Its type.
        kind: Name,
    },
    /// A module of this name is loaded.
    Loaded(Name),
    /// The table of modules is full.
    NoSlot,
    /// The kernel has no near region: it lies in the linear map.
    NoNearRegion,
    /// The source of memory has too few pages.
    NoMemory {
        /// The part.
        part: Part,
        /// Pages.
        pages: u64,
    },
    /// The address space refused it.
    Space(SpaceError),
    /// The module's `landfall_init` returned an error.
    Init(i32),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = |number: u32| relocation::name(number).unwrap_or("an unknown relocation");
        match self {
            Self::Signature => f.write_str("the signature of the module is missing or wrong"),
            Self::NotElf => f.write_str("the file is no ELF file"),
            Self::Damaged(part) => write!(f, "the file is damaged: its {part}"),
            Self::Architecture { machine } => {
                write!(f, "the module is not for RISC-V with 64 bits (e_machine {machine})")
            }
            Self::NotRelocatable { kind } => {
                write!(f, "the file is no relocatable object (e_type {kind}); link it with -r")
            }
            Self::Abi { flags, expected } => {
                write!(f, "the module passes arguments otherwise than the kernel (e_flags {flags:#x}, expected {expected:?})")
            }
            Self::SectionOutside(name) => write!(f, "section {name} is not within the file"),
            Self::NoSymbol(index) => write!(f, "symbol {index} is not in the symbol table"),
            Self::TooManySections { sections, room } => {
                write!(f, "the module has {sections} sections, and there is room for {room}")
            }
            Self::TooManySymbols { symbols, room } => {
                write!(f, "the module has {symbols} symbols, and there is room for {room}; strip local ones")
            }
            Self::NoName => f.write_str("the module has no name; use module! or write .landfall.module"),
            Self::BadName(name) => write!(f, "the module's name {name} is empty, too long, or not of a-z 0-9 _ -"),
            Self::Alignment { section, align } => {
                write!(f, "section {section} is aligned to {align}, which is no power of two up to 4096")
            }
            Self::TooLarge(section) => write!(f, "the module exceeds 2 GiB at section {section}"),
            Self::WritableAndExecutable(section) => write!(f, "section {section} is writable and executable"),
            Self::ThreadLocal(section) => write!(f, "section {section} holds thread-local variables, which a kernel has not"),
            Self::Compressed(section) => write!(f, "section {section} is compressed"),
            Self::Constructors(section) => {
                write!(f, "section {section} lists constructors, which are not run; call them in landfall_init")
            }
            Self::Common(symbol) => write!(f, "symbol {symbol} has no section; compile with -fno-common"),
            Self::Indirect(symbol) => write!(f, "symbol {symbol} is an indirect function, which a linker of programs resolves"),
            Self::UnknownSymbol(symbol) => write!(f, "symbol {symbol} is exported neither by the kernel nor by a loaded module"),
            Self::NotStable(symbol) => {
                write!(f, "the module was built for another kernel, and the export {symbol} is not stable; build it for this kernel")
            }
            Self::Signatures { symbol, expected } => {
                write!(f, "the module expects {symbol} as `{expected}`, and it is exported with another signature")
            }
            Self::SymbolOutside(symbol) => write!(f, "symbol {symbol} is in no section that is loaded"),
            Self::Unsupported { number, section, reason } => {
                write!(f, "{} ({number}) in section {section} is not supported: {reason}", kind(*number))
            }
            Self::RelocationOutside { number, section } => {
                write!(f, "{} is not within section {section}", kind(*number))
            }
            Self::Unsorted(section) => write!(f, "the relocations of section {section} are not in order"),
            Self::NoUpperHalf { section, offset } => {
                write!(f, "the lower half of an address at {offset:#x} of section {section} has no upper half")
            }
            Self::OutOfReach { number, symbol } => {
                write!(f, "{} to {symbol} is out of reach", kind(*number))
            }
            Self::Relaxed { section, offset } => {
                write!(f, "R_RISCV_ALIGN at {offset:#x} of section {section} needs a linker that relaxes; compile with -mno-relax")
            }
            Self::BadSite(section) => write!(f, "a record in {section} names no patched constant"),
            Self::BadExport => f.write_str("a record in .landfall.exports is incomplete, or not for an item of the module"),
            Self::UnknownParameter(name) => write!(f, "the module has no parameter {name}"),
            Self::BadParameter { name, kind } => write!(f, "the value of parameter {name} is no {kind}"),
            Self::Loaded(name) => write!(f, "a module {name} is loaded"),
            Self::NoSlot => f.write_str("the table of modules is full"),
            Self::NoNearRegion => {
                f.write_str("the kernel has no near region, because its placement is linear-map; use placement=own-region")
            }
            Self::NoMemory { part, pages } => write!(f, "no memory is left for {pages} pages of {part}"),
            Self::Space(error) => write!(f, "{error}"),
            Self::Init(code) => write!(f, "landfall_init returned {code}"),
        }
    }
}

impl core::error::Error for LoadError {}

impl From<SpaceError> for LoadError {
    fn from(error: SpaceError) -> Self {
        Self::Space(error)
    }
}

/// Why a module was not unloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnloadError {
    /// No module is loaded under this name or number.
    NotLoaded,
    /// It is in use.
    InUse {
        /// Holds, by [`Modules::hold`](crate::Modules::hold).
        holds: u32,
        /// Modules that use its exports.
        dependents: u32,
    },
    /// The address space refused it. The module's memory is withheld for good.
    Space(SpaceError),
}

impl fmt::Display for UnloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLoaded => f.write_str("the module is not loaded"),
            Self::InUse { holds, dependents } => {
                write!(f, "the module is in use: {holds} holds, {dependents} modules that depend on it")
            }
            Self::Space(error) => write!(f, "{error}"),
        }
    }
}

impl core::error::Error for UnloadError {}
