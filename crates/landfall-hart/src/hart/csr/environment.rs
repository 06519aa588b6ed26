//! `senvcfg`: permissions of user mode.

use crate::config::Extensions;

use super::state::Csrs;

/// Fence of I/O implies memory, in user mode.
const FIOM: u64 = 1;
/// `cbo.inval` in user mode: 0 traps, 1 flushes, 3 invalidates. 2 is reserved.
const CBIE: u64 = 3 << 4;
/// `cbo.clean` and `cbo.flush` work in user mode.
const CBCFE: u64 = 1 << 6;
/// `cbo.zero` works in user mode.
const CBZE: u64 = 1 << 7;

impl Csrs {
    /// Returns true if user mode may execute `cbo.zero`.
    pub(crate) const fn user_zeroes_blocks(&self) -> bool {
        self.senvcfg & CBZE != 0
    }

    /// Returns true if user mode may execute `cbo.clean` and `cbo.flush`.
    pub(crate) const fn user_cleans_blocks(&self) -> bool {
        self.senvcfg & CBCFE != 0
    }

    /// Returns true if user mode may execute `cbo.inval`. It may as well flush: memory is coherent.
    pub(crate) const fn user_invalidates_blocks(&self) -> bool {
        self.senvcfg & CBIE != 0
    }

    /// Returns true if a fence of I/O in user mode orders memory too.
    pub(crate) const fn user_fences_imply_memory(&self) -> bool {
        self.senvcfg & FIOM != 0
    }
}

/// Returns the legal value of `senvcfg` for a write.
pub(super) fn legal(old: u64, extensions: &Extensions, value: u64) -> u64 {
    let mut fields = FIOM;
    if extensions.zicbom {
        fields |= CBCFE;
        // A reserved value leaves the field.
        if value & CBIE != 2 << 4 {
            fields |= CBIE;
        }
    }
    if extensions.zicboz {
        fields |= CBZE;
    }
    old & !fields | value & fields
}
