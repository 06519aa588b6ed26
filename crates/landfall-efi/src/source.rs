//! The firmware's tree, token by token.

use landfall_tree::Tree;

use crate::writer::{BEGIN_NODE, END, END_NODE, NOP, PROP};

/// The blocks of the firmware's tree. It was validated: every token is whole.
pub(crate) struct Source<'a> {
    pub(crate) structure: &'a [u8],
    pub(crate) strings: &'a [u8],
}

impl<'a> Source<'a> {
    pub(crate) fn of(tree: Tree<'a>) -> Self {
        let bytes = tree.bytes();
        let word = |index: usize| bytes.get(index * 4..).map_or(0, big_endian) as usize;
        let block = |at: usize, size| bytes.get(at..).and_then(|rest| rest.get(..size)).unwrap_or_default();
        Self { structure: block(word(2), word(9)), strings: block(word(3), word(8)) }
    }

    pub(crate) fn word(&self, at: usize) -> u32 {
        self.structure.get(at..).map_or(0, big_endian)
    }

    pub(crate) fn name(&self, offset: u32) -> &'a str {
        self.strings.get(offset as usize..).map_or("", text)
    }

    /// Behind the token at `at`.
    pub(crate) fn after(&self, at: usize) -> usize {
        let size = match self.word(at) {
            BEGIN_NODE => (self.node_name(at).len() + 1).next_multiple_of(4),
            PROP => (self.word(at + 4) as usize).saturating_add(8).next_multiple_of(4),
            _ => 0,
        };
        at.saturating_add(4).saturating_add(size)
    }

    pub(crate) fn node_name(&self, at: usize) -> &'a str {
        self.structure.get(at + 4..).map_or("", text)
    }

    /// Behind the node that begins at `at`.
    pub(crate) fn after_node(&self, mut at: usize) -> usize {
        let mut depth = 0;
        while at < self.structure.len() {
            match self.word(at) {
                BEGIN_NODE => depth += 1,
                END_NODE => depth -= 1,
                _ => {}
            }
            at = self.after(at);
            if depth == 0 {
                break;
            }
        }
        at
    }

    /// The value of a property of `/chosen`.
    pub(crate) fn chosen(&self, name: &str) -> Option<&'a [u8]> {
        self.in_chosen().find_map(|at| {
            let is_it = self.word(at) == PROP && self.name(self.word(at + 8)) == name;
            let value = is_it.then(|| self.structure.get(at + 12..))??;
            value.get(..self.word(at + 4) as usize)
        })
    }

    /// Returns true if `/chosen` has a framebuffer already.
    pub(crate) fn has_framebuffer(&self) -> bool {
        self.in_chosen()
            .any(|at| self.word(at) == BEGIN_NODE && self.node_name(at).starts_with("framebuffer"))
    }

    /// The tokens between the beginning of `/chosen` and its end: properties of its own, and nodes
    /// in it, as a whole.
    fn in_chosen(&self) -> impl Iterator<Item = usize> {
        let mut at = 0;
        while self.word(at) == NOP {
            at = self.after(at);
        }
        at = self.after(at);
        while at < self.structure.len() && !(self.word(at) == BEGIN_NODE && self.node_name(at) == "chosen") {
            at = self.behind(at);
        }
        at = self.after(at);
        core::iter::from_fn(move || {
            let here = at;
            at = self.behind(at);
            let ends = matches!(self.word(here), END_NODE | END) || here >= self.structure.len();
            (!ends).then_some(here)
        })
    }

    /// Behind what begins at `at`: a node as a whole, or a token.
    fn behind(&self, at: usize) -> usize {
        if self.word(at) == BEGIN_NODE { self.after_node(at) } else { self.after(at) }
    }

    /// Returns true if the node at `at` is memory by its `device_type`.
    pub(crate) fn is_memory(&self, at: usize) -> bool {
        let mut at = self.after(at);
        while at < self.structure.len() {
            match self.word(at) {
                PROP if self.name(self.word(at + 8)) == "device_type" => {
                    return self.structure.get(at + 12..).map_or("", text) == "memory";
                }
                BEGIN_NODE | END_NODE | END => return false,
                _ => at = self.after(at),
            }
        }
        false
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
