//! ELF images: the segments that take memory, at their physical addresses (System V ABI, chapter
//! 5).

use elf::ElfBytes;
use elf::abi;
use elf::endian::LittleEndian;
use elf::file::Class;
use elf::segment::ProgramHeader;
use landfall_image::header::BootHeader;
use landfall_paging::PhysAddr;

use crate::flat::{Header, taken};
use crate::image::{Image, ImageError, ImageKind, MAX_SEGMENTS, Segment, Whereabouts};

/// Reads an ELF. One whose lowest segment begins with a boot header can lie anywhere.
pub(crate) fn read(bytes: &[u8]) -> Result<Image, ImageError> {
    let damaged = |_| ImageError::Elf("its header is damaged");
    let elf = ElfBytes::<LittleEndian>::minimal_parse(bytes).map_err(damaged)?;
    let header = &elf.ehdr;
    if header.class != Class::ELF64 || header.e_machine != abi::EM_RISCV {
        return Err(ImageError::Elf("it is not for 64-bit RISC-V"));
    }
    if !matches!(header.e_type, abi::ET_EXEC | abi::ET_DYN) {
        return Err(ImageError::Elf("it is not linked; pass an executable"));
    }
    let headers = elf.segments().ok_or(ImageError::Elf("it has no segments"))?;
    let loaded = || headers.iter().filter(|header| header.p_type == abi::PT_LOAD && header.p_memsz != 0);
    let lowest = loaded().min_by_key(|header| header.p_paddr);
    let lowest = lowest.ok_or(ImageError::Elf("it has no segment that takes memory"))?;
    let (mut segments, mut count, mut size) = ([Segment::default(); MAX_SEGMENTS], 0, 0);
    for header in loaded() {
        let segment = segment(bytes, &header, lowest.p_paddr)?;
        let before = segments.get(..count).unwrap_or_default();
        if before.iter().any(|other| overlap(other, &segment)) {
            return Err(ImageError::Elf("two of its segments overlap in physical memory"));
        }
        *segments.get_mut(count).ok_or(ImageError::TooManySegments)? = segment;
        count += 1;
        size = size.max(segment.at + segment.memory_size);
    }
    let flat = flat(bytes, &lowest, segments.get(..count).unwrap_or_default());
    if BootHeader::read(flat).is_ok() {
        let Header { kind, whereabouts, size: stated } = Header::read(flat)?;
        let size = taken(kind, whereabouts, size.max(stated));
        return Ok(Image { kind, whereabouts, size, entry: 0, segments, count });
    }
    let entry = entry(header.e_entry, &loaded, lowest.p_paddr)?;
    let whereabouts = Whereabouts::Fixed(PhysAddr::new(lowest.p_paddr));
    Ok(Image { kind: ImageKind::Elf, whereabouts, size, entry, segments, count })
}

/// The segment of a header. `base` is the lowest address of all.
fn segment(bytes: &[u8], header: &ProgramHeader, base: u64) -> Result<Segment, ImageError> {
    /// Bytes of physical addresses: 56 bits (privileged specification, "Sv39").
    const MOST: u64 = 1 << 56;
    if header.p_filesz > header.p_memsz {
        return Err(ImageError::Elf("a segment has more bytes in the file than in memory"));
    }
    if contents(bytes, header).is_none() {
        return Err(ImageError::Elf("a segment lies outside the file"));
    }
    if header.p_paddr.checked_add(header.p_memsz).is_none_or(|end| end > MOST) {
        return Err(ImageError::Elf("a segment lies above physical addresses of 56 bits"));
    }
    Ok(Segment {
        offset: header.p_offset,
        file_size: header.p_filesz,
        memory_size: header.p_memsz,
        at: header.p_paddr - base,
    })
}

/// Returns the bytes that begin with the lowest segment: all of the file behind it, if it has its
/// segments as memory will have them.
fn flat<'a>(bytes: &'a [u8], lowest: &ProgramHeader, segments: &[Segment]) -> &'a [u8] {
    let is_flat =
        segments.iter().all(|segment| segment.offset.checked_sub(segment.at) == Some(lowest.p_offset));
    let start = usize::try_from(lowest.p_offset).unwrap_or(usize::MAX);
    let all = bytes.get(start..).filter(|_| is_flat);
    all.or_else(|| contents(bytes, lowest)).unwrap_or_default()
}

fn contents<'a>(bytes: &'a [u8], header: &ProgramHeader) -> Option<&'a [u8]> {
    let start = usize::try_from(header.p_offset).ok()?;
    bytes.get(start..start.checked_add(usize::try_from(header.p_filesz).ok()?)?)
}

const fn overlap(one: &Segment, other: &Segment) -> bool {
    one.at < other.at + other.memory_size && other.at < one.at + one.memory_size
}

/// Returns the entry, from the base on. `e_entry` is a virtual address if a segment has it, else a
/// physical one.
fn entry<I: Iterator<Item = ProgramHeader>>(
    entry: u64,
    loaded: &impl Fn() -> I,
    base: u64,
) -> Result<u64, ImageError> {
    let within = |start: u64, size: u64| entry.wrapping_sub(start) < size;
    let of_virtual = loaded().find(|header| within(header.p_vaddr, header.p_memsz));
    let of_physical = || loaded().find(|header| within(header.p_paddr, header.p_memsz));
    let at = match of_virtual {
        Some(header) => Some(header.p_paddr - base + entry.wrapping_sub(header.p_vaddr)),
        None => of_physical().map(|_| entry - base),
    };
    at.ok_or(ImageError::Elf("its entry lies in none of its segments"))
}
