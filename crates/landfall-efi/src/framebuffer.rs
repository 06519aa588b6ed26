//! The framebuffer that firmware hands over.

use landfall_paging::{PhysAddr, PhysRange};
use landfall_tree::Tree;
use landfall_tree::tokens::Tokens;

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

    /// Returns the bits of the colors.
    #[must_use]
    pub const fn masks(&self) -> Masks {
        self.masks
    }

    /// Returns the format with this name.
    fn named(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name().as_bytes() == name)
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

    /// Returns the first `simple-framebuffer` in `/chosen` of a tree, if its pixels lie in its
    /// memory. Addresses and sizes have two cells there, as the landing writes them.
    #[must_use]
    pub fn of(tree: Tree<'_>) -> Option<Self> {
        let chosen = Tokens::root(tree).child("chosen")?;
        let has_two = |name| chosen.property(name) == Some(&[0, 0, 0, 2]);
        if !has_two("#address-cells") || !has_two("#size-cells") {
            return None;
        }
        let mut nodes = chosen.children().filter(|(name, _)| name.starts_with("framebuffer@"));
        nodes.find_map(|(_, node)| Self::of_node(&node))
    }

    /// Reads a node.
    fn of_node(node: &Tokens<'_>) -> Option<Self> {
        let text = |name| node.property(name)?.strip_suffix(&[0]);
        let is_in_use = text("status").is_none_or(|status| matches!(status, b"okay" | b"ok"));
        if text("compatible") != Some(b"simple-framebuffer") || !is_in_use {
            return None;
        }
        let cell = |name| Some(u32::from_be_bytes(node.property(name)?.try_into().ok()?));
        let (address, size) = node.property("reg")?.split_first_chunk()?;
        let start = PhysAddr::new(u64::from_be_bytes(*address));
        let range = PhysRange::new(start, u64::from_be_bytes(size.try_into().ok()?));
        let format = PixelFormat::named(text("format")?)?;
        let (width, height, stride) = (cell("width")?, cell("height")?, cell("stride")?);
        let has_rows = stride.is_multiple_of(format.bytes);
        let pixels = Pixels { width, height, per_row: stride / format.bytes, format };
        Self::new(range, pixels).filter(|_| has_rows)
    }
}
