//! The exports of a kernel or of a module.
//!
//! ```text
//! record, at a multiple of 8:   address: u64   size: u64   text: [u8; size]   padding to 8
//! text:                         symbol=signature           (no signature: not stable)
//! ```

use landfall_paging::VirtAddr;

use crate::texts;

/// A record in `.landfall.exports`, for `#[export]`.
#[doc(hidden)]
#[derive(Debug)]
#[repr(C, align(8))]
pub struct ExportRecord<const SIZE: usize> {
    address: *const (),
    size: u64,
    text: [u8; SIZE],
}

// SAFETY: the address is a number here; nothing is read through it.
unsafe impl<const SIZE: usize> Sync for ExportRecord<SIZE> {}

impl<const SIZE: usize> ExportRecord<SIZE> {
    /// Returns the record of an item. The text fills it to its end, padded by NULs.
    #[must_use]
    pub const fn new(address: *const (), text: &[u8; SIZE]) -> Self {
        Self { address, size: SIZE as u64, text: *text }
    }
}

/// An export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Export<'a> {
    /// The symbol.
    pub symbol: &'a [u8],
    /// The signature. Empty: the export is not stable.
    pub signature: &'a [u8],
    /// The address of the function or of the static.
    pub address: VirtAddr,
    /// The offset of its record in the section, in bytes.
    pub(crate) offset: usize,
}

/// Records of exports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exports<'a>(&'a [u8]);

/// Bytes of a record in front of its text.
const HEAD: usize = 16;

impl<'a> Exports<'a> {
    /// Returns the exports in the bytes of `.landfall.exports`, whose addresses have been
    /// relocated.
    #[must_use]
    pub const fn new(records: &'a [u8]) -> Self {
        Self(records)
    }

    /// Returns the exports, in order. They end at the first record that is incomplete.
    pub fn iter(self) -> impl Iterator<Item = Export<'a>> {
        self.walk().map_while(Result::ok)
    }

    /// Returns the export of a symbol.
    #[must_use]
    pub fn find(self, symbol: &[u8]) -> Option<Export<'a>> {
        self.iter().find(|export| export.symbol == symbol)
    }

    /// Returns true if each record is complete.
    pub(crate) fn are_complete(self) -> bool {
        self.walk().all(|export| export.is_ok())
    }

    fn walk(self) -> impl Iterator<Item = Result<Export<'a>, Incomplete>> {
        let mut offset = 0;
        core::iter::from_fn(move || {
            let rest = self.0.get(offset..).filter(|rest| !rest.is_empty())?;
            let read = read(rest, offset);
            offset = read.as_ref().map_or(usize::MAX, |(_, size)| offset + size);
            Some(read.map(|(export, _)| export))
        })
    }
}

struct Incomplete;

/// Reads the first record, and its size with the padding.
fn read(bytes: &[u8], offset: usize) -> Result<(Export<'_>, usize), Incomplete> {
    let word = |at: usize| bytes.get(at..)?.first_chunk().map(|word| u64::from_le_bytes(*word));
    let (address, size) = word(0).zip(word(8)).ok_or(Incomplete)?;
    let size = usize::try_from(size).map_err(|_| Incomplete)?;
    let text = bytes.get(HEAD..).and_then(|rest| rest.get(..size)).ok_or(Incomplete)?;
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
    let (symbol, signature) = texts::split(&text[..end]);
    let export = Export { symbol, signature, address: VirtAddr::new(address), offset };
    Ok((export, (HEAD + size).next_multiple_of(8)))
}
