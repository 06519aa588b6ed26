//! The framebuffer that firmware hands over.

use landfall_paging::PhysRange;

/// The bits of red, green and blue in a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Masks {
    /// Bits of red.
    pub red: u32,
    /// Bits of green.
    pub green: u32,
    /// Bits of blue.
    pub blue: u32,
}

/// A format of pixels that `simple-framebuffer` has a name for (Linux,
/// `include/linux/platform_data/simplefb.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelFormat {
    /// The name, and zeros.
    name: [u8; 12],
    /// Bytes of a pixel.
    pub bytes: u32,
    masks: Masks,
}

const fn format(name: [u8; 12], bytes: u32, [red, green, blue]: [u32; 3]) -> PixelFormat {
    PixelFormat { name, bytes, masks: Masks { red, green, blue } }
}

impl PixelFormat {
    /// Blue in the lowest byte.
    pub const BGR: Self = format(*b"x8r8g8b8\0\0\0\0", 4, [0xff_0000, 0xff00, 0xff]);
    /// Red in the lowest byte.
    pub const RGB: Self = format(*b"x8b8g8r8\0\0\0\0", 4, [0xff, 0xff00, 0xff_0000]);
    const ALL: [Self; 4] = [
        Self::BGR,
        Self::RGB,
        format(*b"r5g6b5\0\0\0\0\0\0", 2, [0xf800, 0x7e0, 0x1f]),
        format(*b"x2r10g10b10\0", 4, [0x3ff0_0000, 0xf_fc00, 0x3ff]),
    ];

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        let name = self.name.split(|byte| *byte == 0).next().unwrap_or_default();
        core::str::from_utf8(name).unwrap_or_default()
    }

    /// The format with these masks, if it has a name.
    #[must_use]
    pub fn of(masks: Masks) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.masks == masks)
    }
}

/// A framebuffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framebuffer {
    /// Its memory.
    pub range: PhysRange,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Bytes from one row to the next.
    pub stride: u32,
    /// Its pixels.
    pub format: PixelFormat,
}

/// The pixels of a framebuffer, by firmware's description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Pixels in a row that are seen.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Pixels from one row to the next.
    pub per_row: u32,
    /// The format of each pixel.
    pub format: PixelFormat,
}

impl Framebuffer {
    /// Returns the framebuffer of these pixels in this memory. `None` if there are no pixels, or if
    /// they reach beyond the memory: a kernel that drew them would write elsewhere.
    #[must_use]
    pub fn new(range: PhysRange, pixels: Pixels) -> Option<Self> {
        let Pixels { width, height, per_row, format } = pixels;
        let stride = per_row.checked_mul(format.bytes)?;
        let taken = u64::from(stride) * u64::from(height);
        let fits = width != 0 && width <= per_row && taken != 0 && taken <= range.size();
        fits.then_some(Self { range, width, height, stride, format })
    }
}
