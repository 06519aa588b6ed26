//! Debug information of a module, relocated as a debugger needs it: for the addresses of
//! [`Part`](super::Part).
//!
//! Places outside of the section and unknown types are left as they are: a line is missing then.

use std::borrow::Cow;

use object::elf::{self, RelocationType};
use object::read::elf::{ElfFile64, Rela, SectionHeader, Sym};
use object::{LittleEndian, Object, ObjectSection, SectionIndex, SymbolIndex};

use super::module::Placed;

type Elf<'data> = ElfFile64<'data, LittleEndian>;

/// Returns the content of section `name`, which is `bytes` before relocation.
pub(super) fn section<'data>(
    elf: &Elf<'data>,
    placed: &Placed,
    name: &str,
    bytes: Cow<'data, [u8]>,
) -> Cow<'data, [u8]> {
    let Some(section) = elf.section_by_name(name) else { return bytes };
    let target = section.index();
    let mut bytes = bytes;
    let tables = elf.elf_section_table();
    let of_target = |header: &&elf::SectionHeader64<LittleEndian>| {
        usize::try_from(header.sh_info(LittleEndian)) == Ok(target.0)
    };
    // A damaged file may name one section many times.
    let Some(table) = tables
        .iter()
        .filter(of_target)
        .find_map(|header| header.rela(LittleEndian, elf.data()).ok().flatten().map(|(entries, _)| entries))
    else {
        return bytes;
    };
    let content = bytes.to_mut();
    for entry in table {
        let symbol = entry.symbol(LittleEndian, false).map_or(0, |symbol| value(elf, placed, symbol));
        let value = symbol.wrapping_add_signed(entry.r_addend(LittleEndian));
        let Ok(offset) = usize::try_from(entry.r_offset(LittleEndian)) else { continue };
        if let Some(place) = content.get_mut(offset..) {
            apply(place, entry.r_type(LittleEndian, false), value);
        }
    }
    bytes
}

/// Returns the value of a symbol: in a loaded section an address, elsewhere its offset.
fn value(elf: &Elf<'_>, placed: &Placed, symbol: SymbolIndex) -> u64 {
    let Ok(symbol) = elf.elf_symbol_table().symbol(symbol) else { return 0 };
    let section = SectionIndex(usize::from(symbol.st_shndx(LittleEndian).0));
    let start = placed.section(section).map_or(0, |address| address.0);
    start.wrapping_add(symbol.st_value(LittleEndian))
}

/// Writes `value` at the start of `place` (psABI, "Relocations").
fn apply(place: &mut [u8], kind: RelocationType, value: u64) {
    type Change = fn(u64, u64) -> u64;
    let (set, add, subtract): (Change, Change, Change) = (|_, new| new, u64::wrapping_add, u64::wrapping_sub);
    let (width, change) = match kind {
        elf::R_RISCV_64 => (8, set),
        elf::R_RISCV_32 | elf::R_RISCV_SET32 => (4, set),
        elf::R_RISCV_SET16 => (2, set),
        elf::R_RISCV_SET8 => (1, set),
        elf::R_RISCV_ADD64 => (8, add),
        elf::R_RISCV_ADD32 => (4, add),
        elf::R_RISCV_ADD16 => (2, add),
        elf::R_RISCV_ADD8 => (1, add),
        elf::R_RISCV_SUB64 => (8, subtract),
        elf::R_RISCV_SUB32 => (4, subtract),
        elf::R_RISCV_SUB16 => (2, subtract),
        elf::R_RISCV_SUB8 => (1, subtract),
        elf::R_RISCV_SET6 => return low_six(place, |_| value),
        elf::R_RISCV_SUB6 => return low_six(place, |old| old.wrapping_sub(value)),
        elf::R_RISCV_SET_ULEB128 => return uleb128(place, |_| value),
        elf::R_RISCV_SUB_ULEB128 => return uleb128(place, |old| old.wrapping_sub(value)),
        _ => return,
    };
    let Some(place) = place.get_mut(..width) else { return };
    let mut word = [0; 8];
    word[..width].copy_from_slice(place);
    let new = change(u64::from_le_bytes(word), value);
    place.copy_from_slice(&new.to_le_bytes()[..width]);
}

/// Changes the low six bits of a byte.
fn low_six(place: &mut [u8], change: impl FnOnce(u64) -> u64) {
    if let Some(byte) = place.first_mut() {
        let [new, ..] = change((*byte & 0x3f).into()).to_le_bytes();
        *byte = *byte & 0xc0 | new & 0x3f;
    }
}

/// Changes a number in the encoding ULEB128, and keeps its length.
fn uleb128(place: &mut [u8], change: impl FnOnce(u64) -> u64) {
    const LONGEST: usize = 10;
    let Some(last) = place.iter().take(LONGEST).position(|byte| byte & 0x80 == 0) else { return };
    let bytes = &mut place[..=last];
    let old = bytes.iter().rev().fold(0_u64, |old, byte| old << 7 | u64::from(byte & 0x7f));
    let mut new = change(old);
    for byte in bytes {
        let [low, ..] = new.to_le_bytes();
        *byte = *byte & 0x80 | low & 0x7f;
        new >>= 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(place: &[u8], kind: RelocationType, value: u64) -> Vec<u8> {
        let mut place = place.to_vec();
        apply(&mut place, kind, value);
        place
    }

    #[test]
    fn each_type_changes_its_own_bits() {
        assert_eq!(applied(&[9; 9], elf::R_RISCV_64, 0x0102), [2, 1, 0, 0, 0, 0, 0, 0, 9]);
        assert_eq!(applied(&[9; 5], elf::R_RISCV_32, u64::MAX), [255, 255, 255, 255, 9]);
        assert_eq!(applied(&[1, 1], elf::R_RISCV_ADD16, 0xff), [0, 2]);
        assert_eq!(applied(&[1, 9], elf::R_RISCV_SUB8, 2), [255, 9]);
        assert_eq!(applied(&[0xc1], elf::R_RISCV_SUB6, 2), [0xff]);
        assert_eq!(applied(&[0xc1], elf::R_RISCV_SET6, 0x45), [0xc5]);
        assert_eq!(applied(&[7], elf::R_RISCV_NONE, 1), [7]);
    }

    #[test]
    fn a_uleb128_keeps_its_length() {
        assert_eq!(applied(&[0x80, 0x80, 0], elf::R_RISCV_SET_ULEB128, 0x81), [0x81, 0x81, 0]);
        assert_eq!(applied(&[0x81, 0x81, 0], elf::R_RISCV_SUB_ULEB128, 0x80), [0x81, 0x80, 0]);
        assert_eq!(applied(&[0x80; 12], elf::R_RISCV_SET_ULEB128, 1), [0x80; 12]);
    }

    #[test]
    fn a_place_that_ends_early_is_left_alone() {
        for kind in [elf::R_RISCV_64, elf::R_RISCV_SET6, elf::R_RISCV_SUB_ULEB128] {
            assert_eq!(applied(&[], kind, 1), [0; 0]);
        }
        assert_eq!(applied(&[3; 7], elf::R_RISCV_64, 1), [3; 7]);
    }
}
