//! Facts: what the machine is.

use core::fmt;

use landfall_paging::{LeafFormat, Mode, PAGE_SIZE, PhysAddr};

use crate::command_line::CommandLine;
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
    /// Reads a command line: words of any bytes between ASCII white space. The last of several `landfall.mode=` counts.
    #[must_use]
    pub fn parse(command_line: impl AsRef<[u8]>) -> Self {
        let mut options = Self::default();
        for word in CommandLine::new(command_line.as_ref()).words() {
            if let Some(mode) = word.strip_prefix(b"landfall.mode=") {
                options.mode = core::str::from_utf8(mode).ok().and_then(Mode::from_name);
                options.unknown_mode = options.mode.is_none();
            } else if word == b"nokaslr" {
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

/// What is wrong with the initial RAM disk that a tree names.
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
    /// The reason why the initial RAM disk that the tree names is not used.
    pub initrd_fault: Option<InitrdFault>,
    /// The tree says that kexec started the kernel.
    pub kexec: bool,
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
        initrd_fault: None,
        kexec: false,
        command_line: Range::EMPTY,
        options: Options { mode: None, unknown_mode: false, nokaslr: false },
        harts: Harts::EMPTY,
        boot_hart: 0,
        timebase: 0,
        memory_types: MemoryTypes::Standard,
        other_harts: OtherHarts::WithFirmware,
    };

    /// Makes the facts [`Facts::UNKNOWN`] again, in place: a value of this size is better not copied on a small stack.
    pub fn forget(&mut self) {
        let Self {
            ram,
            no_map,
            reserved,
            unplaced_reservations,
            image,
            tree,
            initrd,
            initrd_fault,
            kexec,
            command_line,
            options,
            harts,
            boot_hart,
            timebase,
            memory_types,
            other_harts,
        } = self;
        [ram, no_map, reserved].into_iter().for_each(RangeSet::clear);
        harts.clear();
        (*unplaced_reservations, *boot_hart, *timebase, *kexec) = (0, 0, 0, false);
        (*image, *tree, *command_line) = (ImageFacts::default(), Range::EMPTY, Range::EMPTY);
        (*initrd, *initrd_fault, *options) = (None, None, Options::default());
        (*memory_types, *other_harts) = (MemoryTypes::Standard, OtherHarts::WithFirmware);
    }
}
