//! The accesses of the firmware, on behalf of the hart that calls it.

use super::World;
use crate::hart::Hart;

impl World {
    /// Reads physical memory as the hart would: its own stores come first.
    pub(crate) fn firmware_read(&mut self, _hart: &mut Hart, _address: u64, _bytes: &mut [u8]) -> Option<()> {
        None
    }

    /// Writes physical memory as the hart would.
    pub(crate) fn firmware_write(&mut self, _hart: &mut Hart, _address: u64, _bytes: &[u8]) -> Option<()> {
        None
    }
}
