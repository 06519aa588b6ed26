//! What the tree of the next kernel has in `/chosen`.

use landfall_efi::MemoryMap;
use landfall_paging::{PhysAddr, PhysRange};
use landfall_tree::NextSeed;

/// The values of `/chosen`, and the reservations that end with the running kernel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chosen<'a> {
    pub(crate) command_line: &'a [u8],
    /// A word that the plan adds to the command line.
    pub(crate) suffix: &'static [u8],
    pub(crate) initrd: Option<PhysRange>,
    pub(crate) hart: u64,
    pub(crate) seed: Option<&'a NextSeed>,
    pub(crate) memory_map: Option<MemoryMapPlace<'a>>,
    /// Reservations of the header for exactly this memory are left out.
    pub(crate) dropped: [PhysRange; 2],
}

/// EFI's memory map, and its place in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MemoryMapPlace<'a> {
    pub(crate) at: PhysAddr,
    pub(crate) map: MemoryMap<'a>,
}
