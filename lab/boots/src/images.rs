//! The images that a list of cases looks into, for the size of a kernel or the place of a symbol.
//!
//! A list is made twice. Without any image it gives the names of the tests; with the image of one
//! kernel it gives the tests of that kernel. The names are the same. So `--list` builds nothing,
//! and a test builds only its own kernel.

use super::image::Image;
use super::kernels::KERNELS;

/// The images that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Images {
    /// None: only names, axes and kernels of the cases are right.
    Unknown,
    /// That of this kernel: the cases that boot it are right.
    Of(&'static str),
}

impl Images {
    /// Returns the image of `kernel` if it is known.
    pub(super) fn get(self, kernel: &str) -> Option<&'static Image> {
        match self {
            Self::Of(known) if known == kernel => KERNELS.get(kernel).ok().map(|kernel| &kernel.image),
            _ => None,
        }
    }
}
