//! Bytes of the linear map, which lie in one piece of physical memory.

use landfall::address::LinearAddr;

use crate::{Blob, Handover, Next};

/// Returns bytes of the linear map, such as those of the initrd.
///
/// Bytes at other addresses make a plan that copies other memory: use [`Blob::scattered`] for them.
#[must_use]
pub fn linear(bytes: &[u8]) -> Blob<'_> {
    Blob::contiguous(bytes, LinearAddr::from_ptr(bytes.as_ptr()).to_phys())
}

impl<'a> Handover<'a> {
    /// Returns the wishes for this kernel. The archive lies in the linear map, as the landing's
    /// initrd does.
    #[must_use]
    pub fn next(&self) -> Next<'a> {
        let next = Next::new(linear(self.image)).with_command_line(self.command_line);
        self.initrd.map_or(next, |initrd| next.with_initrd(linear(initrd)))
    }
}
