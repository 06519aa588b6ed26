//! The dynamic section (gABI, "Dynamic Section"): the relocation tables, and the demands that only
//! a dynamic linker meets.

use elf::abi;
use elf::dynamic::DynamicTable;
use elf::endian::LittleEndian;
use elf::file::Class;
use elf::segment::{ProgramHeader, SegmentTable};
use landfall_paging::{VirtAddr, VirtRange};

use crate::parts::Parts;
use crate::refusal::Refusal;

/// Tags that the crate `elf` does not name.
const DT_RELRSZ: i64 = 35;
const DT_RELR: i64 = 36;
const DT_RELRENT: i64 = 37;
/// The compact forms of Android and of LLVM.
const DT_CREL: i64 = 38;
const DT_ANDROID: [i64; 5] = [0x6000_000f, 0x6000_0010, 0x6000_0011, 0x6000_0012, 0x6fff_e000];

/// Bytes of an entry of the section, of RELA and of RELR.
const DYNAMIC_ENTRY: usize = 16;
const RELA_ENTRY: u64 = 24;
const RELR_ENTRY: u64 = 8;
const SYMBOL_ENTRY: u64 = 24;

/// The relocation tables' bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tables<'a> {
    pub(crate) rela: &'a [u8],
    pub(crate) relr: &'a [u8],
    /// The symbols, and all bytes behind them: no tag states their number.
    pub(crate) symbols: &'a [u8],
}

impl<'a> Tables<'a> {
    /// Reads the section, if a header lists one.
    pub(crate) fn read(
        file: &[u8],
        headers: &SegmentTable<'_, LittleEndian>,
        parts: &Parts<'a>,
    ) -> Result<Option<Self>, Refusal> {
        // Linker scripts that name the header get an empty one in a kernel without the section.
        let is_empty = |header: &ProgramHeader| header.p_memsz == 0 && header.p_filesz == 0;
        let is_one = |header: &ProgramHeader| header.p_type == abi::PT_DYNAMIC && !is_empty(header);
        let mut found = headers.iter().filter(is_one);
        let Some(header) = found.next() else { return Ok(None) };
        let range = VirtRange::new(VirtAddr::new(header.p_vaddr), header.p_filesz);
        // Other readers take the bytes at the file offset.
        let offset = usize::try_from(header.p_offset).unwrap_or(usize::MAX);
        let is_there = |bytes: &&[u8]| file.get(offset..).is_some_and(|rest| rest.starts_with(bytes));
        let bytes = parts.contents(range).filter(|bytes| bytes.len() % DYNAMIC_ENTRY == 0);
        let bytes = bytes.filter(is_there).ok_or(Refusal::DynamicOutside { range })?;
        if found.next().is_some() {
            return Err(Refusal::DynamicDamaged);
        }
        Tags::read(bytes)?.tables(parts).map(Some)
    }
}

/// The values of the tags that matter.
#[derive(Default)]
struct Tags {
    rela: Table,
    relr: Table,
    symbols: Table,
}

/// Address, bytes, and bytes of an entry.
#[derive(Default)]
struct Table {
    at: Option<u64>,
    size: Option<u64>,
    entry: Option<u64>,
}

impl Tags {
    /// Reads the entries up to `DT_NULL`.
    fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut tags = Self::default();
        for entry in DynamicTable::new(LittleEndian, Class::ELF64, bytes).iter() {
            let value = entry.d_val();
            let place = match entry.d_tag {
                abi::DT_NULL => return Ok(tags),
                abi::DT_RELA => &mut tags.rela.at,
                abi::DT_RELASZ => &mut tags.rela.size,
                abi::DT_RELAENT => &mut tags.rela.entry,
                abi::DT_SYMTAB => &mut tags.symbols.at,
                abi::DT_SYMENT => &mut tags.symbols.entry,
                DT_RELR => &mut tags.relr.at,
                DT_RELRSZ => &mut tags.relr.size,
                DT_RELRENT => &mut tags.relr.entry,
                tag => {
                    check_other(tag, value)?;
                    continue;
                }
            };
            if place.replace(value).is_some() {
                return Err(Refusal::DynamicDamaged);
            }
        }
        Err(Refusal::DynamicDamaged)
    }

    fn tables<'a>(&self, parts: &Parts<'a>) -> Result<Tables<'a>, Refusal> {
        let symbols = self.symbols.at.filter(|_| self.symbols.entry == Some(SYMBOL_ENTRY));
        Ok(Tables {
            rela: self.rela.bytes(parts, RELA_ENTRY)?,
            relr: self.relr.bytes(parts, RELR_ENTRY)?,
            symbols: symbols.and_then(|at| parts.contents_from(VirtAddr::new(at))).unwrap_or_default(),
        })
    }
}

impl Table {
    /// Returns the table's bytes, which are whole entries of `entry` bytes.
    fn bytes<'a>(&self, parts: &Parts<'a>, entry: u64) -> Result<&'a [u8], Refusal> {
        let (at, size) = match (self.at, self.size) {
            (_, None | Some(0)) => return Ok(&[]),
            (at, Some(size)) => (VirtAddr::new(at.unwrap_or_default()), size),
        };
        let found = || parts.contents(VirtRange::new(at, size)).filter(|_| size % entry == 0);
        let is_sound = self.at.is_some() && self.entry == Some(entry);
        is_sound.then(found).flatten().ok_or(Refusal::RelocationTable { at, size })
    }
}

/// Checks a tag that lists neither RELA nor RELR. Most mean nothing to a static PIE. `DT_TEXTREL`
/// announces slots in constants as well as in code, so the slots themselves are checked.
fn check_other(tag: i64, value: u64) -> Result<(), Refusal> {
    match tag {
        abi::DT_NEEDED => Err(Refusal::Library),
        abi::DT_RELSZ | abi::DT_PLTRELSZ if value == 0 => Ok(()),
        abi::DT_RELSZ | abi::DT_PLTRELSZ | DT_CREL => Err(Refusal::RelocationForm { tag }),
        _ if DT_ANDROID.contains(&tag) => Err(Refusal::RelocationForm { tag }),
        _ => Ok(()),
    }
}
