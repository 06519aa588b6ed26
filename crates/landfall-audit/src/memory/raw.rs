//! Raw memory: a file, or any bytes, that begins at a known physical address.

use std::io::{ErrorKind, Read, Seek, SeekFrom};

use crate::address::{PAGE, Phys, Span};

use super::{Memory, Missing, Page};

/// Bytes of physical memory from one address on.
#[derive(Debug)]
pub struct Raw<R> {
    bytes: R,
    span: Span<Phys>,
}

impl<R: Read + Seek> Raw<R> {
    /// Takes all of `bytes` for the memory from `base` on.
    ///
    /// # Errors
    /// The error of a seek to the end.
    pub fn new(mut bytes: R, base: Phys) -> std::io::Result<Self> {
        let size = bytes.seek(SeekFrom::End(0))?;
        // Memory beyond the last address is out of reach.
        let size = size.min(u64::MAX - base.0);
        Ok(Self { bytes, span: Span::new(base, size) })
    }
}

impl<R: Read + Seek> Memory for Raw<R> {
    fn read(&mut self, at: Phys, page: &mut Page) -> Result<(), Missing> {
        let offset = at.0.checked_sub(self.span.start.0).ok_or(Missing::Hole)?;
        let left = self.span.size.checked_sub(offset).filter(|left| *left != 0).ok_or(Missing::Hole)?;
        if left < PAGE {
            return Err(Missing::Short);
        }
        read_at(&mut self.bytes, offset, page)
    }

    fn spans(&self) -> Vec<Span<Phys>> {
        vec![self.span]
    }
}

/// Reads a page at an offset.
pub(super) fn read_at(bytes: &mut (impl Read + Seek), offset: u64, page: &mut Page) -> Result<(), Missing> {
    let read = bytes.seek(SeekFrom::Start(offset)).and_then(|_| bytes.read_exact(page));
    read.map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => Missing::Short,
        _ => Missing::Failed(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn only_whole_pages_of_the_source_are_read() {
        let mut bytes = vec![0; 2 * 4096 + 100];
        bytes[4096] = 7;
        let mut raw = Raw::new(Cursor::new(bytes), Phys(0x8000_0000)).expect("bytes");
        let mut page = [0; 4096];
        assert_eq!(raw.read(Phys(0x8000_1000), &mut page), Ok(()));
        assert_eq!(page[0], 7);
        assert_eq!(raw.read(Phys(0x8000_2000), &mut page), Err(Missing::Short));
        for hole in [0, 0x7fff_f000, 0x8000_3000, !0xfff] {
            assert_eq!(raw.read(Phys(hole), &mut page), Err(Missing::Hole), "{hole:#x}");
        }
        assert_eq!(raw.spans(), [Span::new(Phys(0x8000_0000), 2 * 4096 + 100)]);
    }
}
