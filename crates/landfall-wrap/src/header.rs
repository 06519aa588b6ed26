//! The ELF header (gABI, "ELF Header"; RISC-V psABI, "File Header").

use elf::ElfBytes;
use elf::abi;
use elf::endian::LittleEndian;
use elf::segment::SegmentTable;
use landfall_paging::VirtAddr;

use crate::refusal::Refusal;

/// The freedom that a kernel leaves for its virtual place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A static PIE (`ET_DYN`), which runs at any place.
    Movable,
    /// An executable (`ET_EXEC`), which runs where it is linked.
    Fixed,
}

/// The parts of the header that matter.
pub(crate) struct Header<'a> {
    pub(crate) kind: Kind,
    pub(crate) entry: VirtAddr,
    pub(crate) segments: SegmentTable<'a, LittleEndian>,
}

/// Bits that change nothing here: compressed instructions, and a float ABI without quad precision.
const FREE_FLAGS: u32 = abi::EF_RISCV_RVC | abi::EF_RISCV_FLOAT_ABI_SINGLE | abi::EF_RISCV_FLOAT_ABI_DOUBLE;

impl<'a> Header<'a> {
    pub(crate) fn read(file: &'a [u8]) -> Result<Self, Refusal> {
        /// `\x7fELF`, 64-bit, little-endian, version 1.
        const IDENT: [u8; 7] = *b"\x7fELF\x02\x01\x01";
        if !file.starts_with(&IDENT) || half(file, 0x12) != Some(abi::EM_RISCV) {
            return Err(Refusal::Elf);
        }
        let table = |_| Refusal::Headers;
        let elf = ElfBytes::<LittleEndian>::minimal_parse(file).map_err(table)?;
        let header = elf.ehdr;
        let kind = match header.e_type {
            abi::ET_DYN => Kind::Movable,
            abi::ET_EXEC => Kind::Fixed,
            found => return Err(Refusal::Type { found }),
        };
        let quad = header.e_flags & abi::EF_RISCV_FLOAT_ABI_MASK == abi::EF_RISCV_FLOAT_ABI_QUAD;
        if header.e_flags & !FREE_FLAGS != 0 || quad {
            return Err(Refusal::Flags { found: header.e_flags });
        }
        if header.e_phnum == abi::PN_XNUM {
            return Err(Refusal::Headers);
        }
        let segments = elf.segments().ok_or(Refusal::Headers)?;
        Ok(Self { kind, entry: VirtAddr::new(header.e_entry), segments })
    }
}

fn half(bytes: &[u8], offset: usize) -> Option<u16> {
    bytes.get(offset..)?.first_chunk().copied().map(u16::from_le_bytes)
}
