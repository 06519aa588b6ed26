//! The header of a tree, and the three blocks that it names (devicetree specification v0.4, 5.2 and
//! 5.3).

use core::ops::Range;

use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::Refusal;

use super::token::Word as _;

/// Bytes of a header.
pub(crate) const HEADER: usize = 40;

/// The blocks of a tree, each in a place of its own. The bytes of the structure block are any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blocks<'a> {
    /// The entries of the memory reservations, without that of zeros, which ends them.
    reservations: &'a [[u8; 16]],
    /// The whole words of the structure block.
    pub(crate) structure: &'a [[u8; 4]],
    /// The offset of the structure block.
    pub(crate) structure_at: usize,
    /// The strings block: names in ASCII, each with its final zero.
    pub(crate) strings: &'a [u8],
}

type Found<T> = Result<T, Refusal>;

pub(crate) fn damaged<T>(offset: usize, what: &'static str) -> Found<T> {
    Err(Refusal::BadTree { offset, what })
}

impl<'a> Blocks<'a> {
    /// Finds the blocks of the tree in `bytes`, all of them, and checks all but the structure
    /// block.
    pub(crate) fn find(bytes: &'a [u8]) -> Found<Self> {
        let Some(header) = bytes.first_chunk::<HEADER>() else {
            return damaged(0, "it is shorter than its header");
        };
        let (words, _) = header.as_chunks::<4>();
        let word = |index: usize| words[index].number();
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
            let end = offset.checked_add(size).filter(|_| offset >= HEADER);
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
        let reservations = reservations(bytes, word(4), &[structure_at, strings_at])?;
        screen_strings(strings).map_or_else(|what| damaged(word(3), what), Ok)?;
        let (structure, _) = structure.as_chunks();
        Ok(Self { reservations, structure, structure_at: word(2), strings })
    }

    /// The memory reservations.
    pub(crate) fn reservations(self) -> impl Iterator<Item = PhysRange> + Clone + 'a {
        self.reservations.iter().map(|entry| {
            let (halves, _) = entry.as_chunks();
            let number = |index: usize| halves.get(index).map_or(0, |half| u64::from_be_bytes(*half));
            PhysRange::new(PhysAddr::new(number(0)), number(1))
        })
    }
}

/// The memory reservation block ends with an entry of zeros, before any of the `others` begins.
fn reservations<'a>(bytes: &'a [u8], offset: usize, others: &[Range<usize>; 2]) -> Found<&'a [[u8; 16]]> {
    if offset < HEADER || others.iter().any(|other| other.contains(&offset)) {
        return damaged(0x10, "its memory reservations overlap the header or another block");
    }
    let next = others.iter().filter(|other| !other.is_empty()).map(|other| other.start);
    let end = next.filter(|start| *start > offset).min().unwrap_or(bytes.len());
    let (entries, _) = bytes.get(offset..end).unwrap_or_default().as_chunks();
    let count = entries.iter().position(|entry| *entry == [0; 16]);
    count
        .and_then(|count| entries.get(..count))
        .map_or(damaged(offset, "its memory reservations have no end"), Ok)
}

/// Names are ASCII, and the last one ends: then one begins at any offset.
fn screen_strings(strings: &[u8]) -> Result<(), &'static str> {
    let (first, words, last) = bytemuck::pod_align_to::<u8, u64>(strings);
    // Four words at a time: LLVM unrolls no loop over a slice.
    let (chunks, rest) = words.as_chunks::<4>();
    let words = chunks.iter().fold(0, |all, [a, b, c, d]| all | a | b | c | d);
    let words = rest.iter().fold(words, |all, word| all | word);
    if !(first.is_ascii() && last.is_ascii() && words.to_ne_bytes().is_ascii()) {
        return Err("a property's name is not ASCII");
    }
    match strings.last() {
        None | Some(0) => Ok(()),
        Some(_) => Err("its last property name has no terminating zero"),
    }
}

/// Returns the offset in `tree` of `part`, which belongs to it.
pub(crate) fn offset_in(tree: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr().wrapping_sub(tree.as_ptr().addr())
}
