//! A machine's memory.

use super::client::CHUNK;
use super::error::wrong;
use super::{Client, GdbError};
use landfall_predict::hex::{hex, unhex};
use landfall_predict::units::Address;

/// Which addresses memory is read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// Those of the machine.
    Physical,
    /// Those that the selected hart sees in its present mode.
    Virtual,
}

impl Client {
    pub(super) fn select_space(&mut self, space: Space) -> Result<(), GdbError> {
        if self.space != space {
            let physical = u8::from(space == Space::Physical);
            self.ask_for_ok(&format!("Qqemu.PhyMemMode:{physical}"))?;
            self.space = space;
        }
        Ok(())
    }

    /// Reads `size` bytes of memory.
    ///
    /// # Errors
    /// [`GdbError::Answer`] where there is no memory, or none that the selected hart can read.
    pub fn read_memory(&mut self, space: Space, at: Address, size: usize) -> Result<Vec<u8>, GdbError> {
        self.select_space(space)?;
        let mut bytes = Vec::with_capacity(size);
        while bytes.len() < size {
            let chunk = self.chunk.min(size - bytes.len());
            let request = format!("m{:x},{chunk:x}", at.wrapping_add(bytes.len() as u64).0);
            let answer = self.ask(&request)?;
            match unhex(&answer) {
                Some(part) if part.len() == chunk => bytes.extend(part),
                _ => return Err(wrong(&request, &answer)),
            }
        }
        Ok(bytes)
    }

    /// Writes memory.
    ///
    /// # Errors
    /// [`GdbError::Answer`] where there is no memory, or none that the selected hart can reach.
    pub fn write_memory(&mut self, space: Space, at: Address, bytes: &[u8]) -> Result<(), GdbError> {
        self.select_space(space)?;
        for (index, chunk) in bytes.chunks(CHUNK).enumerate() {
            let at = at.wrapping_add((index * CHUNK) as u64);
            self.ask_for_ok(&format!("M{:x},{:x}:{}", at.0, chunk.len(), hex(chunk)))?;
        }
        Ok(())
    }
}
