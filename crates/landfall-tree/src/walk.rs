//! The walk over a structure block, which screens it (devicetree specification v0.4, 5.4). A node
//! is its name, then properties, then nodes, and everything is closed before the end.
//!
//! The walk reads each word once, in order, and not the values of properties. Nothing behind its
//! place is known to be sound, so findings count only after [`Walk::finish`].

use landfall_plan::Refusal;

use super::blocks::{Blocks, damaged};
use super::token::{BEGIN_NODE, END, END_NODE, NOP, PROP, Words, number, split_name};

/// The most levels of nodes, the root included.
pub(crate) const MAX_DEPTH: usize = 32;

/// A place in a structure block, between two tokens.
#[derive(Clone, Debug)]
pub(crate) struct Walk<'a> {
    /// The words behind the place.
    words: Words<'a>,
    /// The offset in the tree at which the words end.
    end: usize,
    strings: &'a [u8],
    /// The nodes that have begun and not ended.
    depth: usize,
}

type Walked<T = ()> = Result<T, Refusal>;

impl<'a> Walk<'a> {
    /// Begins before the root.
    pub(crate) const fn new(blocks: &Blocks<'a>) -> Self {
        let Blocks { structure, structure_at, strings, .. } = *blocks;
        Self { words: structure, end: structure_at + structure.len() * 4, strings, depth: 0 }
    }

    /// Enters the next child of the node, and returns its name with the final zero, and padding.
    /// Without another child it leaves the node, and returns `None`.
    #[inline(never)]
    pub(crate) fn child(&mut self) -> Walked<Option<&'a [u8]>> {
        self.next_child()
    }

    #[expect(clippy::inline_always, reason = "skipping is most of a walk, and a call costs a third")]
    #[inline(always)]
    fn next_child(&mut self) -> Walked<Option<&'a [u8]>> {
        loop {
            self.words = match self.words {
                [BEGIN_NODE, rest @ ..] => {
                    if self.depth == MAX_DEPTH {
                        return self.damaged("nodes are nested more than 32 levels deep");
                    }
                    let Some((name, rest)) = split_name(rest) else {
                        return self.damaged("a node's name is not ASCII, or has no terminating zero");
                    };
                    (self.words, self.depth) = (rest, self.depth + 1);
                    return Ok(Some(name));
                }
                [END_NODE, rest @ ..] if self.depth > 0 => {
                    (self.words, self.depth) = (rest, self.depth - 1);
                    return Ok(None);
                }
                [NOP, rest @ ..] => rest,
                [PROP, ..] => {
                    return self.damaged("a property is outside a node, or follows a node's children");
                }
                [END | END_NODE, ..] => return self.damaged("the structure block ends too early"),
                [_, ..] => return self.damaged("this token is invalid; tokens are 1 to 4 and 9"),
                [] => return self.damaged("the structure block is truncated"),
            }
        }
    }

    /// Passes the properties of the node that was entered last. `each` gets the strings block from
    /// the property's name on, and the value.
    #[inline]
    pub(crate) fn properties(&mut self, mut each: impl FnMut(&'a [u8], &'a [u8])) -> Walked {
        let mut words = self.words;
        let fault = loop {
            words = match words {
                [PROP, size, name, rest @ ..] => {
                    let (size, name) = (number(size), number(name));
                    let Some(behind) = rest.get(size.div_ceil(4)..) else {
                        break "a property's value is truncated";
                    };
                    if name >= self.strings.len() {
                        break "a property's name is outside the strings block";
                    }
                    let value = rest.as_flattened().get(..size);
                    each(self.strings.get(name..).unwrap_or_default(), value.unwrap_or_default());
                    behind
                }
                [NOP, rest @ ..] => rest,
                [PROP, ..] => break "a property is truncated",
                _ => {
                    self.words = words;
                    return Ok(());
                }
            }
        };
        self.words = words;
        self.damaged(fault)
    }

    /// Leaves the node, past all that is left of it but its properties.
    #[inline(never)]
    pub(crate) fn skip_children(&mut self) -> Walked {
        let depth = self.depth;
        while self.depth >= depth {
            if self.next_child()?.is_some() {
                self.properties(|_, _| {})?;
            }
        }
        Ok(())
    }

    /// Checks the end of the block, behind the root.
    pub(crate) fn finish(mut self) -> Walked {
        while let [NOP, rest @ ..] = self.words {
            self.words = rest;
        }
        match self.words {
            [END, ..] => Ok(()),
            _ => self.damaged("the end token after the root node is missing"),
        }
    }

    #[cold]
    fn damaged<T>(&self, what: &'static str) -> Walked<T> {
        damaged(self.end - self.words.len() * 4, what)
    }
}
