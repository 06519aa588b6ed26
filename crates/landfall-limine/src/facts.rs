//! All that the loader knows: the kernel's place, the machine, and the kernel's files.

use landfall_paging::{Mode, PhysAddr, PhysRange, VirtAddr};
use landfall_tree::Tree;

use crate::memory::MemoryRange;

/// All that the loader knows. A request about something that is not known has no response.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Name and version of the loader.
    pub loader: Loader<'a>,
    /// The offset of the linear map: a virtual address less its physical one, modulo 2^64.
    pub hhdm_offset: u64,
    /// The place of the kernel.
    pub executable: Executable,
    /// The paging mode.
    pub mode: Mode,
    /// The memory map; [`MemoryMap`](crate::MemoryMap) makes one. An empty one has no response.
    pub memory: &'a [MemoryRange],
    /// The harts that the kernel can start, and the boot hart.
    pub harts: &'a [HartFacts],
    /// The id of the boot hart.
    pub boot_hart: u64,
    /// The bytes of each stack.
    pub stack_size: u64,
    /// The kernel's command line.
    pub command_line: &'a [u8],
    /// The kernel's file. Its text is the command line.
    pub executable_file: Option<File<'a>>,
    /// Other files.
    pub modules: &'a [File<'a>],
    /// The device tree, which is copied without its nodes of memory.
    pub device_tree: Option<Tree<'a>>,
    /// The framebuffers.
    pub framebuffers: &'a [Framebuffer<'a>],
    /// The kind of firmware.
    pub firmware: Firmware,
    /// ACPI's root pointer.
    pub rsdp: Option<PhysRange>,
    /// The entry points of SMBIOS.
    pub smbios: Smbios,
    /// EFI's system table.
    pub efi_system_table: Option<PhysRange>,
    /// EFI's memory map, which is copied.
    pub efi_memory_map: Option<EfiMemoryMap<'a>>,
    /// The time of the boot: seconds since the beginning of 1970, UTC, by the machine's clock.
    pub date: Option<i64>,
    /// The frequency of `rdtime` in hertz.
    pub timer_frequency: Option<u64>,
    /// Times of the boot.
    pub performance: Option<Performance>,
    /// Random numbers. They are secrets; a kernel gets as many of them as it requests.
    pub entropy: &'a [u64],
}

impl Facts<'_> {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        loader: Loader { name: "Landfall", version: env!("CARGO_PKG_VERSION") },
        hhdm_offset: 0,
        executable: Executable { phys: PhysAddr::new(0), virt: VirtAddr::new(0) },
        mode: Mode::Sv39,
        memory: &[],
        harts: &[],
        boot_hart: 0,
        stack_size: 0,
        command_line: &[],
        executable_file: None,
        modules: &[],
        device_tree: None,
        framebuffers: &[],
        firmware: Firmware::Sbi,
        rsdp: None,
        smbios: Smbios { entry_32: None, entry_64: None },
        efi_system_table: None,
        efi_memory_map: None,
        date: None,
        timer_frequency: None,
        performance: None,
        entropy: &[],
    };

    /// Returns the address of physical memory in the linear map.
    pub(crate) const fn hhdm(&self, phys: PhysAddr) -> VirtAddr {
        VirtAddr::new(phys.get().wrapping_add(self.hhdm_offset))
    }
}

/// Name and version of the loader, ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loader<'a> {
    /// The name.
    pub name: &'a str,
    /// The version.
    pub version: &'a str,
}

/// The place of the kernel's first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Executable {
    /// Its physical address.
    pub phys: PhysAddr,
    /// Its virtual address.
    pub virt: VirtAddr,
}

/// A hart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HartFacts {
    /// Its id.
    pub id: u64,
    /// ACPI's id of it; 0 without ACPI.
    pub acpi_uid: u64,
    /// The upper end of its stack, for the waiting hart: the protocol leaves a word to the loader.
    pub stack: VirtAddr,
}

/// A file in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File<'a> {
    /// Its bytes. They begin at a page.
    pub range: PhysRange,
    /// Its path, with a leading `/`.
    pub path: &'a [u8],
    /// A text for it, such as its arguments.
    pub text: &'a [u8],
}

/// A framebuffer of pixels with 32 bits or fewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framebuffer<'a> {
    /// Its memory.
    pub range: PhysRange,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Bytes from one row to the next.
    pub stride: u32,
    /// Bits of a pixel.
    pub bits: u16,
    /// The bits of red.
    pub red: Channel,
    /// The bits of green.
    pub green: Channel,
    /// The bits of blue.
    pub blue: Channel,
    /// The screen's own description (EDID), or nothing.
    pub edid: &'a [u8],
}

/// The bits of a color in a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Their number.
    pub size: u8,
    /// The lowest one.
    pub shift: u8,
}

/// The kind of firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Firmware {
    /// SBI alone.
    Sbi,
    /// EFI of 64 bits.
    Efi,
}

/// The entry points of SMBIOS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Smbios {
    /// That of version 2.
    pub entry_32: Option<PhysRange>,
    /// That of version 3.
    pub entry_64: Option<PhysRange>,
}

/// EFI's memory map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EfiMemoryMap<'a> {
    /// The descriptors.
    pub bytes: &'a [u8],
    /// Bytes from one descriptor to the next.
    pub descriptor_size: u64,
    /// Their version.
    pub descriptor_version: u64,
}

/// Times of the boot, in microseconds since any moment before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Performance {
    /// The machine's reset; 0 if unknown.
    pub reset: u64,
    /// The start of the loader.
    pub loader: u64,
    /// The start of the kernel.
    pub kernel: u64,
}
