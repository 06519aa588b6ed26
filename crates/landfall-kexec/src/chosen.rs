//! The values of `/chosen` in the tree of the next kernel.

use landfall_efi::Efi;
use landfall_paging::PhysRange;
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
    pub(crate) firmware: Option<Firmware<'a>>,
    /// Reservations of the header for exactly this memory are left out.
    pub(crate) dropped: [PhysRange; 2],
    /// The memory of a crash kernel.
    pub(crate) crash: Option<CrashRanges>,
}

/// The memory that a crash kernel may use, and the headers of the ELF core in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CrashRanges {
    pub(crate) usable: PhysRange,
    pub(crate) headers: PhysRange,
}

/// EFI firmware, and the place of its memory map.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Firmware<'a> {
    pub(crate) efi: Efi<'a>,
    pub(crate) map: PhysRange,
}
