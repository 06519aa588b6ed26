//! The address space: which region may lie where.
//!
//! Each mode's upper half, of `H` bytes, from bottom to top:
//!
//! ```text
//! 0      linear zone: the linear map, at a random multiple of 1 GiB (sv39) or 512 GiB (sv48, sv57)
//! 5/8 H  kernel zone: image, near region, stacks and dynamic region, each at a random
//!        multiple of 2 MiB with 2 MiB of guard on either side; the image keeps its place
//!        within 2 MiB, the near region is within 2 GiB of it
//! H      the last 2 MiB stay unmapped, error-pointer values among them
//! ```
//!
//! A policy without pins and windows has this layout. With a pin the zones do not apply. The linear
//! map lies anywhere below a pinned kernel, the kernel anywhere above a pinned linear map (module
//! `space`).
//!
//! | mode | H | linear zone from | kernel zone from | most RAM |
//! |---|---|---|---|---|
//! | sv39 | 256 GiB | `0xffffffc000000000` | `0xffffffe800000000` | 128 GiB |
//! | sv48 | 128 TiB | `0xffff800000000000` | `0xffffd00000000000` | 64 TiB |
//! | sv57 | 64 PiB | `0xff00000000000000` | `0xffa0000000000000` | 32 PiB |

use landfall_paging::{LeafSize, Mode, VirtRange};

/// The grain of the kernel's place: the image keeps its place within 2 MiB, so large leaves stay
/// possible.
pub const PLACE_GRAIN: u64 = 2 << 20;
/// Bytes that stay unmapped between regions.
pub const GUARD: u64 = 2 << 20;

/// The zones of a mode, where nothing is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The zone of the linear map.
    pub linear_zone: VirtRange,
    /// The zone of everything else.
    pub kernel_zone: VirtRange,
    /// Bytes of the kernel zone. It ends with the 64-bit space, so its range is one byte shorter.
    pub kernel_zone_size: u64,
    /// Bytes from the lowest RAM on that the linear map reaches.
    pub reach: u64,
    /// The grain of the linear map's offset.
    pub linear_grain: u64,
}

impl Layout {
    /// Returns the zones of `mode`. `ram_limit` is the policy's, in bytes: more than five eighths
    /// of the half move the border up.
    #[must_use]
    pub const fn new(mode: Mode, ram_limit: Option<u64>) -> Self {
        let (half, base) = (mode.half_size(), mode.upper_half());
        let reach = match ram_limit {
            None => half / 2,
            Some(limit) if limit < half => limit,
            Some(_) => half,
        };
        let linear_grain = match mode {
            Mode::Sv39 => LeafSize::G1.bytes(),
            Mode::Sv48 | Mode::Sv57 => LeafSize::G512.bytes(),
        };
        // The lowest RAM need not lie at a multiple of the grain.
        let wanted = (reach + linear_grain).next_multiple_of(linear_grain);
        let (usual, most) = (half / 8 * 5, half);
        let linear = if wanted <= usual {
            usual
        } else if wanted < most {
            wanted
        } else {
            most
        };
        Self {
            linear_zone: VirtRange::new(base, linear),
            kernel_zone: VirtRange::new(base.wrapping_add(linear), half - linear),
            kernel_zone_size: half - linear,
            reach,
            linear_grain,
        }
    }
}
