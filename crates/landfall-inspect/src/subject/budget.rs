//! Bytes of the file that may still be taken.

use thiserror::Error;

/// Tables that take the file's bytes again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("its segments or tables take more bytes than the {size} of the file: their headers are damaged")]
pub struct Exceeded {
    /// Bytes in the file.
    pub size: usize,
}

/// Limits the bytes that are read to the size of the file. A damaged header cannot make the same
/// bytes count many times.
#[derive(Debug)]
pub(super) struct Budget {
    size: usize,
    left: usize,
}

impl Budget {
    pub(super) const fn of(file: &[u8]) -> Self {
        Self { size: file.len(), left: file.len() }
    }

    /// Takes `bytes`.
    pub(super) const fn take(&mut self, bytes: usize) -> Result<(), Exceeded> {
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Exceeded { size: self.size }),
        }
    }
}
