//! Validation: checks that bytes are a flattened device tree that can be walked safely (devicetree
//! specification v0.4, chapter 5).
//!
//! `dtoolkit` can check a tree itself, and then refuses every name of more than 31 characters.
//! Trees of real boards have such names (Linux does not mind them), so its check cannot be used.
//! This one checks what walking depends on, and nothing about taste.

use core::ops::Range;

use landfall_plan::Refusal;

pub(super) const BEGIN_NODE: u32 = 1;
pub(super) const END_NODE: u32 = 2;
pub(super) const PROP: u32 = 3;
pub(super) const NOP: u32 = 4;
pub(super) const END: u32 = 9;

/// A flattened device tree that was validated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tree<'a> {
    pub(super) bytes: &'a [u8],
}

type Validated<T = ()> = Result<T, Refusal>;

fn damaged<T>(offset: usize, what: &'static str) -> Validated<T> {
    Err(Refusal::BadTree { offset, what })
}

impl<'a> Tree<'a> {
    /// The most levels of nodes, the root included.
    pub(super) const MAX_DEPTH: usize = 32;

    /// The tree in `bytes`, all of them.
    ///
    /// # Errors
    /// Rule 6: it cannot be walked safely.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let Some(header) = bytes.first_chunk::<40>() else {
            return damaged(0, "it is shorter than its header");
        };
        let (words, _) = header.as_chunks::<4>();
        let word = |index: usize| u32::from_be_bytes(words[index]) as usize;
        if word(0) != 0xd00d_feed {
            return damaged(0, "its magic is not 0xd00dfeed");
        }
        if word(1) != bytes.len() {
            return damaged(4, "its totalsize differs from its size");
        }
        if word(5) < 17 || word(6) > 17 {
            return damaged(0x14, "it is not compatible with version 17");
        }
        let block = |field: usize, offset: usize, size: usize| {
            let end = offset.checked_add(size).filter(|_| offset >= 40);
            end.and_then(|end| bytes.get(offset..end))
                .map_or(damaged(field, "a block is outside the tree"), Ok)
        };
        let strings = block(0x0c, word(3), word(8))?;
        let structure = block(0x08, word(2), word(9))?;
        let structure_at = word(2)..word(2) + word(9);
        let strings_at = word(3)..word(3) + word(8);
        if structure_at.start.max(strings_at.start) < structure_at.end.min(strings_at.end) {
            return damaged(0x08, "its structure block and its strings block overlap");
        }
        if !word(2).is_multiple_of(4) {
            return damaged(0x08, "its structure block is not aligned to 4");
        }
        check_reservations(bytes, word(4), &[structure_at, strings_at])?;
        screen_strings(strings).map_or_else(|what| damaged(word(3), what), Ok)?;
        check_structure(structure, word(2), strings.len())?;
        Ok(Self { bytes })
    }

    /// Returns the offset of `part`, which belongs to the tree.
    pub(super) fn offset_of(self, part: &[u8]) -> usize {
        part.as_ptr().addr().wrapping_sub(self.bytes.as_ptr().addr())
    }

    /// `part`, which belongs to the tree, for as long as the tree lives.
    pub(super) fn own(self, part: &[u8]) -> &'a [u8] {
        self.bytes.get(self.offset_of(part)..).and_then(|rest| rest.get(..part.len())).unwrap_or_default()
    }
}

/// The memory reservation block ends with an entry of zeros, before any of the `others` begins.
fn check_reservations(bytes: &[u8], offset: usize, others: &[Range<usize>; 2]) -> Validated {
    if offset < 40 || others.iter().any(|other| other.contains(&offset)) {
        return damaged(0x10, "its memory reservations overlap the header or another block");
    }
    let next = others.iter().filter(|other| !other.is_empty()).map(|other| other.start);
    let end = next.filter(|start| *start > offset).min().unwrap_or(bytes.len());
    let entries = bytes.get(offset..end).unwrap_or_default();
    if entries.as_chunks::<16>().0.contains(&[0; 16]) {
        Ok(())
    } else {
        damaged(offset, "its memory reservations have no end")
    }
}

/// Names are ASCII, and the last one ends: then one begins at any offset.
fn screen_strings(strings: &[u8]) -> Result<(), &'static str> {
    let (words, rest) = strings.as_chunks::<8>();
    let high = words.iter().fold(0, |all, word| all | u64::from_ne_bytes(*word));
    if high & 0x8080_8080_8080_8080 != 0 || !rest.is_ascii() {
        return Err("a property's name is not ASCII");
    }
    match strings.last() {
        None | Some(0) => Ok(()),
        Some(_) => Err("its last property name has no terminating zero"),
    }
}

/// Tokens: a node is its name, then properties, then nodes; everything is closed before the end.
fn check_structure(structure: &[u8], base: usize, strings: usize) -> Validated {
    let (words, _) = structure.as_chunks::<4>();
    let word = |at: usize| words.get(at).map(|word| u32::from_be_bytes(*word));
    let (mut at, mut depth, mut properties_allowed) = (0, 0, false);
    loop {
        let token = word(at);
        let offset = base + at * 4;
        let wrong = |what| damaged(offset, what);
        at += 1;
        match token {
            Some(BEGIN_NODE) => {
                if depth == Tree::MAX_DEPTH {
                    return wrong("nodes are nested more than 32 levels deep");
                }
                match name_words(words.get(at..).unwrap_or_default()) {
                    Some(words) => at += words,
                    None => return wrong("a node's name is not ASCII, or has no terminating zero"),
                }
                (depth, properties_allowed) = (depth + 1, true);
            }
            Some(PROP) if properties_allowed => {
                let (Some(size), Some(name)) = (word(at), word(at + 1)) else {
                    return wrong("a property is truncated");
                };
                let size = size as usize;
                if size > structure.len() - (at + 2) * 4 {
                    return wrong("a property's value is truncated");
                }
                if name as usize >= strings {
                    return wrong("a property's name is outside the strings block");
                }
                at += 2 + size.div_ceil(4);
            }
            Some(END_NODE) if depth > 0 => {
                (depth, properties_allowed) = (depth - 1, false);
                if depth == 0 {
                    break;
                }
            }
            Some(NOP) => {}
            Some(PROP) => return wrong("a property is outside a node, or follows a node's children"),
            Some(END | END_NODE) => return wrong("the structure block ends too early"),
            Some(_) => return wrong("this token is invalid; tokens are 1 to 4 and 9"),
            None => return wrong("the structure block is truncated"),
        }
        if depth == 0 && token != Some(NOP) {
            return wrong("the root node is missing");
        }
    }
    while word(at) == Some(NOP) {
        at += 1;
    }
    if word(at) == Some(END) {
        Ok(())
    } else {
        damaged(base + at * 4, "the end token after the root node is missing")
    }
}

/// Returns the number of words of a name, with its final zero.
fn name_words(words: &[[u8; 4]]) -> Option<usize> {
    for (index, word) in words.iter().enumerate() {
        let word = u32::from_le_bytes(*word);
        if word & 0x8080_8080 != 0 {
            return None;
        }
        // The usual test for a zero byte among ASCII bytes.
        if word.wrapping_sub(0x0101_0101) & 0x8080_8080 != 0 {
            return Some(index + 1);
        }
    }
    None
}
