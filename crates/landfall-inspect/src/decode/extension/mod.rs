//! Instructions of extensions beyond RV64GC: what RVA23 mandates, and what else is ratified and
//! emitted by compilers.
//!
//! None of them jumps. A check needs their length, the integer register that they write, and
//! the register that addresses memory. So only these and a name are kept, in tables of encodings:
//!
//! ```text
//! integer        Zb*, Zk*, Zicond        memory          Zicbo*, Zalasr
//! system         Zimop, H, Svinval, Zawrs
//! float          Zfh, Zfa, Q
//! vector         V, Zv*                  vector_memory
//! ```

mod float;
mod integer;
mod vector;
mod vector_memory;

use std::fmt;

use super::fields::Word;
use super::register::Register;

/// One instruction of an extension, of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension {
    word: u32,
    effect: Effect,
}

/// The effect of an instruction on integer registers and memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// Neither: it computes in other registers, or hints, or fences.
    Nothing,
    /// It writes `rd`.
    Register,
    /// It accesses memory by `rs1`.
    Memory,
    /// It loads `rd` from memory by `rs1`.
    Load,
}

/// The content of the field `funct3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rounding {
    /// Whatever the mask says.
    None,
    /// A rounding mode, of which 5 and 6 are reserved.
    Field,
}

/// Encodings that fix the same bits.
struct Group {
    mask: u32,
    effect: Effect,
    rounding: Rounding,
    /// The fixed bits and the name, in ascending order.
    rows: &'static [(u32, &'static str)],
}

const fn group(mask: u32, effect: Effect, rounding: Rounding, rows: &'static [(u32, &'static str)]) -> Group {
    Group { mask, effect, rounding, rows }
}

/// The tables for a word, by its major opcode and, for vectors, its category.
const fn tables(word: Word) -> [&'static [Group]; 2] {
    match word.0 & 0x7f {
        0x13 | 0x1b | 0x33 | 0x3b => [integer::INTEGER, &[]],
        0x0f | 0x2f => [integer::MEMORY, &[]],
        0x73 => [integer::SYSTEM, &[]],
        0x43 | 0x47 | 0x4b | 0x4f | 0x53 => [float::FLOAT, &[]],
        0x07 | 0x27 => [vector_memory::VECTOR_MEMORY, &[]],
        0x57 if matches!(word.funct3(), 1 | 5) => [vector::VECTOR_FLOAT, vector::VECTOR],
        0x57 => [vector::VECTOR_INTEGER, vector::VECTOR],
        0x77 => [vector::VECTOR, &[]],
        _ => [&[], &[]],
    }
}

fn find(word: Word) -> Option<(&'static Group, &'static str)> {
    tables(word).into_iter().flatten().find_map(|group| {
        let row = group.rows.binary_search_by_key(&(word.0 & group.mask), |(bits, _)| *bits).ok()?;
        let reserved = group.rounding == Rounding::Field && matches!(word.funct3(), 5 | 6);
        (!reserved).then(|| (group, group.rows[row].1))
    })
}

pub(super) fn decode(word: Word) -> Option<Extension> {
    find(word).map(|(group, _)| Extension { word: word.0, effect: group.effect })
}

impl Extension {
    /// The name that assemblers use. Segments of vectors have the names of single elements, and
    /// operations that may be defined later have no number.
    #[must_use]
    pub fn name(self) -> &'static str {
        find(Word(self.word)).map(|(_, name)| name).unwrap_or_default()
    }

    /// The integer register that it writes.
    #[must_use]
    pub const fn integer_destination(self) -> Option<Register> {
        match self.effect {
            Effect::Register | Effect::Load => Some(Word(self.word).rd()),
            Effect::Nothing | Effect::Memory => None,
        }
    }

    /// The register that addresses memory.
    #[must_use]
    pub const fn base(self) -> Option<Register> {
        match self.effect {
            Effect::Memory | Effect::Load => Some(Word(self.word).rs1()),
            Effect::Nothing | Effect::Register => None,
        }
    }
}

/// Its name, and of its operands what a check knows.
impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match (self.integer_destination(), self.base()) {
            (Some(rd), Some(base)) => write!(f, " {rd}, ({base})"),
            (Some(rd), None) => write!(f, " {rd}, ..."),
            (None, Some(base)) => write!(f, " ..., ({base})"),
            (None, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = &'static Group> {
        let vectors = [vector::VECTOR, vector::VECTOR_INTEGER, vector::VECTOR_FLOAT];
        let others =
            [integer::INTEGER, integer::MEMORY, integer::SYSTEM, float::FLOAT, vector_memory::VECTOR_MEMORY];
        vectors.into_iter().chain(others).flatten()
    }

    #[test]
    fn rows_are_in_order_and_fix_what_their_mask_says() {
        for group in all() {
            assert!(group.rows.is_sorted_by(|a, b| a.0 < b.0), "{:?}", group.rows);
            assert!(group.rows.iter().all(|(bits, _)| bits & !group.mask == 0), "{:?}", group.rows);
        }
    }

    #[test]
    fn no_two_rows_claim_the_same_encoding() {
        let rows =
            || all().flat_map(|group| group.rows.iter().map(move |(bits, name)| (group.mask, *bits, *name)));
        for (index, (mask, bits, name)) in rows().enumerate() {
            for (other_mask, other_bits, other) in rows().skip(index + 1) {
                let differ = (bits ^ other_bits) & mask & other_mask;
                assert!(differ != 0, "{name} and {other}");
            }
        }
    }

    #[test]
    fn every_row_is_found_by_its_own_bits() {
        for group in all() {
            for (bits, name) in group.rows {
                let found = decode(Word(*bits)).map(|found| (found.name(), found.effect));
                assert_eq!(found, Some((*name, group.effect)));
            }
        }
    }
}
