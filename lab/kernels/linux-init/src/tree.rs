//! The device tree of the next kernel: that of this Linux with another `/chosen` (devicetree
//! specification v0.4, chapter 5). The program shares no code with landfall, as other loaders do.

use core::ops::Range as Span;

use crate::failure::Failure;
use crate::ranges::Range;

/// The new properties of `/chosen`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chosen<'a> {
    pub(crate) line: &'a str,
    pub(crate) initrd: Option<Range>,
    pub(crate) seed: &'a [u8],
}

/// The properties of `/chosen` that are for this Linux alone.
const DROPPED: [&[u8]; 8] = [
    b"bootargs",
    b"linux,initrd-start",
    b"linux,initrd-end",
    b"kaslr-seed",
    b"rng-seed",
    b"boot-hartid",
    b"linux,usable-memory-range",
    b"linux,elfcorehdr",
];

/// The names of the new properties, behind the names of the tree.
const NAMES: &[u8] = b"bootargs\0linux,initrd-start\0linux,initrd-end\0rng-seed\0linux,booted-from-kexec\0";
const BOOTARGS: u32 = 0;
const INITRD_START: u32 = 9;
const INITRD_END: u32 = 28;
const RNG_SEED: u32 = 45;
const FROM_KEXEC: u32 = 54;

const BEGIN_NODE: u32 = 1;
const END_NODE: u32 = 2;
const PROP: u32 = 3;
const NOP: u32 = 4;
const END: u32 = 9;

const BROKEN: Failure = Failure::Fact("/sys/firmware/fdt is broken");

/// Writes the next tree into `into`, and returns its bytes.
pub(crate) fn rewritten(
    tree: &'static [u8],
    chosen: &Chosen<'_>,
    into: &'static mut [u8],
) -> Result<&'static [u8], Failure> {
    let offset = |index: usize| Ok::<_, Failure>(word(tree, index * 4)? as usize);
    let (structure, strings, reservations) = (offset(2)?, offset(3)?, offset(4)?);
    let names = span(tree, strings..strings.saturating_add(offset(8)?))?;
    let mut writer = Writer { into, at: 40 };
    // A pair of zeros ends the reservations.
    writer.bytes(span(tree, reservations..reservations_end(tree, reservations)?)?)?;
    let begin = writer.at;
    let mut source = Source { tree, at: structure };
    source.copy(names, chosen, &mut writer)?;
    let end = writer.at;
    writer.bytes(names)?;
    writer.bytes(NAMES)?;
    let size = writer.at;
    writer.at = 0;
    let hart = word(tree, 28)? as usize;
    for word in [0xd00d_feed, size, begin, end, 40, 17, 16, hart, size - end, end - begin] {
        writer.word(u32::try_from(word).map_err(|_| BROKEN)?)?;
    }
    writer.into.get(..size).ok_or(BROKEN)
}

fn reservations_end(tree: &[u8], mut at: usize) -> Result<usize, Failure> {
    while span(tree, at..at.saturating_add(16))? != [0; 16] {
        at += 16;
    }
    Ok(at + 16)
}

fn span(tree: &[u8], span: Span<usize>) -> Result<&[u8], Failure> {
    tree.get(span).ok_or(BROKEN)
}

fn word(tree: &[u8], at: usize) -> Result<u32, Failure> {
    tree.get(at..).and_then(|rest| rest.first_chunk()).map(|bytes| u32::from_be_bytes(*bytes)).ok_or(BROKEN)
}

fn text(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// The structure block of the tree of this Linux.
struct Source {
    tree: &'static [u8],
    at: usize,
}

impl Source {
    /// Returns the next token with its data.
    fn next(&mut self) -> Result<(u32, &'static [u8]), Failure> {
        let token = word(self.tree, self.at)?;
        let rest = span(self.tree, self.at..self.tree.len())?;
        let size = match token {
            BEGIN_NODE => 4 + text(span(rest, 4..rest.len())?).len() + 1,
            PROP => 12 + word(rest, 4)? as usize,
            END_NODE | NOP | END => 4,
            _ => return Err(BROKEN),
        };
        let bytes = span(rest, 0..size.next_multiple_of(4))?;
        self.at += bytes.len();
        Ok((token, bytes))
    }

    /// Copies all tokens, with the new properties at the beginning of `/chosen`.
    fn copy(&mut self, names: &[u8], chosen: &Chosen<'_>, writer: &mut Writer) -> Result<(), Failure> {
        let (mut depth, mut is_chosen, mut had_chosen) = (0_u32, false, false);
        loop {
            let (token, bytes) = self.next()?;
            match token {
                BEGIN_NODE => {
                    depth += 1;
                    is_chosen = depth == 2 && text(span(bytes, 4..bytes.len())?) == b"chosen";
                }
                END_NODE => {
                    depth = depth.checked_sub(1).ok_or(BROKEN)?;
                    is_chosen = false;
                }
                PROP if is_chosen => {
                    let at = word(bytes, 8)? as usize;
                    if DROPPED.contains(&text(span(names, at..names.len())?)) {
                        continue;
                    }
                }
                _ => {}
            }
            writer.bytes(bytes)?;
            if token == BEGIN_NODE && is_chosen {
                writer.chosen(names.len(), chosen)?;
                had_chosen = true;
            }
            if token == END {
                return if had_chosen { Ok(()) } else { Err(Failure::Fact("the tree has no /chosen")) };
            }
        }
    }
}

struct Writer {
    into: &'static mut [u8],
    at: usize,
}

impl Writer {
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let end = self.at + bytes.len();
        self.into.get_mut(self.at..end).ok_or(Failure::Fact("the tree is too large"))?.copy_from_slice(bytes);
        self.at = end;
        Ok(())
    }

    fn word(&mut self, word: u32) -> Result<(), Failure> {
        self.bytes(&word.to_be_bytes())
    }

    fn property(&mut self, name: usize, parts: [&[u8]; 2]) -> Result<(), Failure> {
        let size = parts[0].len() + parts[1].len();
        for word in [PROP as usize, size, name] {
            self.word(u32::try_from(word).map_err(|_| BROKEN)?)?;
        }
        self.bytes(parts[0])?;
        self.bytes(parts[1])?;
        self.bytes([0; 3].get(..size.wrapping_neg() % 4).unwrap_or_default())
    }

    fn chosen(&mut self, names: usize, chosen: &Chosen<'_>) -> Result<(), Failure> {
        let name = |offset: u32| names + offset as usize;
        self.property(name(BOOTARGS), [chosen.line.as_bytes(), b"\0"])?;
        self.property(name(RNG_SEED), [chosen.seed, b""])?;
        self.property(name(FROM_KEXEC), [b"", b""])?;
        if let Some(Range { start, end }) = chosen.initrd {
            self.property(name(INITRD_START), [&start.to_be_bytes(), b""])?;
            self.property(name(INITRD_END), [&end.to_be_bytes(), b""])?;
        }
        Ok(())
    }
}
