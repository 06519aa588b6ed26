//! The segments that take memory (gABI, "Program Header").

use elf::abi;
use elf::endian::LittleEndian;
use elf::segment::{ProgramHeader, SegmentTable};
use landfall_paging::{Access, PAGE_SIZE, VirtAddr, VirtRange};

use crate::refusal::Refusal;

/// The most segments that take memory.
pub const MAX_SEGMENTS: usize = 32;

/// A segment that takes memory, as linked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) virt: VirtRange,
    /// Its first bytes; the others are zeros.
    pub(crate) contents: &'a [u8],
    pub(crate) access: Access,
}

/// All of them, in ascending order. No two overlap.
#[derive(Clone, Debug)]
pub(crate) struct Parts<'a> {
    list: [Part<'a>; MAX_SEGMENTS],
    count: usize,
    /// The largest alignment, a page at least.
    pub(crate) align: u64,
}

impl<'a> Parts<'a> {
    pub(crate) fn read(file: &'a [u8], headers: &SegmentTable<'_, LittleEndian>) -> Result<Self, Refusal> {
        const NONE: Part<'_> = Part { virt: VirtRange::EMPTY, contents: &[], access: Access::ReadOnly };
        let mut all = Self { list: [NONE; MAX_SEGMENTS], count: 0, align: PAGE_SIZE };
        let is_empty = |header: &ProgramHeader| header.p_memsz == 0 && header.p_filesz == 0;
        let loaded = headers.iter().filter(|header| header.p_type == abi::PT_LOAD && !is_empty(header));
        for header in loaded {
            let part = Part::read(file, &header)?;
            if let Some(before) = all.as_slice().last() {
                part.check_behind(before)?;
            }
            *all.list.get_mut(all.count).ok_or(Refusal::TooManySegments)? = part;
            all.count += 1;
            all.align = all.align.max(header.p_align);
        }
        if all.count == 0 { Err(Refusal::NoSegment) } else { Ok(all) }
    }

    pub(crate) fn as_slice(&self) -> &[Part<'a>] {
        self.list.get(..self.count).unwrap_or_default()
    }

    /// Returns all pages from the first part to the last.
    pub(crate) fn span(&self) -> VirtRange {
        let parts = self.as_slice();
        let (first, last) = (parts.first(), parts.last());
        let ends = first.zip(last).map(|(first, last)| (first.virt.start(), last.virt.end()));
        ends.map_or(VirtRange::EMPTY, |(start, end)| VirtRange::between(start, end).pages_touched())
    }

    /// Returns the part that holds all of `range`.
    pub(crate) fn holding(&self, range: VirtRange) -> Option<&Part<'a>> {
        let above = self.as_slice().partition_point(|part| part.virt.start() <= range.start());
        let part = self.as_slice().get(above.checked_sub(1)?)?;
        part.virt.contains(range).then_some(part)
    }

    /// Returns the bytes of the file from `at` up to the end of its segment.
    pub(crate) fn contents_from(&self, at: VirtAddr) -> Option<&'a [u8]> {
        let part = self.holding(VirtRange::new(at, 1))?;
        part.contents.get(usize::try_from(at.checked_offset_from(part.virt.start())?).ok()?..)
    }

    /// Returns the bytes of the file at `range`. None of them may be zeros that the file lacks.
    pub(crate) fn contents(&self, range: VirtRange) -> Option<&'a [u8]> {
        let part = self.holding(range)?;
        let start = usize::try_from(range.start().checked_offset_from(part.virt.start())?).ok()?;
        part.contents.get(start..start.checked_add(usize::try_from(range.size()).ok()?)?)
    }
}

impl<'a> Part<'a> {
    fn read(file: &'a [u8], header: &ProgramHeader) -> Result<Self, Refusal> {
        let at = VirtAddr::new(header.p_vaddr);
        let start = usize::try_from(header.p_offset).unwrap_or(usize::MAX);
        let size = usize::try_from(header.p_filesz).unwrap_or(usize::MAX);
        let contents = file.get(start..).and_then(|rest| rest.get(..size));
        let contents = contents.filter(|_| header.p_filesz <= header.p_memsz);
        let contents = contents.ok_or(Refusal::SegmentFile { at })?;
        // Room to round up to a page. The end is an address too.
        if at.checked_add(header.p_memsz).and_then(|end| end.checked_align_up(PAGE_SIZE)).is_none() {
            return Err(Refusal::SegmentAddress { at, size: header.p_memsz });
        }
        let align = header.p_align.max(1);
        let apart = header.p_vaddr.wrapping_sub(header.p_offset);
        if !align.is_power_of_two() || apart & (align - 1) != 0 {
            return Err(Refusal::SegmentAlign { at, align: header.p_align });
        }
        let access = access(header.p_flags).ok_or(Refusal::Permission { at, flags: header.p_flags })?;
        Ok(Self { virt: VirtRange::new(at, header.p_memsz), contents, access })
    }

    fn check_behind(&self, before: &Self) -> Result<(), Refusal> {
        let at = self.virt.start();
        if at < before.virt.end() {
            return Err(Refusal::SegmentOrder { at, end: before.virt.end() });
        }
        let shares = self.virt.pages_touched().overlaps(before.virt.pages_touched());
        if shares && self.access != before.access {
            return Err(Refusal::SharedPage { at });
        }
        Ok(())
    }
}

/// Returns the permissions of a segment. An executable one is readable too, as the gABI permits.
const fn access(flags: u32) -> Option<Access> {
    match flags & (abi::PF_R | abi::PF_W | abi::PF_X) {
        abi::PF_R => Some(Access::ReadOnly),
        READ_WRITE | abi::PF_W => Some(Access::ReadWrite),
        READ_EXECUTE | abi::PF_X => Some(Access::ReadExecute),
        _ => None,
    }
}

const READ_WRITE: u32 = abi::PF_R | abi::PF_W;
const READ_EXECUTE: u32 = abi::PF_R | abi::PF_X;
