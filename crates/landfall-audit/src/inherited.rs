//! Addresses that a root has by the tables of an earlier one.

use serde::{Deserialize, Serialize};

use crate::address::{Span, Virt};

/// Addresses that an earlier root maps by the same tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inherited {
    /// First address.
    #[serde(rename = "virtual")]
    pub start: Virt,
    /// Bytes.
    pub size: u64,
    /// The number of the earlier root.
    pub root: usize,
}

impl Inherited {
    /// Returns the addresses.
    #[must_use]
    pub const fn span(&self) -> Span<Virt> {
        Span::new(self.start, self.size)
    }
}
