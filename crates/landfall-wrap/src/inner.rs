//! The inner kernel: an ELF that passed all rules.

use elf::abi;
use elf::endian::LittleEndian;
use elf::segment::SegmentTable;
use landfall_paging::{Access, Mode, PAGE_SIZE, VirtAddr, VirtRange};

use crate::dynamic::Tables;
use crate::header::{Header, Kind};
use crate::parts::{Part, Parts};
use crate::refusal::Refusal;
use crate::window::{LAST, WINDOW, check_places};

/// An ELF that passed all rules that the file alone decides.
#[derive(Clone, Debug)]
pub struct Inner<'a> {
    kind: Kind,
    entry: VirtAddr,
    pub(crate) parts: Parts<'a>,
    pub(crate) tables: Tables<'a>,
    /// Pages that are read-only once the kernel is relocated.
    relro: VirtRange,
}

/// Pages of the kernel with one permission, as linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The pages.
    pub virt: VirtRange,
    /// Their permissions.
    pub access: Access,
}

impl<'a> Inner<'a> {
    /// Reads the kernel of `file`.
    ///
    /// # Errors
    /// [`Refusal`] names the rule that the file breaks.
    pub fn read(file: &'a [u8]) -> Result<Self, Refusal> {
        let Header { kind, entry, segments: headers } = Header::read(file)?;
        check_demands(&headers)?;
        let parts = Parts::read(file, &headers)?;
        let span = parts.span();
        match kind {
            Kind::Movable => check_places(span, parts.align)?,
            Kind::Fixed => check_fixed(span)?,
        }
        check_entry(&parts, entry)?;
        let tables = match (Tables::read(file, &headers, &parts)?, kind) {
            (Some(tables), _) => tables,
            (None, Kind::Fixed) => Tables::default(),
            (None, Kind::Movable) => return Err(Refusal::DynamicMissing),
        };
        tables.check(&parts, span)?;
        let relro = relro(&headers, &parts);
        Ok(Self { kind, entry, parts, tables, relro })
    }

    /// Returns the freedom that the kernel leaves for its virtual place.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns all pages from the first segment to the last, as linked.
    #[must_use]
    pub fn span(&self) -> VirtRange {
        self.parts.span()
    }

    /// Returns the largest alignment of a segment, 4 KiB at least. A place differs from the link
    /// address by a multiple of it.
    #[must_use]
    pub const fn align(&self) -> u64 {
        self.parts.align
    }

    /// Returns the address of the first instruction, as linked.
    #[must_use]
    pub const fn entry(&self) -> VirtAddr {
        self.entry
    }

    /// Returns true if a hart can begin at `entry` while the kernel lies at `start`.
    ///
    /// Such an address is even, and within the bytes of an executable segment.
    #[must_use]
    pub fn is_entry(&self, start: VirtAddr, entry: VirtAddr) -> bool {
        is_entry(&self.parts, self.span().start().wrapping_add(entry.wrapping_offset_from(start)))
    }

    /// Returns the least mode whose upper half holds the kernel at its places.
    #[must_use]
    pub fn least_mode(&self) -> Mode {
        let start = match self.kind {
            Kind::Movable => WINDOW.start(),
            Kind::Fixed => self.span().start(),
        };
        let holds = |mode: &Mode| start >= mode.upper_half();
        Mode::BEST_FIRST.into_iter().rev().find(holds).unwrap_or(Mode::Sv57)
    }

    /// Returns the pages by permission, in ascending order. No two overlap. Pages of the span that
    /// no segment takes are left out.
    pub fn segments(&self) -> impl Iterator<Item = Segment> + '_ {
        let mut end = VirtAddr::new(0);
        let pages = self.parts.as_slice().iter().map(move |part| {
            // The page that two segments share is the first one's.
            let pages = part.virt.pages_touched();
            let pages = VirtRange::between(pages.start().max(end), pages.end());
            end = pages.end().max(end);
            Segment { virt: pages, access: part.access }
        });
        pages.flat_map(|segment| segment.without(self.relro)).filter(|segment| !segment.virt.is_empty())
    }
}

impl Segment {
    /// Returns the segment in three pieces: the one in the middle, if any, is read-only.
    fn without(self, relro: VirtRange) -> [Self; 3] {
        let Self { virt, access } = self;
        let middle = virt.intersection(relro);
        if middle.is_empty() || access != Access::ReadWrite {
            let nothing = Self { virt: VirtRange::EMPTY, access };
            return [self, nothing, nothing];
        }
        [
            Self { virt: VirtRange::between(virt.start(), middle.start()), access },
            Self { virt: middle, access: Access::ReadOnly },
            Self { virt: VirtRange::between(middle.end(), virt.end()), access },
        ]
    }
}

/// Checks that the kernel needs neither a dynamic linker nor a stack that is executable.
fn check_demands(headers: &SegmentTable<'_, LittleEndian>) -> Result<(), Refusal> {
    for header in headers.iter() {
        match header.p_type {
            abi::PT_INTERP => return Err(Refusal::Interpreter),
            abi::PT_GNU_STACK if header.p_flags & abi::PF_X != 0 => return Err(Refusal::Stack),
            _ => (),
        }
    }
    Ok(())
}

fn check_fixed(span: VirtRange) -> Result<(), Refusal> {
    let upper_half = Mode::Sv57.upper_half();
    if span.start() < upper_half || span.end() > LAST {
        return Err(Refusal::FixedPlace { span });
    }
    if span.size() > WINDOW.size() {
        return Err(Refusal::Span { size: span.size(), align: PAGE_SIZE });
    }
    Ok(())
}

fn check_entry(parts: &Parts<'_>, entry: VirtAddr) -> Result<(), Refusal> {
    if is_entry(parts, entry) { Ok(()) } else { Err(Refusal::Entry { entry }) }
}

/// Returns true if a hart can begin at this link address.
fn is_entry(parts: &Parts<'_>, entry: VirtAddr) -> bool {
    /// An instruction has at least two bytes.
    const LEAST: u64 = 2;
    let range = VirtRange::new(entry, LEAST);
    let part = parts.holding(range).filter(|part| part.access == Access::ReadExecute);
    let is_code = part.is_some() && parts.contents(range).is_some();
    is_code && entry.is_aligned(LEAST)
}

/// Returns the pages that the linker wants read-only after relocation (`PT_GNU_RELRO`): those that
/// hold nothing else of their segment.
fn relro(headers: &SegmentTable<'_, LittleEndian>, parts: &Parts<'_>) -> VirtRange {
    let header = headers.iter().find(|header| header.p_type == abi::PT_GNU_RELRO);
    let Some(header) = header else { return VirtRange::EMPTY };
    let relro = VirtRange::new(VirtAddr::new(header.p_vaddr), header.p_memsz);
    let begins = |part: &&Part<'_>| part.virt.contains_address(relro.start());
    let Some(part) = parts.as_slice().iter().find(begins) else { return VirtRange::EMPTY };
    let start =
        if part.virt.start() == relro.start() { relro.start().align_down(PAGE_SIZE) } else { relro.start() };
    VirtRange::between(start, relro.end()).intersection(part.virt.pages_touched()).pages_within()
}
