//! Relocations: the words of the kernel that hold addresses (RISC-V psABI, "Relocations"; gABI,
//! "Relative Relocation Table").

use elf::abi;
use elf::endian::LittleEndian;
use elf::file::Class;
use elf::relocation::{Rela, RelaIterator};
use elf::symbol::SymbolTable;
use landfall_image::relr::Slots;
use landfall_paging::{Access, VirtAddr, VirtRange};

use crate::dynamic::Tables;
use crate::parts::Parts;
use crate::refusal::Refusal;

/// Bytes of a slot.
const SLOT: u64 = 8;

impl<'a> Tables<'a> {
    /// Returns the slots that RELR lists.
    pub(crate) fn relr_slots(&self) -> impl Iterator<Item = VirtAddr> + use<'a> {
        Slots::new(self.relr_words()).map(VirtAddr::new)
    }

    /// Returns the slots that RELA lists, each with the address it gets, as linked.
    pub(crate) fn rela_slots(&self) -> impl Iterator<Item = (VirtAddr, VirtAddr)> + use<'a> {
        let tables = *self;
        self.rela().filter_map(move |rela| {
            let target = tables.symbol(&rela)?.wrapping_add(rela.r_addend.cast_unsigned());
            Some((VirtAddr::new(rela.r_offset), VirtAddr::new(target)))
        })
    }

    /// Returns the address to which a relocation adds its addend. `None` if it is no address that
    /// the kernel defines.
    fn symbol(&self, rela: &Rela) -> Option<u64> {
        match (rela.r_type, rela.r_sym) {
            (abi::R_RISCV_RELATIVE, 0) => Some(0),
            // GNU's linker writes one for a symbol whose address code takes from the GOT.
            (abi::R_RISCV_64, 1..) => {
                let symbols = SymbolTable::new(LittleEndian, Class::ELF64, self.symbols);
                let symbol = symbols.get(usize::try_from(rela.r_sym).ok()?).ok()?;
                let is_place = (1..abi::SHN_LORESERVE).contains(&symbol.st_shndx)
                    && !matches!(symbol.st_symtype(), abi::STT_TLS | abi::STT_GNU_IFUNC);
                is_place.then_some(symbol.st_value)
            }
            _ => None,
        }
    }

    /// Checks every relocation. The time is linear in the size of the tables.
    pub(crate) fn check(&self, parts: &Parts<'_>, span: VirtRange) -> Result<(), Refusal> {
        self.check_relr_order()?;
        for slot in self.relr_slots() {
            check_slot(parts, slot)?;
            check_target(span, slot, word(parts, slot))?;
        }
        for rela in self.rela() {
            let at = VirtAddr::new(rela.r_offset);
            // GNU's linker leaves R_RISCV_NONE where it needs no relocation after all.
            if self.symbol(&rela).is_none() && rela.r_type != abi::R_RISCV_NONE {
                return Err(Refusal::RelocationKind { at, kind: rela.r_type, symbol: rela.r_sym });
            }
        }
        for (slot, target) in self.rela_slots() {
            check_slot(parts, slot)?;
            check_target(span, slot, target)?;
        }
        Ok(())
    }

    /// Checks that the slots of RELR ascend. So none gets the offset twice.
    fn check_relr_order(&self) -> Result<(), Refusal> {
        if self.relr_words().next().is_some_and(|word| word & 1 == 1) {
            return Err(Refusal::Relr { at: VirtAddr::new(0) });
        }
        let mut next = VirtAddr::new(0);
        for at in self.relr_slots() {
            let end = at.checked_add(SLOT);
            let is_sound = at >= next && at.is_aligned(SLOT);
            next = end.filter(|_| is_sound).ok_or(Refusal::Relr { at })?;
        }
        Ok(())
    }

    fn relr_words(&self) -> impl Iterator<Item = u64> + use<'a> {
        self.relr.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word))
    }

    fn rela(&self) -> impl Iterator<Item = Rela> + use<'a> {
        RelaIterator::new(LittleEndian, Class::ELF64, self.rela)
    }
}

/// Checks a slot. Constants may hold one: the loader writes before anything is mapped.
fn check_slot(parts: &Parts<'_>, slot: VirtAddr) -> Result<(), Refusal> {
    let range = slot.checked_add(SLOT).map(|end| VirtRange::between(slot, end));
    let part = range.and_then(|range| parts.holding(range)).ok_or(Refusal::Slot { slot })?;
    if part.access == Access::ReadExecute { Err(Refusal::CodeSlot { slot }) } else { Ok(()) }
}

/// Checks the address in a slot. It may be the end of the kernel.
fn check_target(span: VirtRange, slot: VirtAddr, target: VirtAddr) -> Result<(), Refusal> {
    if span.start() <= target && target <= span.end() {
        Ok(())
    } else {
        Err(Refusal::Target { slot, target })
    }
}

/// Returns the word in a slot, as memory has it before relocation.
fn word(parts: &Parts<'_>, slot: VirtAddr) -> VirtAddr {
    let Some(part) = parts.holding(VirtRange::new(slot, SLOT)) else { return VirtAddr::new(0) };
    let start = usize::try_from(slot.wrapping_offset_from(part.virt.start())).unwrap_or(usize::MAX);
    let mut bytes = 0_u64.to_le_bytes();
    for (byte, found) in bytes.iter_mut().zip(part.contents.get(start..).unwrap_or_default()) {
        *byte = *found;
    }
    VirtAddr::new(u64::from_le_bytes(bytes))
}
