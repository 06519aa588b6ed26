//! The sites of patched constants, as the linker has collected them.
//!
//! Each record is a signed 32-bit distance from itself to the site's first instruction (`landfall`,
//! `machine/constants.rs`; `link.ld`).

use thiserror::Error;

use super::Subject;
use crate::units::Address;

/// The patched instruction sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteKind {
    /// The linear map's offset: `lui`, `slli`.
    Linear,
    /// The image's offset: `lui`, `addi`, `slli`, `addi`, `slli`.
    Image,
    /// An address between linear map and kernel: `lui`, `slli`.
    Border,
}

impl SiteKind {
    /// Bytes of the site's instructions.
    #[must_use]
    pub const fn size(self) -> u64 {
        match self {
            Self::Linear | Self::Border => 8,
            Self::Image => 20,
        }
    }
}

/// A patched constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// The patched sequence.
    pub kind: SiteKind,
    /// Its place in the table.
    pub record: Address,
    /// The link address of its first instruction.
    pub address: Address,
}

/// Why the table cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what}")]
pub struct SiteError {
    /// The place of the fault in the table.
    pub at: Address,
    /// The fault.
    pub what: String,
}

/// The linker's names for the ends of the three parts.
const ENDS: [&str; 4] =
    ["__landfall_linear_sites", "__landfall_image_sites", "__landfall_border_sites", "__landfall_sites_end"];

impl Subject<'_> {
    /// The patched constants of a landfall kernel's ELF.
    ///
    /// # Errors
    /// [`SiteError`] where the table is not there, or out of order.
    pub fn sites(&self) -> Result<Vec<Site>, SiteError> {
        let base = self.link_range().start;
        let end = |name| {
            let missing = || SiteError {
                at: base,
                what: format!("the kernel has no symbol {name}, by which the table of sites is found"),
            };
            self.symbols().find(name).map(|symbol| symbol.address).ok_or_else(missing)
        };
        let [linear, image, border, last] = ENDS.map(end);
        let (linear, image, border, last) = (linear?, image?, border?, last?);
        let mut sites = Vec::new();
        for (kind, from, to) in [
            (SiteKind::Linear, linear, image),
            (SiteKind::Image, image, border),
            (SiteKind::Border, border, last),
        ] {
            let what =
                format!("the table's part from {from} to {to} is no table of 4-byte records in the file");
            let wrong = SiteError { at: from, what };
            let size =
                to.0.checked_sub(from.0).and_then(|size| usize::try_from(size).ok()).ok_or(wrong.clone())?;
            let bytes = self.bytes(from, size).filter(|_| size.is_multiple_of(4)).ok_or(wrong)?;
            sites.extend(bytes.as_chunks().0.iter().enumerate().map(|(index, distance)| {
                let record = from.wrapping_add(index as u64 * 4);
                let distance = i64::from(i32::from_le_bytes(*distance));
                Site { kind, record, address: Address(record.0.wrapping_add_signed(distance)) }
            }));
        }
        Ok(sites)
    }
}
