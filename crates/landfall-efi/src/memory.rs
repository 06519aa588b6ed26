//! The memory map of EFI firmware (UEFI 2.10, 7.2.3 `GetMemoryMap`), and the use of each type of
//! memory after boot services have ended (table 7.10).

use core::fmt;

use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange, VirtAddr};

/// Bytes of a descriptor, as the specification has it. Firmware may have longer ones, and says how
/// long.
const DESCRIPTOR_SIZE: usize = 40;

/// `EfiRuntimeServicesCode`.
const RUNTIME_CODE: u32 = 5;

/// `EFI_MEMORY_WB`: it can be cached as ordinary memory is.
const WRITE_BACK: u64 = 1 << 3;
/// `EFI_MEMORY_SP`: set aside for a purpose, as memory beside a device is.
const SPECIFIC_PURPOSE: u64 = 1 << 18;
/// `EFI_MEMORY_RUNTIME`: firmware uses it after it has been left.
const RUNTIME: u64 = 1 << 63;

/// The use of memory by a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryUse {
    /// RAM, free but for what the landing itself has put there.
    Free,
    /// RAM that holds something to be read: ACPI's tables, often the firmware's tree. It may be
    /// mapped and is left alone.
    Kept,
    /// No RAM for the kernel: firmware's own memory, runtime services among it, and devices. It is
    /// neither mapped nor used.
    Nothing,
}

/// A range of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryDescriptor {
    /// `EFI_MEMORY_TYPE`.
    pub kind: u32,
    /// Its place.
    pub range: PhysRange,
    /// `VirtualStart`, for runtime services: 0 before a call of `SetVirtualAddressMap`.
    pub virtual_start: VirtAddr,
    /// `EFI_MEMORY_*`.
    pub attributes: u64,
}

impl MemoryDescriptor {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (words, _) = bytes.as_chunks::<8>();
        let word = |index: usize| words.get(index).map(|word| u64::from_le_bytes(*word));
        let kind = u32::from_le_bytes(*bytes.first_chunk()?);
        let range = PhysRange::new(PhysAddr::new(word(1)?), word(3)?.saturating_mul(PAGE_SIZE));
        Some(Self { kind, range, virtual_start: VirtAddr::new(word(2)?), attributes: word(4)? })
    }

    /// Returns its use by a kernel.
    #[must_use]
    pub const fn usable_as(&self) -> MemoryUse {
        if self.attributes & WRITE_BACK == 0 || self.attributes & SPECIFIC_PURPOSE != 0 {
            return MemoryUse::Nothing;
        }
        match self.kind {
            // Loader's and boot services' code and data, conventional.
            1..=4 | 7 => MemoryUse::Free,
            // ACPI reclaim.
            9 => MemoryUse::Kept,
            // Reserved, runtime services, unusable, ACPI NVS, devices, persistent, unaccepted, and
            // what is not known.
            _ => MemoryUse::Nothing,
        }
    }

    /// Returns true if ACPI's tables may be there (UEFI 2.10, 2.3.7: reclaim or NVS). Older
    /// firmware has its root pointer among the data of runtime services.
    const fn may_hold_tables(&self) -> bool {
        matches!(self.kind, 6 | 9 | 10)
    }

    /// Returns true if firmware uses it after boot services have ended. A kernel that calls runtime
    /// services maps it.
    #[must_use]
    pub const fn is_runtime(&self) -> bool {
        self.attributes & RUNTIME != 0
    }
}

/// A memory map that is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryMapError {
    /// The number of descriptors.
    pub size: usize,
    /// The bytes of a descriptor, by firmware.
    pub descriptor_size: usize,
}

impl fmt::Display for MemoryMapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the firmware's memory map of {:#x} bytes has descriptors of {:#x}; a map consists of whole descriptors of at least {DESCRIPTOR_SIZE:#x} bytes, a multiple of 8; update the firmware",
            self.size, self.descriptor_size
        )
    }
}

impl core::error::Error for MemoryMapError {}

/// A memory map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryMap<'a> {
    bytes: &'a [u8],
    descriptor_size: usize,
}

impl<'a> MemoryMap<'a> {
    /// The map in `bytes`, with descriptors as long as firmware says.
    ///
    /// # Errors
    /// [`MemoryMapError`]: these cannot be descriptors.
    pub const fn new(bytes: &'a [u8], descriptor_size: usize) -> Result<Self, MemoryMapError> {
        let long_enough = descriptor_size >= DESCRIPTOR_SIZE && descriptor_size.is_multiple_of(8);
        if long_enough && bytes.len().is_multiple_of(descriptor_size) {
            Ok(Self { bytes, descriptor_size })
        } else {
            Err(MemoryMapError { size: bytes.len(), descriptor_size })
        }
    }

    /// As firmware gave it.
    #[must_use]
    pub const fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// Bytes of a descriptor.
    #[must_use]
    pub const fn descriptor_size(self) -> usize {
        self.descriptor_size
    }

    /// The descriptors, in the firmware's order.
    pub fn iter(self) -> impl Iterator<Item = MemoryDescriptor> + Clone + 'a {
        self.bytes.chunks_exact(self.descriptor_size).filter_map(MemoryDescriptor::read)
    }

    /// Returns true if ACPI's tables may be in all of `range`: it is readable and never freed.
    #[must_use]
    pub fn may_hold_tables(self, range: PhysRange) -> bool {
        self.holds(range, MemoryDescriptor::may_hold_tables)
    }

    /// Returns true if firmware's own tables may be in all of `range`. Some firmware has its system
    /// table in the code of runtime services.
    pub(crate) fn may_hold_firmware(self, range: PhysRange) -> bool {
        self.holds(range, |part| part.may_hold_tables() || part.kind == RUNTIME_CODE)
    }

    /// Returns true if all of `range` is in descriptors for which `is_such` returns true.
    fn holds(self, range: PhysRange, is_such: impl Fn(&MemoryDescriptor) -> bool) -> bool {
        let mut at = range.start();
        while at < range.end() {
            let holds = |part: &MemoryDescriptor| is_such(part) && part.range.contains_address(at);
            let Some(part) = self.iter().find(holds) else { return false };
            at = part.range.end();
        }
        !range.is_empty()
    }

    /// Returns the `size` bytes behind a virtual address of runtime services.
    pub(crate) fn behind_virtual(self, at: u64, size: u64) -> Option<PhysRange> {
        let offset = |part: &MemoryDescriptor| VirtAddr::new(at).checked_offset_from(part.virtual_start);
        let is_it = |part: &MemoryDescriptor| {
            let is_set = part.is_runtime() && part.virtual_start.get() != 0;
            is_set && offset(part).is_some_and(|offset| offset < part.range.size())
        };
        let part = self.iter().find(is_it)?;
        Some(PhysRange::new(part.range.start().checked_add(offset(&part)?)?, size))
    }

    /// The memory of these uses in ascending order, in ranges as long as they can be. Firmware
    /// promises no order; nothing is collected, so a map may be of any length.
    pub fn ranges(self, wanted: &'a [MemoryUse]) -> impl Iterator<Item = PhysRange> + Clone + 'a {
        let ranges = self
            .iter()
            .filter(move |descriptor| wanted.contains(&descriptor.usable_as()))
            .map(|descriptor| descriptor.range)
            .filter(|range| !range.is_empty());
        let mut at = PhysAddr::new(0);
        core::iter::from_fn(move || {
            let rest = |range: PhysRange| PhysRange::between(range.start().max(at), range.end());
            let mut range =
                ranges.clone().map(rest).filter(|rest| !rest.is_empty()).min_by_key(|rest| rest.start())?;
            loop {
                // If the map is in order, as it mostly is, one pass joins all adjacent ranges.
                let join = |end: PhysAddr, next: PhysRange| {
                    if next.start() <= end { end.max(next.end()) } else { end }
                };
                let end = ranges.clone().fold(range.end(), join);
                if end == range.end() {
                    break;
                }
                range = PhysRange::between(range.start(), end);
            }
            at = range.end();
            Some(range)
        })
    }
}
