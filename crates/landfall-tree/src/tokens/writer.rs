//! Tokens into memory of any size. Bytes beyond its end are counted.

use core::fmt;

use landfall_paging::PhysRange;

use super::reader::Token;
use crate::token::{BEGIN_NODE, END, END_NODE, PROP};
use crate::tree::Tree;

/// Bytes of a tree's header.
const HEADER: usize = 40;
const MAGIC: usize = 0xd00d_feed;

/// A tree that was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// The memory is too small for the tree, or any would be. Above [`Tree::MAX_SIZE`] no landing
    /// reads it (rule 6).
    TooSmall {
        /// The bytes of the tree.
        wanted: usize,
    },
    /// A property has a name that is in neither list of names.
    UnlistedName,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooSmall { wanted } if *wanted > Tree::MAX_SIZE => write!(
                f,
                "the device tree has {wanted:#x} bytes; a tree has at most {:#x} (2 MiB); shorten the command line, or remove nodes",
                Tree::MAX_SIZE
            ),
            Self::TooSmall { wanted } => {
                write!(f, "the device tree does not fit; provide {wanted:#x} bytes")
            }
            Self::UnlistedName => f.write_str(
                "the device tree has a property without a listed name; add the name to the writer's list",
            ),
        }
    }
}

impl core::error::Error for WriteError {}

impl WriteError {
    /// Returns the bytes of the tree; `usize::MAX`, which no memory has, where a name is not
    /// listed.
    #[must_use]
    pub const fn wanted(self) -> usize {
        match self {
            Self::TooSmall { wanted } => wanted,
            Self::UnlistedName => usize::MAX,
        }
    }
}

/// A tree that is being written.
///
/// The caller writes tokens in a tree's order: a node, its properties, its children, its end.
/// [`Tree::new`] refuses a tree in which a property follows a child.
#[derive(Debug)]
pub struct TreeWriter<'a> {
    into: &'a mut [u8],
    at: usize,
    /// The offset of the structure block.
    structure: usize,
    /// The offset of the property that is being written.
    property: usize,
    /// Nodes that have not ended.
    depth: usize,
    has_unlisted: bool,
    /// Names of properties in the tree that tokens are copied from.
    copied: &'a [u8],
    /// The caller's own, which follow them.
    own: &'a [u8],
}

impl<'a> TreeWriter<'a> {
    /// Begins a tree in `into` with its header and these `reservations`.
    ///
    /// `copied` are the [names](super::Tokens::strings) of the tree that tokens are copied from;
    /// empty without one. `own` are the names of the properties that the caller writes, each with a
    /// final zero. One piece of text contains no pointer that a kernel had to relocate.
    #[must_use]
    pub fn new(
        into: &'a mut [u8],
        copied: &'a [u8],
        own: &'a [u8],
        reservations: impl IntoIterator<Item = PhysRange>,
    ) -> Self {
        let (at, structure, property, depth) = (0, 0, 0, 0);
        let mut out = Self { into, at, structure, property, depth, has_unlisted: false, copied, own };
        out.bytes(&[0; HEADER]);
        for range in reservations.into_iter().filter(|range| !range.is_empty()).chain([PhysRange::EMPTY]) {
            out.double(range.start().get());
            out.double(range.size());
        }
        out.structure = out.at;
        out
    }

    /// Copies a token of the tree whose names the writer has.
    pub fn copy(&mut self, token: Token<'_>) {
        match token {
            Token::Begin { name } => self.begin(name),
            Token::Property { name, value } => self.property(name, value),
            Token::End => self.end(),
        }
    }

    /// Begins a node.
    #[inline(never)]
    pub fn begin(&mut self, name: &str) {
        self.begin_node(name);
        self.bytes(&[0]);
        self.pad();
    }

    /// Begins a node with an address in its name.
    pub fn begin_at(&mut self, name: &str, address: u64) {
        self.begin_node(name);
        self.bytes(b"@");
        for digit in (0..=address.max(1).ilog2() / 4).rev() {
            let digit = (address >> (digit * 4)) & 15;
            // One of sixteen.
            self.bytes(b"0123456789abcdef".get(digit as usize..=digit as usize).unwrap_or_default());
        }
        self.bytes(&[0]);
        self.pad();
    }

    fn begin_node(&mut self, name: &str) {
        self.depth += 1;
        self.bytes(&BEGIN_NODE.to_ne_bytes());
        self.bytes(name.as_bytes());
    }

    /// Ends the node that began last. A tree without an open node stays as it is.
    pub fn end(&mut self) {
        if self.depth > 0 {
            self.depth -= 1;
            self.bytes(&END_NODE.to_ne_bytes());
        }
    }

    /// Writes a property.
    #[inline(never)]
    pub fn property(&mut self, name: &str, value: &[u8]) {
        self.begin_property(name);
        self.bytes(value);
        self.end_property();
    }

    /// Writes a property that is a text: `text`, and a zero.
    #[inline(never)]
    pub fn text(&mut self, name: &str, text: &str) {
        self.begin_property(name);
        self.bytes(text.as_bytes());
        self.bytes(&[0]);
        self.end_property();
    }

    /// Writes a property that is one cell.
    pub fn cell(&mut self, name: &str, cell: u32) {
        self.property(name, &cell.to_be_bytes());
    }

    /// Writes a property that is one number of two cells, such as an address.
    pub fn cells(&mut self, name: &str, number: u64) {
        self.property(name, &number.to_be_bytes());
    }

    /// Begins a property. [`bytes`](Self::bytes), [`word`](Self::word), [`double`](Self::double)
    /// and [`skip`](Self::skip) add to its value, up to [`end_property`](Self::end_property).
    pub fn begin_property(&mut self, name: &str) {
        self.property = self.at;
        let name = self.name_offset(name);
        self.has_unlisted |= name.is_none();
        self.bytes(&PROP.to_ne_bytes());
        self.word(0);
        self.word(narrow(name.unwrap_or(0)));
    }

    /// Ends a property: its size is the number of bytes since its beginning.
    pub fn end_property(&mut self) {
        let size = self.at.saturating_sub(self.property.saturating_add(12));
        self.bytes([0; 4].get(..size.wrapping_neg() % 4).unwrap_or_default());
        let end = self.at;
        self.at = self.property.saturating_add(4);
        self.word(narrow(size));
        self.at = end;
    }

    /// Adds bytes to the value of a property.
    // A kernel carries this along for many uses: once is enough.
    #[inline(never)]
    pub fn bytes(&mut self, bytes: &[u8]) {
        let end = self.at.saturating_add(bytes.len());
        if let Some(place) = self.into.get_mut(self.at..end) {
            place.copy_from_slice(bytes);
        }
        self.at = end;
    }

    /// Adds a cell to the value of a property.
    pub fn word(&mut self, word: u32) {
        self.bytes(&word.to_be_bytes());
    }

    /// Adds two cells to the value of a property.
    pub fn double(&mut self, double: u64) {
        self.bytes(&double.to_be_bytes());
    }

    /// Counts bytes without writing them: for a value that no tree can have.
    pub const fn skip(&mut self, size: usize) {
        self.at = self.at.saturating_add(size);
    }

    fn pad(&mut self) {
        self.bytes([0; 4].get(..self.at.wrapping_neg() % 4).unwrap_or_default());
    }

    /// Ends the nodes that are open and the tree, and returns its bytes. `boot_hart` is for the
    /// header; 0 if its id is unknown or wider than 32 bits.
    ///
    /// # Errors
    /// [`WriteError::TooSmall`]: the tree does not fit. The content of the memory then means
    /// nothing. [`WriteError::UnlistedName`]: a property's name is in neither list.
    pub fn finish(mut self, boot_hart: u32) -> Result<usize, WriteError> {
        while self.depth > 0 {
            self.end();
        }
        self.bytes(&END.to_ne_bytes());
        let (strings, structure) = (self.at, self.structure);
        self.bytes(self.copied);
        self.bytes(self.own);
        let size = self.at;
        self.at = 0;
        let (strings_size, structure_size) = (size - strings, strings - structure);
        for word in [MAGIC, size, structure, strings, HEADER, 17, 16] {
            self.word(narrow(word));
        }
        self.word(boot_hart);
        self.word(narrow(strings_size));
        self.word(narrow(structure_size));
        if self.has_unlisted {
            Err(WriteError::UnlistedName)
        } else if size > self.into.len().min(Tree::MAX_SIZE) {
            Err(WriteError::TooSmall { wanted: size })
        } else {
            Ok(size)
        }
    }

    /// Returns the offset of a name. The name of a copied token lies in the copied names.
    fn name_offset(&self, name: &str) -> Option<usize> {
        let offset = name.as_ptr().addr().wrapping_sub(self.copied.as_ptr().addr());
        if offset < self.copied.len() {
            return Some(offset);
        }
        let mut offset = 0;
        let own = self.own.split_inclusive(|byte| *byte == 0).find(|own| {
            let is_it = own.split_last() == Some((&0, name.as_bytes()));
            offset += if is_it { 0 } else { own.len() };
            is_it
        });
        own.map(|_| self.copied.len() + offset)
    }
}

/// A tree has 2 MiB at most, and one that is larger is refused by its size.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
