//! The address space: which region may lie where.
//!
//! Each mode's upper half, of `H` bytes, from bottom to top:
//!
//! ```text
//! 0      linear zone: the linear map, at a random multiple of 1 GiB (sv39) or 512 GiB (sv48, sv57)
//! 5/8 H  kernel zone: guard, then the kernel's window at a random multiple of 2 MiB, then guard
//!        window: near region 128 MiB | guard 2 MiB | image, at its place within 2 MiB | guarded stacks
//!        The larger gap beside the window is the dynamic region.
//! H      the last 2 MiB stay unmapped, error-pointer values among them
//! ```
//!
//! | mode | H | linear zone from | kernel zone from | most RAM |
//! |---|---|---|---|---|
//! | sv39 | 256 GiB | `0xffffffc000000000` | `0xffffffe800000000` | 128 GiB |
//! | sv48 | 128 TiB | `0xffff800000000000` | `0xffffd00000000000` | 64 TiB |
//! | sv57 | 64 PiB | `0xff00000000000000` | `0xffa0000000000000` | 32 PiB |

use landfall_paging::{Mode, VirtAddr};

/// The grain of the kernel's place: the image keeps its place within 2 MiB, so large leaves stay possible.
pub const PLACE_GRAIN: u64 = 2 << 20;
/// Bytes that stay unmapped between regions.
pub const GUARD: u64 = 2 << 20;
/// Bytes of the near region: for modules and generated code, within reach of a call from the kernel's text.
pub const NEAR_REGION: u64 = 128 << 20;

/// Virtual addresses that follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VirtRange {
    /// The first.
    pub start: VirtAddr,
    /// Bytes.
    pub size: u64,
}

impl VirtRange {
    /// The first address behind it, modulo 2^64.
    #[must_use]
    pub const fn end(self) -> VirtAddr {
        self.start.add(self.size)
    }
}

/// The zones of a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Where the linear map lies, at any place.
    pub linear_zone: VirtRange,
    /// Where everything that is not the linear map lies.
    pub kernel_zone: VirtRange,
    /// Bytes from the lowest RAM on that the linear map reaches.
    pub reach: u64,
    /// The grain of the linear map's offset.
    pub linear_grain: u64,
}

impl Layout {
    /// The zones of `mode`.
    #[must_use]
    pub const fn of(mode: Mode) -> Self {
        let (half, base) = (mode.half_size(), mode.upper_half());
        let linear = half / 8 * 5;
        Self {
            linear_zone: VirtRange { start: base, size: linear },
            kernel_zone: VirtRange { start: base.add(linear), size: half - linear },
            reach: half / 2,
            linear_grain: match mode {
                Mode::Sv39 => 1 << 30,
                Mode::Sv48 | Mode::Sv57 => 512 << 30,
            },
        }
    }

    /// Where the image's first 2 MiB may begin, for a kernel that takes `size` bytes with its stacks.
    #[must_use]
    pub const fn kernel_places(&self, size: u64) -> VirtRange {
        // The image may begin anywhere in its first 2 MiB, so it takes up to 2 MiB more than its size.
        let above = (size + PLACE_GRAIN).next_multiple_of(PLACE_GRAIN) + GUARD;
        let below = GUARD + NEAR_REGION + GUARD;
        VirtRange {
            start: self.kernel_zone.start.add(below),
            size: self.kernel_zone.size.saturating_sub(below).saturating_sub(above) + PLACE_GRAIN,
        }
    }
}
