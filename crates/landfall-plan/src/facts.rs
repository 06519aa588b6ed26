//! Facts: what the machine is.

use core::fmt;

use landfall_paging::{LeafFormat, Mode, PAGE_SIZE, PhysAddr};

use crate::harts::Harts;
use crate::range::{Range, RangeSet};

/// Where the image lies and what it consists of. All sizes are multiples of 4 KiB.
///
/// ```text
/// base                                                            base + size
///  | text R-X | constants R-- | early RW-, until landing | data RW-, .bss included |
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImageFacts {
    /// Its first byte.
    pub base: PhysAddr,
    /// Bytes of code, the boot header included.
    pub text: u64,
    /// Bytes of constants, which follow the code.
    pub constants: u64,
    /// Bytes that only the landing uses: its stack and the probe's table. The kernel does not map them.
    pub early: u64,
    /// Bytes of data, initialised or not.
    pub data: u64,
}

impl ImageFacts {
    /// All of it.
    #[must_use]
    pub const fn range(&self) -> Range {
        Range::new(self.base, self.size())
    }

    /// Bytes of all of it; 2^64 - 1 where that is more.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.text.saturating_add(self.constants).saturating_add(self.early).saturating_add(self.data)
    }

    /// Code.
    #[must_use]
    pub const fn text_range(&self) -> Range {
        Range::new(self.base, self.text)
    }

    /// Constants.
    #[must_use]
    pub const fn constants_range(&self) -> Range {
        Range::new(self.text_range().end(), self.constants)
    }

    /// What nobody may write to once the kernel runs.
    #[must_use]
    pub const fn read_only(&self) -> Range {
        Range::new(self.base, self.text + self.constants)
    }

    /// What is free memory once the kernel runs.
    #[must_use]
    pub const fn early_range(&self) -> Range {
        Range::new(self.read_only().end(), self.early)
    }

    /// Data, initialised or not.
    #[must_use]
    pub const fn data_range(&self) -> Range {
        Range::new(self.early_range().end(), self.data)
    }

    /// Whether base and sizes are whole pages, as the linker script makes them.
    #[must_use]
    pub const fn is_page_aligned(&self) -> bool {
        (self.base.get() | self.text | self.constants | self.early | self.data) & (PAGE_SIZE - 1) == 0
    }
}

/// What the kernel's command line asks of the landing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `landfall.mode=`: no better mode than this.
    pub mode: Option<Mode>,
    /// `landfall.mode=` with a value that names no mode. It limits nothing, and the report says so.
    pub unknown_mode: bool,
    /// `nokaslr`.
    pub nokaslr: bool,
}

impl Options {
    /// Reads a command line: words between white space. The last of several `landfall.mode=` counts.
    #[must_use]
    pub fn parse(command_line: &str) -> Self {
        let mut options = Self::default();
        for word in command_line.split_ascii_whitespace() {
            if let Some(mode) = word.strip_prefix("landfall.mode=") {
                options.mode = Mode::from_name(mode);
                options.unknown_mode = options.mode.is_none();
            } else if word == "nokaslr" {
                options.nokaslr = true;
            }
        }
        options
    }
}

/// How a part marks memory as ordinary in its page tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

/// Where the other harts are while one lands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OtherHarts {
    /// With the firmware, which starts them when asked (HSM); or there are none.
    #[default]
    WithFirmware,
    /// In the image, where they wait to be released: it cannot be moved.
    InImage,
}

/// What the machine is. Whoever makes one begins with [`Facts::UNKNOWN`]: there may be more fields one day.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Memory, in whole pages.
    pub ram: RangeSet,
    /// What must not be mapped, in whole pages.
    pub no_map: RangeSet,
    /// What may be mapped and must be left alone, in whole pages.
    pub reserved: RangeSet,
    /// `reserved-memory` children that leave their place to the kernel. Landing reserves nothing for them.
    pub unplaced_reservations: u32,
    /// The image.
    pub image: ImageFacts,
    /// The device tree.
    pub tree: Range,
    /// The initial RAM disk.
    pub initrd: Option<Range>,
    /// The kernel's command line, where it lies in the tree; without its final zero.
    pub command_line: Range,
    /// What the command line asks for.
    pub options: Options,
    /// The enabled harts.
    pub harts: Harts,
    /// The hart that boots.
    pub boot_hart: u64,
    /// Ticks a second of the `time` register; 0 where the tree does not say.
    pub timebase: u64,
    /// How page tables mark ordinary memory.
    pub memory_types: MemoryTypes,
    /// Where the other harts are. Asked only for a kernel that wants to be moved.
    pub other_harts: OtherHarts,
}

impl Facts {
    /// A machine of which nothing is known.
    pub const UNKNOWN: Self = Self {
        ram: RangeSet::EMPTY,
        no_map: RangeSet::EMPTY,
        reserved: RangeSet::EMPTY,
        unplaced_reservations: 0,
        image: ImageFacts { base: PhysAddr::new(0), text: 0, constants: 0, early: 0, data: 0 },
        tree: Range::EMPTY,
        initrd: None,
        command_line: Range::EMPTY,
        options: Options { mode: None, unknown_mode: false, nokaslr: false },
        harts: Harts::EMPTY,
        boot_hart: 0,
        timebase: 0,
        memory_types: MemoryTypes::Standard,
        other_harts: OtherHarts::WithFirmware,
    };
}
