//! A validated tree, token by token.

use landfall_paging::{PhysAddr, PhysRange};

use crate::validate::{BEGIN_NODE, END_NODE, NOP, PROP, Tree};

/// A token of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// A node begins: its properties follow, then its children.
    Begin {
        /// The name of the node, with its unit address; empty for the root.
        name: &'a str,
    },
    /// A property of the node that began last.
    Property {
        /// The name of the property.
        name: &'a str,
        /// The value of the property.
        value: &'a [u8],
    },
    /// A node ends.
    End,
}

/// The rest of a tree's tokens. Tokens that mean nothing (`FDT_NOP`) are skipped.
///
/// A clone is a second place in the same tree: looking ahead takes nothing away.
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    structure: &'a [u8],
    strings: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    /// Returns all tokens of `tree`. The first one begins the root.
    #[must_use]
    pub fn of(tree: Tree<'a>) -> Self {
        let bytes = tree.bytes();
        let word = |index: usize| bytes.get(index * 4..).map_or(0, big_endian) as usize;
        let block = |at: usize, size| bytes.get(at..).and_then(|rest| rest.get(..size)).unwrap_or_default();
        Self { structure: block(word(2), word(9)), strings: block(word(3), word(8)), at: 0 }
    }

    /// Returns the tokens in the root of `tree`.
    #[must_use]
    pub fn root(tree: Tree<'a>) -> Self {
        let mut tokens = Self::of(tree);
        tokens.next();
        tokens
    }

    /// Returns the reservations in the header of `tree`, without the entry of zeros that ends them.
    pub fn reservations(tree: Tree<'a>) -> impl Iterator<Item = PhysRange> + Clone + 'a {
        let bytes = tree.bytes();
        let at = bytes.get(16..).map_or(0, big_endian) as usize;
        let (entries, _) = bytes.get(at..).unwrap_or_default().as_chunks::<8>();
        let (entries, _) = entries.as_chunks::<2>();
        let numbers = entries.iter().map(|entry| entry.map(u64::from_be_bytes));
        numbers
            .take_while(|entry| *entry != [0, 0])
            .map(|[start, size]| PhysRange::new(PhysAddr::new(start), size))
    }

    /// Returns the names of the tree's properties: a [`TreeWriter`](super::TreeWriter) that copies
    /// tokens requires them.
    #[must_use]
    pub const fn strings(&self) -> &'a [u8] {
        self.strings
    }

    /// Skips the rest of the node in which the next token lies, and its end.
    pub fn skip_node(&mut self) {
        let mut depth = 1;
        while depth > 0 {
            match self.next() {
                Some(Token::Begin { .. }) => depth += 1,
                Some(Token::Property { .. }) => {}
                Some(Token::End) => depth -= 1,
                None => return,
            }
        }
    }

    /// Returns the value of a property of this node. `self` stands at the node's first token.
    #[must_use]
    pub fn property(&self, wanted: &str) -> Option<&'a [u8]> {
        for token in self.clone() {
            match token {
                Token::Property { name, value } if name == wanted => return Some(value),
                Token::Property { .. } => {}
                Token::Begin { .. } | Token::End => break,
            }
        }
        None
    }

    /// Returns the names of the children of this node, with the tokens in each. `self` stands at
    /// the node's first token.
    pub fn children(&self) -> impl Iterator<Item = (&'a str, Self)> + Clone {
        let mut rest = self.clone();
        core::iter::from_fn(move || {
            loop {
                match rest.next()? {
                    Token::Begin { name } => {
                        let inside = rest.clone();
                        rest.skip_node();
                        return Some((name, inside));
                    }
                    Token::Property { .. } => {}
                    Token::End => {
                        // Behind it lie the tokens of its parent.
                        rest.at = rest.structure.len();
                        return None;
                    }
                }
            }
        })
    }

    /// Returns the tokens in the first child of this name. `self` stands at the node's first token.
    #[must_use]
    pub fn child(&self, wanted: &str) -> Option<Self> {
        self.children().find_map(|(name, inside)| (name == wanted).then_some(inside))
    }

    fn word(&self, at: usize) -> u32 {
        self.structure.get(at..).map_or(0, big_endian)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    // A kernel carries this along for several loops: once is enough.
    #[inline(never)]
    fn next(&mut self) -> Option<Token<'a>> {
        while self.word(self.at) == NOP {
            self.at += 4;
        }
        let body = self.structure.get(self.at.saturating_add(4)..).unwrap_or_default();
        let (token, size) = match self.word(self.at) {
            BEGIN_NODE => {
                let name = text(body);
                (Token::Begin { name }, name.len() + 1)
            }
            END_NODE => (Token::End, 0),
            PROP => {
                let (size, name) = (big_endian(body) as usize, self.word(self.at + 8) as usize);
                let name = self.strings.get(name..).map_or("", text);
                let value = body.get(8..).and_then(|rest| rest.get(..size)).unwrap_or_default();
                (Token::Property { name, value }, 8 + value.len())
            }
            // The end of the tree: it stays the next token.
            _ => return None,
        };
        self.at += 4 + size.next_multiple_of(4);
        Some(token)
    }
}

fn big_endian(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// The text with which `bytes` begin, up to its zero.
fn text(bytes: &[u8]) -> &str {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    core::str::from_utf8(text).unwrap_or_default()
}
