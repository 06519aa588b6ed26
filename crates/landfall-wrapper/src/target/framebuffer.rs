//! The framebuffer that firmware has handed over, for kernels that request it.

use landfall::Landing;
use landfall::address::PhysRange;
use landfall::tree::Tree;

/// A framebuffer that the linear map of the new tables can hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Framebuffer {
    pub(super) pixels: landfall_efi::Framebuffer,
    /// Its pages, if they are not RAM that the linear map holds anyway.
    pub(super) unmapped: Option<PhysRange>,
}

impl Framebuffer {
    /// Returns the framebuffer in the device tree. `None` if its pages are not within the linear
    /// map's span, or if some of them are RAM and others are not.
    pub(super) fn of(landing: &Landing) -> Option<Self> {
        let pixels = landfall_efi::Framebuffer::of(Tree::new(landing.tree()).ok()?)?;
        let pages = pixels.range.pages_touched();
        let linear = &landing.plan().linear;
        let mut ram = linear.mapped(landing.facts()).filter(|ram| ram.overlaps(pages));
        let unmapped = match ram.next() {
            Some(ram) if ram.contains(pages) => None,
            Some(_) => return None,
            None => Some(pages),
        };
        linear.span.contains(pages).then_some(Self { pixels, unmapped })
    }
}
