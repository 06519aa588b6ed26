//! The symbols that a Linux image holds for itself: the tables of `scripts/kallsyms.c`, found by
//! their shape.
//!
//! Debian's packages have neither an ELF of the kernel nor its System.map, but for a package of 1
//! GB with debug information. Every kernel has its symbols in memory, for its own messages. In an
//! image of Linux 6.12 they lie in this order, each table aligned to 8 bytes:
//!
//! ```text
//! num_syms       u32       how many
//! names          bytes     each: its length, then as many tokens
//! markers        u32[]     where every 256th name begins
//! token_table    text[256] what each token stands for
//! token_index    u16[256]  where it begins
//! offsets        u32[]     each symbol's distance from the base, the link address
//! ```

use std::ops::Range;

/// A symbol: type and name as `nm` prints them, and its distance from the image's start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Symbol {
    pub(crate) kind: u8,
    pub(crate) name: String,
    pub(crate) offset: u32,
}

const TOKENS: usize = 256;

fn word(image: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(image.get(at..at + 4)?.try_into().ok()?))
}

fn half(image: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(image.get(at..at + 2)?.try_into().ok()?)))
}

/// The symbols in `image`, or nothing where no tables of that shape are found.
pub(crate) fn symbols(image: &[u8]) -> Option<Vec<Symbol>> {
    let tokens = (0..image.len()).step_by(8).find_map(|at| Tokens::at(image, at))?;
    let names = Names::before(image, tokens.table.start)?;
    let mut at = names.bytes.start;
    let offsets = (tokens.index + 2 * TOKENS).next_multiple_of(8);
    let mut symbols = Vec::new();
    for index in 0..names.count {
        let (text, next) = name(image, at)?;
        let text: Vec<u8> =
            text.iter().flat_map(|token| tokens.text(image, usize::from(*token))).copied().collect();
        let (kind, name) = text.split_first()?;
        let offset = word(image, offsets + 4 * index)?;
        symbols.push(Symbol { kind: *kind, name: String::from_utf8_lossy(name).into_owned(), offset });
        at = next;
    }
    Some(symbols)
}

/// The tokens of the name at `at`, and where the next name begins. A length above 127 takes two
/// bytes.
fn name(image: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let low = usize::from(*image.get(at)?);
    let (start, length) = match low {
        0..128 => (at + 1, low),
        _ => (at + 2, (low & 127) | (usize::from(*image.get(at + 1)?) << 7)),
    };
    Some((image.get(start..start + length)?, start + length))
}

/// The texts of the tokens.
struct Tokens {
    table: Range<usize>,
    index: usize,
}

impl Tokens {
    /// The tables whose index lies at `at`, if one does: it grows from 0, and before each text that
    /// it points to another ends.
    fn at(image: &[u8], at: usize) -> Option<Self> {
        if half(image, at)? != 0 || half(image, at + 2)? == 0 {
            return None;
        }
        let index: Vec<_> = (0..TOKENS).map(|token| half(image, at + 2 * token)).collect::<Option<_>>()?;
        if !index.is_sorted_by(|one, next| one < next) {
            return None;
        }
        let last = *index.last()?;
        // The table is aligned, and ends less than 8 bytes before its index.
        let lowest = at.checked_sub(last + 128)?.next_multiple_of(8);
        let starts = (lowest..at.checked_sub(last)?).step_by(8);
        let fits = |start: &usize| {
            let ends = |at: usize| image.get(at) == Some(&0);
            let length = image[start + last..at].iter().position(|byte| *byte == 0);
            let end = length.map(|length| start + last + length + 1);
            index[1..].iter().all(|offset| ends(start + offset - 1))
                && end.is_some_and(|end| end.next_multiple_of(8) == at)
        };
        let start = starts.rev().find(fits)?;
        Some(Self { table: start..at, index: at })
    }

    fn text<'a>(&self, image: &'a [u8], token: usize) -> &'a [u8] {
        let start = self.table.start + half(image, self.index + 2 * token).unwrap_or(0);
        let text = &image[start..self.table.end];
        text.split(|byte| *byte == 0).next().unwrap_or_default()
    }
}

/// The place of the names.
struct Names {
    count: usize,
    bytes: Range<usize>,
}

impl Names {
    /// The names whose markers end before `end`: they count down to 0, and every 256th name begins
    /// where one says.
    fn before(image: &[u8], end: usize) -> Option<Self> {
        let mut at = end - 4;
        // The last may be padding.
        if word(image, at)? == 0 {
            at -= 4;
        }
        let last = at;
        while word(image, at)? != 0 {
            (word(image, at - 4)? < word(image, at)?).then_some(())?;
            at -= 4;
        }
        let markers: Vec<_> = (at..=last).step_by(4).map(|at| word(image, at)).collect::<Option<_>>()?;
        let counts = (markers.len() - 1) * TOKENS + 1..=markers.len() * TOKENS;
        let lowest = at.checked_sub(usize::try_from(*markers.last()?).ok()? + 65536)?;
        (lowest..at).rev().filter(|start| start % 8 == 0).find_map(|start| {
            let count = usize::try_from(word(image, start)?).ok()?;
            counts.contains(&count).then_some(())?;
            let first = start + 8;
            let mut here = first;
            for index in 0..count {
                if index % TOKENS == 0 && here - first != usize::try_from(markers[index / TOKENS]).ok()? {
                    return None;
                }
                here = name(image, here)?.1;
            }
            (here.next_multiple_of(8) == at).then_some(Self { count, bytes: first..here })
        })
    }
}
