//! The interrupt files of an IMSIC (AIA 1.0, 3.5 and 3.6), and the index by which an APLIC finds
//! the file of a hart (4.9.1).
//!
//! ```text
//! address of a file = base | group << group-index-shift | hart << (12 + guest-index-bits)
//! hart index        = group << hart-index-bits | hart
//! ```
//!
//! The properties are those of the device tree binding `riscv,imsics`.

use dtoolkit::fdt::FdtNode;
use landfall::address::{PhysAddr, PhysRange};

use super::node::number_of;
use super::outputs::Outputs;
use super::refusal::Refusal;

/// A file takes a page.
const FILE_BITS: u32 = 12;
/// The most ranges of files. A machine has one for each group of harts, of which there may be 128.
const MAX_RANGES: usize = 16;

/// Widths of fields of an APLIC's `smsiaddrcfgh` (4.5.4).
const MAX_GUEST_BITS: u32 = 7;
const MAX_HART_BITS: u32 = 15;
const MAX_GROUP_BITS: u32 = 7;
/// The lowest bit of the group index, without which the binding has 24.
const GROUP_SHIFTS: core::ops::RangeInclusive<u32> = 24..=55;
/// A hart index has 14 bits (4.5.16).
const INDEX_BITS: u32 = 14;

/// Identities of messages (3.1): "a multiple of 64, minus 1", up to 2047.
const LAST_IDENTITIES: core::ops::RangeInclusive<u32> = 63..=2047;

/// Ranges of interrupt files, in the order of `reg`.
#[derive(Clone, Debug)]
pub(super) struct Files {
    ranges: [PhysRange; MAX_RANGES],
}

/// The place of the indexes in a file's address.
#[derive(Clone, Copy, Debug)]
struct Fields {
    guest_bits: u32,
    hart_bits: u32,
    group_bits: u32,
    group_shift: u32,
}

impl Files {
    pub(super) fn new(registers: impl Iterator<Item = PhysRange>) -> Self {
        let mut files = Self { ranges: [PhysRange::EMPTY; MAX_RANGES] };
        files.ranges.iter_mut().zip(registers).for_each(|(slot, range)| *slot = range);
        files
    }

    /// Returns the highest identity that each file has.
    ///
    /// # Errors
    /// `riscv,num-ids` is not a possible number.
    pub(super) fn last_identity(imsic: FdtNode<'_>) -> Result<u32, Refusal> {
        let name = "riscv,num-ids";
        let found = number_of(imsic, name).unwrap_or(0);
        let possible = LAST_IDENTITIES.contains(&found) && found % 64 == 63;
        if possible { Ok(found) } else { Err(Refusal::Property { name, found }) }
    }

    /// Returns the hart index of each CPU, whose output is at this position.
    ///
    /// # Errors
    /// A property is invalid, or a file is not where the properties have it.
    pub(super) fn hart_indexes(&self, imsic: FdtNode<'_>, positions: Outputs) -> Result<Outputs, Refusal> {
        let fields = Fields::new(imsic)?;
        let first = self.file(0, fields).ok_or(Refusal::NoFile { output: 0 })?;
        positions.try_map(|position| {
            let output = usize::from(position);
            let file = self.file(output, fields).ok_or(Refusal::NoFile { output })?;
            fields.index(file, first).ok_or(Refusal::FileAddress { found: file })
        })
    }

    /// The file of supervisor mode for one output. Files of guests follow each. Ranges are counted
    /// in whole harts.
    fn file(&self, output: usize, fields: Fields) -> Option<PhysAddr> {
        let stride = 1_u64 << (FILE_BITS + fields.guest_bits);
        let mut left = output as u64;
        for range in &self.ranges {
            let harts = range.size() / stride;
            if left < harts {
                return Some(range.start().wrapping_add(left * stride));
            }
            left -= harts;
        }
        None
    }
}

impl Fields {
    fn new(imsic: FdtNode<'_>) -> Result<Self, Refusal> {
        let property = |name: &'static str, absent: u32, possible: core::ops::RangeInclusive<u32>| {
            let found = number_of(imsic, name).unwrap_or(absent);
            if possible.contains(&found) { Ok(found) } else { Err(Refusal::Property { name, found }) }
        };
        // Without a number of bits there are as many as the outputs need.
        let outputs = super::outputs::count(imsic).max(1);
        let needed = usize::BITS - (outputs - 1).leading_zeros();
        let guest_bits = property("riscv,guest-index-bits", 0, 0..=MAX_GUEST_BITS)?;
        let hart_bits = property("riscv,hart-index-bits", needed, 0..=MAX_HART_BITS)?;
        let group_bits = property("riscv,group-index-bits", 0, 0..=MAX_GROUP_BITS)?;
        let group_shift = property("riscv,group-index-shift", *GROUP_SHIFTS.start(), GROUP_SHIFTS)?;
        if group_bits > 0 && FILE_BITS + guest_bits + hart_bits > group_shift {
            return Err(Refusal::Property { name: "riscv,group-index-shift", found: group_shift });
        }
        Ok(Self { guest_bits, hart_bits, group_bits, group_shift })
    }

    /// The hart index of a file, unless its address differs from the first one's in other bits than
    /// those of the indexes.
    fn index(self, file: PhysAddr, first: PhysAddr) -> Option<u16> {
        let hart_shift = FILE_BITS + self.guest_bits;
        let (hart_mask, group_mask) = ((1 << self.hart_bits) - 1, (1 << self.group_bits) - 1);
        let indexes = hart_mask << hart_shift | group_mask << self.group_shift;
        let hart = file.get() >> hart_shift & hart_mask;
        let group = file.get() >> self.group_shift & group_mask;
        let index = group << self.hart_bits | hart;
        let reached = (file.get() ^ first.get()) & !indexes == 0 && index >> INDEX_BITS == 0;
        u16::try_from(index).ok().filter(|_| reached)
    }
}
