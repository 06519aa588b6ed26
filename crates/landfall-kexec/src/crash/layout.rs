//! The places of all parts in crash memory.
//!
//! ```text
//! image, with what it needs beyond its file | initrd | ELF headers | block ...
//! ```
//!
//! The image comes first: some kernels use no memory below their own.

use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange};

use super::error::CrashError;
use crate::error::{KexecError, Part};
use crate::image::{ALIGNMENT, Image, Whereabouts};

/// The places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) image: PhysRange,
    pub(super) initrd: Option<PhysRange>,
    pub(super) headers: PhysRange,
    pub(super) block: PhysRange,
}

impl Layout {
    /// Returns the places in `memory`. `least` is the size of the smallest block that suffices.
    pub(super) fn new(
        memory: PhysRange,
        image: &Image,
        initrd: Option<u64>,
        headers: u64,
        least: u64,
    ) -> Result<Self, CrashError> {
        let at = place_of(memory, image)?;
        let image = PhysRange::new(at, image.size);
        let mut next = page_up(image.end());
        let mut part = |size: u64| {
            let part = PhysRange::new(next, size);
            next = page_up(part.end());
            part
        };
        let initrd = initrd.filter(|size| *size != 0).map(&mut part);
        let headers = part(headers);
        // All of the block is compared at the jump, so it is no larger than it must be.
        let block = PhysRange::new(next, least.next_multiple_of(PAGE_SIZE));
        let block = block.intersection(memory);
        let wanted = next.get().saturating_add(least).saturating_sub(memory.start().get());
        if image.end() > memory.end() || block.size() < least || wanted > memory.size() {
            return Err(CrashError::TooSmall { wanted, found: memory.size() });
        }
        Ok(Self { image, initrd, headers, block })
    }
}

fn place_of(memory: PhysRange, image: &Image) -> Result<PhysAddr, CrashError> {
    match image.whereabouts {
        Whereabouts::Anywhere { offset } => {
            let start = memory.start().checked_align_up(ALIGNMENT).unwrap_or(memory.end());
            Ok(start.wrapping_add(offset))
        }
        Whereabouts::Fixed(at) => {
            let range = PhysRange::new(at, image.size);
            let error = CrashError::Kexec(KexecError::Taken { part: Part::Image, range });
            if memory.contains(range) { Ok(at) } else { Err(error) }
        }
    }
}

fn page_up(at: PhysAddr) -> PhysAddr {
    at.checked_align_up(PAGE_SIZE).unwrap_or(at)
}
