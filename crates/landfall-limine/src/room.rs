//! The memory for responses. Beyond its end, bytes are counted and not written.

use landfall_paging::VirtAddr;

use crate::words::WORD;

/// Memory for responses, which the kernel sees at an address of the linear map.
#[derive(Debug)]
pub struct Room<'a> {
    bytes: &'a mut [u8],
    start: VirtAddr,
    used: usize,
}

impl<'a> Room<'a> {
    /// Takes memory of which the kernel sees the first byte at `start`.
    #[must_use]
    pub const fn new(bytes: &'a mut [u8], start: VirtAddr) -> Self {
        Self { bytes, start, used: 0 }
    }

    /// Returns the bytes in use; more than there are, if those did not suffice.
    #[must_use]
    pub const fn used(&self) -> usize {
        self.used
    }

    /// Returns true if all bytes in use are there.
    pub(crate) const fn suffices(&self) -> bool {
        self.used <= self.bytes.len()
    }

    /// Returns the address of the next byte.
    fn here(&self) -> VirtAddr {
        self.start.wrapping_add(self.used as u64)
    }

    /// Fills up to the next word, and returns its address.
    fn align(&mut self) -> VirtAddr {
        while !self.here().is_aligned(WORD as u64) {
            self.bytes(&[0]);
        }
        self.here()
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let end = self.used.saturating_add(bytes.len());
        if let Some(place) = self.bytes.get_mut(self.used..end) {
            place.copy_from_slice(bytes);
        }
        self.used = end;
    }

    /// Writes words one after the other.
    pub(crate) fn words(&mut self, words: impl IntoIterator<Item = u64>) -> VirtAddr {
        let virt = self.align();
        for word in words {
            self.bytes(&word.to_le_bytes());
        }
        virt
    }

    /// Writes a structure of any bytes.
    pub(crate) fn structure(&mut self, bytes: &[u8]) -> VirtAddr {
        let virt = self.align();
        self.bytes(bytes);
        virt
    }

    /// Writes an array of pointers to structures that follow each other from `first` on.
    pub(crate) fn pointers(&mut self, first: VirtAddr, stride: u64, count: usize) -> VirtAddr {
        self.words((0..count as u64).map(|index| first.wrapping_add(index.wrapping_mul(stride)).get()))
    }

    /// Writes a text up to its first zero, and a zero. The protocol has ASCII alone: `?` takes the
    /// place of other bytes.
    pub(crate) fn text(&mut self, text: &[u8]) -> VirtAddr {
        let virt = self.here();
        for byte in text.iter().take_while(|byte| **byte != 0) {
            self.bytes(&[if byte.is_ascii() { *byte } else { b'?' }]);
        }
        self.bytes(&[0]);
        virt
    }

    /// Lets `write` fill the memory from a word boundary on. It returns the bytes that it needs.
    pub(crate) fn fill(&mut self, write: impl FnOnce(&mut [u8]) -> Option<usize>) -> Option<VirtAddr> {
        let virt = self.align();
        let needed = write(self.bytes.get_mut(self.used..).unwrap_or_default())?;
        self.used = self.used.saturating_add(needed);
        Some(virt)
    }
}
