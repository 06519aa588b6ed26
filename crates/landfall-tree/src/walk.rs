//! The walk over a structure block, which screens it (devicetree specification v0.4, 5.4). A node
//! is its name, then properties, then nodes, and everything is closed before the end.
//!
//! The walk reads each word once, in order, and not the values of properties. Nothing behind its
//! place is known to be sound, so findings count only after [`Walk::finish`].

use landfall_plan::Refusal;

use super::blocks::{Blocks, damaged};
use super::name::{Name, Names};
use super::token::{BEGIN_NODE, END, END_NODE, NOP, PROP, Word, split_name};

/// The most levels of nodes, the root included.
pub(crate) const MAX_DEPTH: usize = 32;

/// A place in a structure block, between two tokens.
#[derive(Debug)]
pub(crate) struct Walk<'a, W> {
    /// The words behind the place.
    words: &'a [W],
    /// The offset in the tree at which the words end.
    end: usize,
    names: Names<'a>,
    /// The nodes that have begun and not ended.
    depth: usize,
}

type Walked<T = ()> = Result<T, Refusal>;

impl<'a, W: Word> Walk<'a, W> {
    /// Begins before the root. `words` are those of the structure block.
    pub(crate) const fn new(blocks: &Blocks<'a>, words: &'a [W]) -> Self {
        let end = blocks.structure_at + words.len() * 4;
        Self { words, end, names: Names::new(blocks.strings), depth: 0 }
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
        while let Some((token, rest)) = self.words.split_first() {
            match token.raw() {
                BEGIN_NODE => {
                    if self.depth == MAX_DEPTH {
                        return self.damaged("nodes are nested more than 32 levels deep");
                    }
                    let Some((name, rest)) = split_name(rest) else {
                        return self.damaged("a node's name is not ASCII, or has no terminating zero");
                    };
                    (self.words, self.depth) = (rest, self.depth + 1);
                    return Ok(Some(name));
                }
                END_NODE if self.depth > 0 => {
                    (self.words, self.depth) = (rest, self.depth - 1);
                    return Ok(None);
                }
                NOP => self.words = rest,
                _ => break,
            }
        }
        self.no_child()
    }

    /// Refuses the next word, before which a node cannot begin or end.
    #[cold]
    #[inline(never)]
    fn no_child<T>(&self) -> Walked<T> {
        self.damaged(match self.words.first().map(Word::raw) {
            Some(PROP) => "a property is outside a node, or follows a node's children",
            Some(END | END_NODE) => "the structure block ends too early",
            Some(_) => "this token is invalid; tokens are 1 to 4 and 9",
            None => "the structure block is truncated",
        })
    }

    /// Passes the properties of the node that was entered last. `each` gets the name and the value.
    #[inline]
    pub(crate) fn properties(&mut self, mut each: impl FnMut(Name, &'a [u8])) -> Walked {
        self.each_property(|names, name, words, size| {
            let value = bytemuck::must_cast_slice::<W, u8>(words).get(..size);
            each(names.at(name), value.unwrap_or_default());
        })
    }

    /// Passes the properties of the node that was entered last. `each` gets the names of the tree,
    /// the name's offset in them, the words behind the property's header, and the value's size.
    #[expect(clippy::inline_always, reason = "skipping is most of a walk, and a call costs a third")]
    #[inline(always)]
    fn each_property(&mut self, mut each: impl FnMut(&mut Names<'a>, usize, &'a [W], usize)) -> Walked {
        let mut words = self.words;
        let fault = loop {
            words = match words {
                [token, size, name, rest @ ..] if token.raw() == PROP => {
                    let (size, name) = (size.number(), name.number());
                    let Some(behind) = rest.get(size.saturating_add(3) / 4..) else {
                        break "a property's value is truncated";
                    };
                    if name >= self.names.size() {
                        break "a property's name is outside the strings block";
                    }
                    each(&mut self.names, name, rest, size);
                    behind
                }
                [token, rest @ ..] if token.raw() == NOP => rest,
                [token, ..] if token.raw() == PROP => break "a property is truncated",
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
    #[inline]
    pub(crate) fn skip_children(&mut self) -> Walked {
        match self.words {
            // Most nodes have no children.
            [token, rest @ ..] if token.raw() == END_NODE && self.depth > 0 => {
                (self.words, self.depth) = (rest, self.depth - 1);
                Ok(())
            }
            _ => self.skip_nodes(),
        }
    }

    #[inline(never)]
    fn skip_nodes(&mut self) -> Walked {
        let depth = self.depth;
        while self.depth >= depth {
            if self.next_child()?.is_some() {
                self.each_property(|_, _, _, _| {})?;
            }
        }
        Ok(())
    }

    /// Checks the end of the block, behind the root.
    pub(crate) fn finish(&mut self) -> Walked {
        loop {
            match self.words {
                [token, rest @ ..] if token.raw() == NOP => self.words = rest,
                [token, ..] if token.raw() == END => return Ok(()),
                _ => return self.damaged("the end token after the root node is missing"),
            }
        }
    }

    #[cold]
    fn damaged<T>(&self, what: &'static str) -> Walked<T> {
        damaged(self.end - self.words.len() * 4, what)
    }
}
