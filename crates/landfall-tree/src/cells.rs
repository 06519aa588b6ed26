//! Numbers in properties: big-endian cells of 32 bits.

use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::Refusal;

use super::name::Name;
use super::token::Word as _;

/// The number in a property of one or two cells.
pub(super) fn number(value: &[u8]) -> Option<u64> {
    match value.as_chunks() {
        ([cell], []) => Some(cell.number() as u64),
        ([high, low], []) => Some((high.number() as u64) << 32 | low.number() as u64),
        _ => None,
    }
}

/// The cells of addresses and sizes in children's `reg`.
#[derive(Clone, Copy, Debug)]
pub(super) struct CellSizes {
    /// `#address-cells`.
    pub(super) address: u64,
    /// `#size-cells`.
    pub(super) size: u64,
}

impl CellSizes {
    /// The defaults (devicetree specification, 2.3.5).
    pub(super) const DEFAULT: Self = Self { address: 2, size: 1 };

    /// Takes in a property of the parent, if it is one of the two.
    pub(super) fn take(&mut self, name: Name, value: &[u8]) {
        match (name, number(value)) {
            (Name::AddressCells, Some(cells)) => self.address = cells,
            (Name::SizeCells, Some(cells)) => self.size = cells,
            _ => {}
        }
    }

    /// The ranges of a `reg`, which lies at `offset` of the tree.
    pub(super) fn ranges(
        self,
        reg: &[u8],
        offset: usize,
    ) -> Result<impl Iterator<Item = PhysRange>, Refusal> {
        let damaged = |what| Refusal::BadTree { offset, what };
        if !(1..=2).contains(&self.address) || !(1..=2).contains(&self.size) {
            return Err(damaged("this reg requires #address-cells and #size-cells of 1 or 2"));
        }
        let (address, size) = (if self.address == 2 { 8 } else { 4 }, if self.size == 2 { 8 } else { 4 });
        if !reg.len().is_multiple_of(address + size) {
            return Err(damaged("the length of this reg is not a multiple of its entries"));
        }
        Ok(reg.chunks_exact(address + size).filter_map(move |entry| {
            let (start, size) = entry.split_at_checked(address)?;
            Some(PhysRange::new(PhysAddr::new(number(start)?), number(size)?))
        }))
    }
}
