//! The tables of the block: a root that maps two pages, and nothing else.

use landfall_paging::{
    Access, Entry, LeafFormat, MapError, Mapper, Mapping, Mode, PAGE_SIZE, PhysAddr, Satp, TableMemory,
    VirtAddr,
};

use crate::block::{Block, Parts};

/// The page from which a hart leaves the old address space: at its virtual address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeavePage {
    /// The virtual address of its code.
    pub virt: VirtAddr,
    /// The physical address of its code.
    pub phys: PhysAddr,
}

/// Builds the tables in their part of the block. Each page is mapped R-X: that of `leave` at its
/// virtual address, and the copier's at its physical one.
///
/// # Errors
/// [`MapError`]: the addresses are no virtual addresses of this mode.
pub fn build(
    block: &mut Block<'_>,
    parts: Parts,
    mode: Mode,
    format: LeafFormat,
    leave: LeavePage,
) -> Result<Satp, MapError> {
    let memory = BlockTables { bytes: block.bytes, at: block.at };
    let pages = Parts::table_pages(mode);
    let mut mapper = Mapper::new(mode, format, memory, parts.tables.start(), pages)?;
    let access = Access::ReadExecute;
    let copier = parts.copier.start();
    mapper.map(Mapping { virt: VirtAddr::new(copier.get()), phys: copier, size: PAGE_SIZE, access })?;
    let (virt, phys) = (leave.virt.align_down(PAGE_SIZE), leave.phys.align_down(PAGE_SIZE));
    mapper.map(Mapping { virt, phys, size: PAGE_SIZE, access })?;
    Ok(Satp::new(mode, mapper.finish().root))
}

/// Tables as bytes of the block.
struct BlockTables<'a> {
    bytes: &'a mut [u8],
    at: PhysAddr,
}

impl TableMemory for BlockTables<'_> {
    fn write_run(&mut self, at: PhysAddr, first: Entry, step: u64, count: usize) {
        let offset = usize::try_from(at.wrapping_offset_from(self.at)).unwrap_or(usize::MAX);
        let places = self.bytes.get_mut(offset..).unwrap_or_default().as_chunks_mut().0;
        let mut bits = first.bits();
        for place in places.iter_mut().take(count) {
            *place = bits.to_le_bytes();
            bits = bits.wrapping_add(step);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec;

    use landfall_paging::{TableReader, Translation, translate};

    use super::*;

    struct Reader<'a>(&'a [u8], PhysAddr);

    impl TableReader for Reader<'_> {
        fn read(&self, at: PhysAddr) -> Entry {
            let offset = usize::try_from(at.wrapping_offset_from(self.1)).expect("in the block");
            Entry::from_bits(u64::from_le_bytes(self.0[offset..offset + 8].try_into().expect("a word")))
        }
    }

    #[test]
    fn exactly_two_pages_are_mapped_each_executable_and_not_writable() {
        for mode in Mode::BEST_FIRST {
            let (mut bytes, at) = (vec![0xa5; 64 << 10], PhysAddr::new(0x8765_4000));
            let virt = VirtAddr::new(0xffff_ffff_9abc_d080);
            let mut block = Block { bytes: &mut bytes, at };
            let parts = Parts::new(mode, block.range(), 8).expect("room");
            let leave = LeavePage { virt, phys: PhysAddr::new(0x8020_5080) };
            let satp = build(&mut block, parts, mode, LeafFormat::Plain, leave).expect("tables");
            let reader = Reader(&bytes, at);
            let find = |virt| match translate(&reader, mode, LeafFormat::Plain, satp.root(), virt) {
                Translation::Mapped { physical, access, .. } => Some((physical, access)),
                _ => None,
            };
            let executable = Access::ReadExecute;
            assert_eq!(find(virt), Some((leave.phys, executable)));
            let copier = parts.copier.start();
            assert_eq!(find(VirtAddr::new(copier.get())), Some((copier, executable)));
            for outside in [virt.wrapping_add(0x1000), virt.wrapping_sub(0x1000)] {
                assert_eq!(find(outside), None);
            }
            for outside in [copier.wrapping_add(0x1000), copier.wrapping_sub(0x1000), PhysAddr::new(0)] {
                assert_eq!(find(VirtAddr::new(outside.get())), None);
            }
        }
    }
}
