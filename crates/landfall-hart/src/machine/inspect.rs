//! A machine's state, for debuggers and for comparisons with other machines.

use super::Machine;

impl Machine {
    /// Reads physical memory as it is now; `None` outside memory.
    pub fn read_memory(&mut self, address: u64, bytes: &mut [u8]) -> Option<()> {
        self.world.memory.read(address, bytes)
    }

    /// Writes physical memory, as a loader does; `None` outside memory.
    pub fn write_memory(&mut self, address: u64, bytes: &[u8]) -> Option<()> {
        self.world.memory.write(address, bytes)
    }
}
