//! A validated tree, token by token.

use landfall_paging::PhysRange;

use crate::blocks::Blocks;
use crate::token::{BEGIN_NODE, END_NODE, NOP, PROP, Word as _, split_name, split_value};
use crate::tree::Tree;

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
    words: &'a [[u8; 4]],
    strings: &'a [u8],
}

impl<'a> Tokens<'a> {
    /// Returns all tokens of `tree`. The first one begins the root.
    #[must_use]
    pub const fn of(tree: Tree<'a>) -> Self {
        let Blocks { structure, strings, .. } = tree.blocks();
        Self { words: structure, strings }
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
        tree.blocks().reservations()
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

    /// Returns the properties of this node. `self` stands at the node's first token.
    pub(crate) fn properties(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> + use<'a> {
        self.clone().map_while(|token| match token {
            Token::Property { name, value } => Some((name, value)),
            Token::Begin { .. } | Token::End => None,
        })
    }

    /// Returns the value of a property of this node. `self` stands at the node's first token.
    #[must_use]
    pub fn property(&self, wanted: &str) -> Option<&'a [u8]> {
        self.properties().find_map(|(name, value)| (name == wanted).then_some(value))
    }

    /// Returns the names of the children of this node, with the tokens in each. `self` stands at
    /// the node's first token.
    pub fn children(&self) -> impl Iterator<Item = (&'a str, Self)> + Clone + use<'a> {
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
                        rest.words = &[];
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
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    // A kernel carries this along for several loops: once is enough.
    #[inline(never)]
    fn next(&mut self) -> Option<Token<'a>> {
        let (token, rest) = loop {
            let (word, rest) = self.words.split_first()?;
            match (word.raw(), rest) {
                (NOP, _) => self.words = rest,
                (BEGIN_NODE, _) => {
                    let (name, rest) = split_name(rest)?;
                    break (Token::Begin { name: text(name) }, rest);
                }
                (END_NODE, _) => break (Token::End, rest),
                (PROP, [size, name, rest @ ..]) => {
                    let name = self.strings.get(name.number()..).map_or("", text);
                    let (value, rest) = split_value(rest, size.number())?;
                    break (Token::Property { name, value }, rest);
                }
                // The end of the tree: it stays the next token.
                _ => return None,
            }
        };
        self.words = rest;
        Some(token)
    }
}

/// The text with which `bytes` begin, up to its zero.
fn text(bytes: &[u8]) -> &str {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    core::str::from_utf8(text).unwrap_or_default()
}
