//! A file: the one model that all checks read, for every kind of file.
//!
//! ```text
//! budget       bytes of the file that may still be taken
//! read         which kind of file, and everything below from its bytes
//! module       relocatable ELFs         part     the parts of one in memory
//! segment      stretches of memory and the bytes that go there
//! section      the linker's names for parts of them
//! symbols      names, sorted by address
//! relocations  what the tables say, entry by entry
//! slots        the places that relocation writes, as a set
//! unpacked     relocations that the linker wrote as RELA
//! sites        patched constants
//! source       lines of source, from debug information, when somebody asks
//! ```

mod budget;
mod elf;
mod error;
mod flat_image;
mod frames;
mod module;
mod part;
mod read;
mod relocated;
mod relocations;
mod section;
mod segment;
mod sites;
mod slots;
mod source;
mod symbols;
mod unpacked;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use object::read::elf::ElfFile64;
use object::{CompressionFormat, LittleEndian, Object, ObjectSection, SectionIndex};

use crate::finding::{At, Place};
use crate::flat::FlatError;
use crate::units::Address;

pub use budget::Exceeded;
pub use error::ReadError;
pub use frames::Frame;
pub use part::Part;
pub use relocations::{Origin, Relocation, RelocationKind};
pub use section::Section;
pub use segment::{Access, Segment, Stretch};
pub use sites::{Site, SiteError, SiteKind};
pub use slots::Slots;
pub(crate) use symbols::demangle;
pub use symbols::{Defined, Function, Kept, Mapping, Symbol, Symbols};
pub use unpacked::Meaning;
pub(crate) use unpacked::TABLE;

use module::Placed;
use source::Source;

/// The link address of landfall's linker script. A flat image does not state it, and a kernel with
/// a script of its own may start elsewhere.
pub const LINK_BASE: Address = Address(0xffff_ffff_0000_0000);

/// landfall's routine that moves a kernel.
const REBASE: &str = "landfall_rebase";

/// The kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The ELF of a landfall kernel.
    LandfallElf,
    /// Another ELF for 64-bit RISC-V, as Linux's `vmlinux` or OpenSBI's `fw_jump.elf`.
    OtherElf,
    /// The flat image of a landfall kernel.
    LandfallImage,
    /// Another flat image with the boot header, as Linux's `Image`.
    OtherImage,
    /// A relocatable ELF, which a kernel loads while it runs.
    Module,
}

impl Kind {
    /// Returns true if this is a landfall kernel.
    #[must_use]
    pub const fn is_landfall(self) -> bool {
        matches!(self, Self::LandfallElf | Self::LandfallImage)
    }

    /// Returns true if this is an ELF.
    #[must_use]
    pub const fn is_elf(self) -> bool {
        matches!(self, Self::LandfallElf | Self::OtherElf | Self::Module)
    }

    /// Returns the usual name.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::LandfallElf => "the ELF of a landfall kernel",
            Self::OtherElf => "an ELF for 64-bit RISC-V",
            Self::LandfallImage => "the flat image of a landfall kernel",
            Self::OtherImage => "a flat image with the boot header of Linux",
            Self::Module => "a module (relocatable ELF)",
        }
    }
}

/// A file, read. It borrows from the file's bytes.
#[derive(Debug)]
pub struct Subject<'data> {
    kind: Kind,
    file: &'data [u8],
    elf: Option<ElfFile64<'data, LittleEndian>>,
    entry: Option<Address>,
    segments: Vec<Segment<'data>>,
    sections: Vec<Section<'data>>,
    symbols: Symbols<'data>,
    relocations: Vec<Relocation>,
    relr: Vec<u64>,
    broken_tables: Vec<(String, String)>,
    slots: Slots,
    image: Result<Cow<'data, [u8]>, FlatError>,
    source: Source<'data>,
    placed: Placed,
}

impl<'data> Subject<'data> {
    /// Returns the kind of the file.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The file's bytes.
    #[must_use]
    pub const fn file(&self) -> &'data [u8] {
        self.file
    }

    /// The ELF, where the file is one.
    #[must_use]
    pub const fn elf(&self) -> Option<&ElfFile64<'data, LittleEndian>> {
        self.elf.as_ref()
    }

    /// Returns true if the kernel moves itself by landfall's `rebase`, which applies RELR alone.
    #[must_use]
    pub fn rebases(&self) -> bool {
        self.kind.is_landfall() || self.symbols.find(REBASE).is_some()
    }

    /// Returns the entry, as linked.
    #[must_use]
    pub const fn entry(&self) -> Option<Address> {
        self.entry
    }

    /// The loaded segments, in the order of the file.
    #[must_use]
    pub fn segments(&self) -> &[Segment<'data>] {
        &self.segments
    }

    /// The loaded sections, by address. A flat image has none.
    #[must_use]
    pub fn sections(&self) -> &[Section<'data>] {
        &self.sections
    }

    /// The section of this name.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&Section<'data>> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// The symbols. A flat image has none.
    #[must_use]
    pub const fn symbols(&self) -> &Symbols<'data> {
        &self.symbols
    }

    /// The entries of relocation tables that are not RELR, in the order of the file.
    #[must_use]
    pub fn relocations(&self) -> &[Relocation] {
        &self.relocations
    }

    /// The words of the RELR table.
    #[must_use]
    pub fn relr(&self) -> &[u64] {
        &self.relr
    }

    /// Relocation tables that cannot be read: name, and what is wrong.
    #[must_use]
    pub fn broken_tables(&self) -> &[(String, String)] {
        &self.broken_tables
    }

    /// The places that relocation writes: all of RELR, and relocations of every kind.
    #[must_use]
    pub const fn slots(&self) -> &Slots {
        &self.slots
    }

    /// The flat image, of a landfall kernel's ELF as far as its segments hold it.
    ///
    /// # Errors
    /// [`FlatError`] where the ELF has none.
    pub fn image(&self) -> Result<&[u8], &FlatError> {
        self.image.as_deref()
    }

    /// Returns the address of a module's loaded section, by its number in the file: see [`Part`].
    #[must_use]
    pub fn section_address(&self, index: SectionIndex) -> Option<Address> {
        self.placed.section(index)
    }

    /// Returns the bytes that a module's sections take in one of its parts.
    #[must_use]
    pub const fn part_size(&self, part: Part) -> u64 {
        self.placed.size(part)
    }

    /// Returns a module's section of debug information, relocated for the addresses of [`Part`];
    /// none if there is no such section, or it is compressed.
    #[must_use]
    pub fn relocated_debug_information(&self, section: &str) -> Option<Vec<u8>> {
        let elf =
            self.elf.as_ref().filter(|_| self.kind == Kind::Module && section.starts_with(".debug_"))?;
        let data = elf.section_by_name(section)?.compressed_data().ok()?;
        let plain = data.format == CompressionFormat::None;
        plain.then(|| relocated::section(elf, &self.placed, section, Cow::Borrowed(data.data)).into_owned())
    }

    /// From the lowest to the highest address that the image takes in memory.
    #[must_use]
    pub fn link_range(&self) -> Range<Address> {
        let taken = || self.segments.iter().filter(|segment| segment.size != 0);
        let start = taken().map(|segment| segment.address).min().unwrap_or(Address(0));
        start..taken().map(Segment::end).max().unwrap_or(start)
    }

    /// The `size` bytes of the file that are loaded at `at`.
    #[must_use]
    pub fn bytes(&self, at: Address, size: usize) -> Option<&'data [u8]> {
        self.segments.iter().find_map(|segment| segment.bytes_at(at)?.get(..size))
    }

    /// The 64-bit word that is loaded at `at`.
    #[must_use]
    pub fn word(&self, at: Address) -> Option<u64> {
        self.bytes(at, 8)?.first_chunk().map(|word| u64::from_le_bytes(*word))
    }

    /// Returns the place in the file of the `size` bytes that are loaded at `at`.
    #[must_use]
    pub fn file_place(&self, at: Address, size: usize) -> Option<Range<usize>> {
        let holder = self
            .segments
            .iter()
            .find(|segment| segment.bytes_at(at).is_some_and(|bytes| bytes.len() >= size))?;
        let start = holder.file_offset.checked_add(at.wrapping_offset_from(holder.address))?;
        let start = usize::try_from(start).ok()?;
        Some(start..start.checked_add(size)?)
    }

    /// Returns the ranges of code, by address and without overlap: sections with code, or
    /// executable segments if there are no sections.
    #[must_use]
    pub fn code(&self) -> Vec<Stretch<'data>> {
        segment::code(&self.segments, &self.sections)
    }

    /// Returns true if an instruction may lie at `address`.
    #[must_use]
    pub fn holds_code(&self, address: Address) -> bool {
        let inside = |start: Address, size: usize| address.wrapping_offset_from(start) < size as u64;
        address.0.is_multiple_of(2)
            && self.code().iter().any(|stretch| inside(stretch.address, stretch.bytes.len()))
    }

    /// Names a place, with its line of source where debug information has it.
    #[must_use]
    pub fn place(&self, at: &At) -> Place {
        match at {
            At::File(part) => Place { part: Some(part.clone()), ..Place::default() },
            At::Address(address) => self.name(*address),
        }
    }

    /// Returns true if the file has debug information, by which lines of source may be found.
    #[must_use]
    pub fn has_debug_information(&self) -> bool {
        self.elf.as_ref().is_some_and(source::is_there)
    }

    /// File and line of the source of the code at `address`.
    ///
    /// Debug information is read by parsers that others wrote. A crafted file can make them take
    /// all memory or time. To bound that, ask in a process of its own, and pass the answers to
    /// [`Subject::give_lines`].
    #[must_use]
    pub fn line(&self, address: Address) -> Option<String> {
        self.source.line(self.elf.as_ref(), &self.placed, self.file.len(), address)
    }

    /// Names places by these lines of source, and reads no debug information any more.
    pub fn give_lines(&mut self, lines: BTreeMap<Address, String>) {
        self.source = Source::given(lines);
    }

    /// Why places have no line of source although the file has debug information. It is known once
    /// a place has been named.
    #[must_use]
    pub fn lines_failure(&self) -> Option<String> {
        self.source.failure()
    }

    /// The functions whose code is at `address`, the innermost first: each but the last was inlined
    /// into the next. The last is the symbol, with the path of its module. Without debug
    /// information it is the only one.
    #[must_use]
    pub fn frames(&self, address: Address) -> Vec<Frame> {
        let symbol = self.symbols.describe(address);
        let mut frames =
            self.source.frames(self.elf.as_ref(), &self.placed, self.file.len(), address).unwrap_or_default();
        match frames.last_mut() {
            None => frames.push(Frame { function: symbol, source: None }),
            Some(last) => last.function = symbol.or(last.function.take()),
        }
        frames
    }

    fn name(&self, address: Address) -> Place {
        Place { source: self.line(address), ..self.place_without_source(address) }
    }

    /// Names a place of the image, and reads no debug information.
    #[must_use]
    pub fn place_without_source(&self, address: Address) -> Place {
        let section = self.sections.iter().find(|section| section.holds(address));
        // A module has no addresses: its places count from the start of their section.
        let start =
            section.filter(|_| self.kind == Kind::Module).map_or(Address(0), |section| section.address);
        Place {
            part: None,
            address: Some(Address(address.wrapping_offset_from(start))),
            section: section.map(|section| section.name.to_owned()),
            symbol: self.symbols.describe(address),
            source: None,
        }
    }
}
