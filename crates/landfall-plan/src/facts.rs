//! Facts: the machine, the image and the boot options.
//!
//! ```
//! use landfall_paging::{Mode, PhysAddr};
//! use landfall_plan::facts::{BootOptions, ImageFacts};
//!
//! let options = BootOptions::parse("console=hvc0 landfall.mode=sv39 nokaslr");
//! assert_eq!((options.mode, options.nokaslr), (Some(Mode::Sv39), true));
//!
//! let parts = ImageFacts { text: 0x8000, constants: 0x4000, early: 0x7000, data: 0x2000 };
//! let image = parts.at(PhysAddr::new(0x8020_0000));
//! assert_eq!(image.data().start(), PhysAddr::new(0x8021_3000));
//! ```

use core::fmt;

use landfall_paging::{LeafFormat, Mode, PAGE_SIZE, PhysAddr, PhysRange};

use crate::harts::Harts;
use crate::range_set::PhysRangeSet;

pub use crate::command_line::CommandLine;
pub use crate::crash_option::{CrashFault, CrashOption, CrashOptionFault};

/// The parts of the image, in bytes; each is a multiple of 4 KiB. They follow each other, in memory
/// and in the address space:
///
/// ```text
/// base                                                            base + size
///  | text R-X | constants R-- | early RW-, until landing | data RW-, .bss included |
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImageFacts {
    /// Bytes of code, the boot header included.
    pub text: u64,
    /// Bytes of constants, which follow the code.
    pub constants: u64,
    /// Bytes that only the landing uses: its stack and the probe's table. The kernel does not map
    /// them.
    pub early: u64,
    /// Bytes of data, initialized or not.
    pub data: u64,
}

impl ImageFacts {
    /// An image without any byte.
    pub const EMPTY: Self = Self { text: 0, constants: 0, early: 0, data: 0 };

    /// Returns the bytes of the whole image; 2^64 - 1 if it has more.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.text.saturating_add(self.constants).saturating_add(self.early).saturating_add(self.data)
    }

    /// Returns the image at a place in physical memory.
    #[must_use]
    pub const fn at(self, base: PhysAddr) -> PlacedImage {
        PlacedImage { base, parts: self }
    }
}

/// The image at a place in physical memory: as it was loaded ([`Facts::loaded_image`]), or as it
/// landed ([`ImagePlace`](crate::plan::ImagePlace)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlacedImage {
    /// The address of its first byte.
    pub base: PhysAddr,
    /// Its parts.
    pub parts: ImageFacts,
}

impl PlacedImage {
    /// Returns the bytes of the whole image; 2^64 - 1 if it has more.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.parts.size()
    }

    /// Returns the memory of the whole image.
    #[must_use]
    pub const fn all(&self) -> PhysRange {
        PhysRange::new(self.base, self.size())
    }

    /// Returns the memory of the code.
    #[must_use]
    pub const fn text(&self) -> PhysRange {
        PhysRange::new(self.base, self.parts.text)
    }

    /// Returns the memory of the constants.
    #[must_use]
    pub const fn constants(&self) -> PhysRange {
        PhysRange::new(self.text().end(), self.parts.constants)
    }

    /// Returns the memory of code and constants, which nothing may write to once the kernel runs.
    #[must_use]
    pub const fn read_only(&self) -> PhysRange {
        PhysRange::new(self.base, self.parts.text + self.parts.constants)
    }

    /// Returns the memory that only the landing uses, which is free once the kernel runs.
    #[must_use]
    pub const fn early(&self) -> PhysRange {
        PhysRange::new(self.read_only().end(), self.parts.early)
    }

    /// Returns the memory of the data, initialized or not.
    #[must_use]
    pub const fn data(&self) -> PhysRange {
        PhysRange::new(self.early().end(), self.parts.data)
    }

    /// Returns true if base and sizes are whole pages, as the linker script makes them.
    #[must_use]
    pub const fn is_page_aligned(&self) -> bool {
        let ImageFacts { text, constants, early, data } = self.parts;
        (self.base.get() | text | constants | early | data) & (PAGE_SIZE - 1) == 0
    }
}

/// Options for the landing on the kernel's command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BootOptions {
    /// `landfall.mode=`: no better mode than this.
    pub mode: Option<Mode>,
    /// `landfall.mode=` with an invalid value. It limits nothing, and the report has a note.
    pub unknown_mode: bool,
    /// `nokaslr`.
    pub nokaslr: bool,
    /// `crashkernel=`, which takes precedence over the policy's crash memory.
    pub crash: CrashOption,
}

impl BootOptions {
    /// Reads a command line: words of any bytes between ASCII white space. The last of several
    /// `landfall.mode=` counts, and of several `crashkernel=`.
    #[must_use]
    pub fn parse(command_line: impl AsRef<[u8]>) -> Self {
        let mut options = Self::default();
        for word in CommandLine::new(command_line.as_ref()).words() {
            if let Some(mode) = word.strip_prefix(b"landfall.mode=") {
                options.mode = core::str::from_utf8(mode).ok().and_then(Mode::from_name);
                options.unknown_mode = options.mode.is_none();
            } else if let Some(crash) = word.strip_prefix(b"crashkernel=") {
                options.crash = CrashOption::parse(crash);
            } else if word == b"nokaslr" {
                options.nokaslr = true;
            }
        }
        options
    }
}

/// The mark of ordinary memory in page tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MemoryTypes {
    /// By where it is: the specification's way.
    #[default]
    Standard,
    /// By bits in each leaf: T-Head C9xx with MAEE on.
    Thead,
}

impl MemoryTypes {
    /// The leaves of such a part, as far as memory types go.
    #[must_use]
    pub const fn leaf_format(self) -> LeafFormat {
        match self {
            Self::Standard => LeafFormat::Plain,
            Self::Thead => LeafFormat::Thead,
        }
    }
}

impl fmt::Display for MemoryTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Standard => "standard",
            Self::Thead => "thead",
        })
    }
}

/// A fault of the initial RAM disk that a tree names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitrdFault {
    /// It ends before it starts.
    Reversed {
        /// `linux,initrd-start`.
        start: PhysAddr,
        /// `linux,initrd-end`.
        end: PhysAddr,
    },
    /// `linux,initrd-end` is missing, or is no number.
    NoEnd,
    /// `linux,initrd-start` is missing, or is no number.
    NoStart,
}

/// The place of the other harts while one lands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OtherHarts {
    /// With the firmware, which starts them on request (HSM), or no other harts exist.
    #[default]
    WithFirmware,
    /// In the image, where they wait to be released: it cannot be moved.
    InImage,
}

/// The machine. Code that makes one begins with [`Facts::UNKNOWN`] and sets fields: later versions
/// may have more of them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Facts {
    /// Memory, in whole pages.
    pub ram: PhysRangeSet,
    /// Memory that must not be mapped, in whole pages.
    pub no_map: PhysRangeSet,
    /// Memory that may be mapped and must stay untouched, in whole pages.
    pub reserved: PhysRangeSet,
    /// `reserved-memory` children that leave their place to the kernel. Landing reserves nothing
    /// for them.
    pub unplaced_reservations: u32,
    /// The parts of the image.
    pub image: ImageFacts,
    /// The address at which the boot loader put the image.
    pub loaded: PhysAddr,
    /// The device tree.
    pub tree: PhysRange,
    /// The initial RAM disk.
    pub initrd: Option<PhysRange>,
    /// The reason why the initial RAM disk that the tree names is not used.
    pub initrd_fault: Option<InitrdFault>,
    /// The tree says that kexec started the kernel.
    pub kexec: bool,
    /// The kernel's command line, where it lies in the tree; without its final zero.
    pub command_line: PhysRange,
    /// The options on the command line.
    pub options: BootOptions,
    /// The enabled harts.
    pub harts: Harts,
    /// The hart that boots.
    pub boot_hart: u64,
    /// Bytes of a block that the boot hart's `cbo.zero` zeroes; 0 where the tree does not say. No
    /// plan depends on it, so files of facts leave it out.
    pub zero_block: u64,
    /// Ticks a second of the `time` register; 0 where the tree does not say.
    pub timebase: u64,
    /// The mark of ordinary memory in page tables.
    pub memory_types: MemoryTypes,
    /// The place of the other harts. It is read only for a kernel that is to be moved.
    pub other_harts: OtherHarts,
    /// The crash memory, a part of `no_map` too. [`Facts::reserve_crash_memory`] decides it.
    pub crash: PhysRange,
    /// The reason why there is no crash memory, although it was asked for.
    pub crash_fault: Option<CrashFault>,
}

impl Facts {
    /// A machine of which nothing is known.
    pub const UNKNOWN: Self = Self {
        ram: PhysRangeSet::EMPTY,
        no_map: PhysRangeSet::EMPTY,
        reserved: PhysRangeSet::EMPTY,
        unplaced_reservations: 0,
        image: ImageFacts::EMPTY,
        loaded: PhysAddr::new(0),
        tree: PhysRange::EMPTY,
        initrd: None,
        initrd_fault: None,
        kexec: false,
        command_line: PhysRange::EMPTY,
        options: BootOptions { mode: None, unknown_mode: false, nokaslr: false, crash: CrashOption::Absent },
        harts: Harts::EMPTY,
        boot_hart: 0,
        zero_block: 0,
        timebase: 0,
        memory_types: MemoryTypes::Standard,
        other_harts: OtherHarts::WithFirmware,
        crash: PhysRange::EMPTY,
        crash_fault: None,
    };

    /// Returns the image as it was loaded.
    #[must_use]
    pub const fn loaded_image(&self) -> PlacedImage {
        self.image.at(self.loaded)
    }

    /// Makes the facts [`Facts::UNKNOWN`] again, in place: a value of this size is better not
    /// copied on a small stack.
    pub fn forget(&mut self) {
        let Self {
            ram,
            no_map,
            reserved,
            unplaced_reservations,
            image,
            loaded,
            tree,
            initrd,
            initrd_fault,
            kexec,
            command_line,
            options,
            harts,
            boot_hart,
            zero_block,
            timebase,
            memory_types,
            other_harts,
            crash,
            crash_fault,
        } = self;
        [ram, no_map, reserved].into_iter().for_each(PhysRangeSet::clear);
        harts.clear();
        (*unplaced_reservations, *boot_hart, *zero_block, *timebase, *kexec) = (0, 0, 0, 0, false);
        (*image, *loaded) = (ImageFacts::EMPTY, PhysAddr::new(0));
        (*tree, *command_line, *crash) = (PhysRange::EMPTY, PhysRange::EMPTY, PhysRange::EMPTY);
        (*initrd, *initrd_fault, *crash_fault, *options) = (None, None, None, BootOptions::default());
        (*memory_types, *other_harts) = (MemoryTypes::Standard, OtherHarts::WithFirmware);
    }
}
