//! The wishes for the next kernel.

use landfall_efi::MemoryMap;
use landfall_paging::PhysRange;
use landfall_tree::NextSeed;

use crate::blob::Blob;
use crate::place::Place;

/// The next kernel, as the running one wants it.
///
/// ```
/// use landfall_kexec::{Blob, Next, Place};
/// use landfall_paging::PhysAddr;
///
/// let file = [0; 0x1000];
/// let image = Blob::contiguous(&file, PhysAddr::new(0x8800_0000));
/// let next = Next::new(image).with_command_line(b"console=ttyS0").with_place(Place::Drawn(7));
/// assert_eq!(next.command_line(), b"console=ttyS0");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Next<'a> {
    pub(crate) image: Blob<'a>,
    pub(crate) initrd: Option<Blob<'a>>,
    pub(crate) command_line: &'a [u8],
    pub(crate) place: Place,
    pub(crate) seed: Option<&'a NextSeed>,
    pub(crate) runtime: Option<MemoryMap<'a>>,
    pub(crate) wiped: &'a [PhysRange],
}

impl<'a> Next<'a> {
    /// A kernel without initrd, command line and seed, at the lowest place that fits.
    #[must_use]
    pub const fn new(image: Blob<'a>) -> Self {
        Self {
            image,
            initrd: None,
            command_line: &[],
            place: Place::Lowest,
            seed: None,
            runtime: None,
            wiped: &[],
        }
    }

    /// Passes an initrd on.
    #[must_use]
    pub const fn with_initrd(mut self, initrd: Blob<'a>) -> Self {
        self.initrd = Some(initrd);
        self
    }

    /// Passes a command line on: any bytes but 0, and none behind it.
    #[must_use]
    pub const fn with_command_line(mut self, command_line: &'a [u8]) -> Self {
        self.command_line = command_line;
        self
    }

    /// Chooses the place of the image.
    #[must_use]
    pub const fn with_place(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// Passes a seed on: that of the running landing, `Landing::next_seed`.
    #[must_use]
    pub const fn with_seed(mut self, seed: &'a NextSeed) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Passes on the memory map that this kernel has given to EFI's `SetVirtualAddressMap`.
    /// Firmware keeps those addresses for good. Without it, virtual addresses are physical ones.
    #[must_use]
    pub const fn with_runtime_map(mut self, map: MemoryMap<'a>) -> Self {
        self.runtime = Some(map);
        self
    }

    /// Overwrites more memory with zeros, such as heaps with secrets. The running kernel's image,
    /// tables, stacks and tree always are.
    #[must_use]
    pub const fn with_wiped(mut self, memory: &'a [PhysRange]) -> Self {
        self.wiped = memory;
        self
    }

    /// Returns the image.
    pub(crate) const fn image(&self) -> Blob<'a> {
        self.image
    }

    /// Returns the command line.
    #[must_use]
    pub const fn command_line(&self) -> &'a [u8] {
        self.command_line
    }
}
