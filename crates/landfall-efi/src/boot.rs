//! The input of the tree: all that the firmware reported.

use core::fmt;

use landfall_paging::{PhysAddr, PhysRange};

use crate::acpi::Acpi;
use crate::framebuffer::Framebuffer;
use crate::memory::MemoryMap;
use crate::text::LoadOptions;

/// All that the firmware reported, and the loader that started it.
#[derive(Clone, Copy)]
pub struct Boot<'a> {
    /// The hart that boots.
    pub hart: u64,
    /// The memory map.
    pub map: MemoryMap<'a>,
    /// The address of the system table.
    pub system_table: PhysAddr,
    /// The address of ACPI's root pointer, if firmware has one.
    pub acpi_root: Option<PhysAddr>,
    /// ACPI's tables, which state the harts if the tree does not.
    pub harts: Option<Acpi<'a>>,
    /// The place of the tree, if another kernel handed it on. That kernel's reservations in the
    /// header stay, but for the tree's own.
    pub handed_on: Option<PhysRange>,
    /// The command line. If it is missing, the tree's own counts.
    pub command_line: Option<LoadOptions<'a>>,
    /// The initrd. If it is missing, the tree's own counts.
    pub initrd: Option<PhysRange>,
    /// Random bytes.
    pub entropy: Option<&'a [u8]>,
    /// The framebuffer.
    pub framebuffer: Option<Framebuffer>,
}

impl fmt::Debug for Boot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the entropy, which is secret.
        f.debug_struct("Boot").field("hart", &self.hart).field("initrd", &self.initrd).finish_non_exhaustive()
    }
}
