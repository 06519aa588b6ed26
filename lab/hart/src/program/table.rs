//! The instructions: names, fixed bits, variable bits, destinations. From the specification's
//! listings.

use landfall_host::random::Random;

mod base;
mod compressed;
mod float;

/// A class of instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// RV64I's computations of 64 bits.
    Integer,
    /// Its computations of 32 bits.
    Word,
    /// M.
    Multiply,
    /// F's computations, and moves and conversions from and to integers.
    Single,
    /// D's.
    Double,
    /// C's computations.
    Compressed,
    /// Loads of I, F and D.
    Load,
    /// Stores of I, F and D.
    Store,
    /// C's loads and stores with a base in x8 to x15.
    CompressedMemory,
    /// C's loads and stores with the base sp.
    Stack,
    /// AMOs of A.
    Amo,
    /// LR and SC.
    Reserve,
    /// Branches.
    Branch,
    /// Jumps.
    Jump,
    /// C's branches.
    CompressedBranch,
    /// C's jumps.
    CompressedJump,
    /// Fences.
    Fence,
    /// CSR instructions.
    Csr,
    /// Calls, returns, and fences of translations.
    System,
}

/// A register that an instruction writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// None, or a floating-point register.
    None,
    /// Bits 11 to 7.
    X,
    /// Bits 9 to 7, for x8 to x15.
    X7,
    /// Bits 4 to 2, for x8 to x15.
    X2,
    /// This register.
    Fixed(u32),
}

/// One instruction.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The name.
    pub name: &'static str,
    /// The class.
    pub class: Class,
    /// The fixed bits; the variable ones are 0.
    pub bits: u32,
    /// The variable bits.
    pub variable: u32,
    /// The destination.
    pub destination: Destination,
    /// Fields of which at least one bit is set.
    pub nonzero: &'static [u32],
}

/// `rd`.
const RD: u32 = 0x0000_0f80;
/// `rs1`.
pub(crate) const RS1: u32 = 0x000f_8000;
/// `rs2`.
const RS2: u32 = 0x01f0_0000;
/// `rs3`.
const RS3: u32 = 0xf800_0000;
/// The rounding mode.
const RM: u32 = 0x0000_7000;
/// The immediate of `I`.
const IMM: u32 = 0xfff0_0000;
/// A shift of 64 bits, and one of 32.
const SHIFT: u32 = 0x03f0_0000;
const SHIFT_W: u32 = 0x01f0_0000;
/// The immediate of `U` and `J`.
const UPPER: u32 = 0xffff_f000;
/// The immediate of `S` and `B`.
const SPLIT: u32 = 0xfe00_0f80;
/// `aq` and `rl`.
const ORDER: u32 = 0x0600_0000;

/// Returns every instruction.
pub fn all() -> impl Iterator<Item = &'static Row> {
    base::ROWS.iter().chain(float::ROWS).chain(compressed::ROWS)
}

/// Returns the instructions of a class.
#[must_use]
pub fn of(class: Class) -> Vec<&'static Row> {
    all().filter(|row| row.class == class).collect()
}

/// Returns the instruction of this name.
///
/// # Panics
/// Panics if no instruction has it.
#[must_use]
pub fn named(name: &str) -> &'static Row {
    all().find(|row| row.name == name).unwrap_or_else(|| panic!("no instruction {name}"))
}

/// Returns the name of an instruction, `?` if it is not in the table.
#[must_use]
pub fn name(bits: u32) -> &'static str {
    // The more bits are fixed, the more specific is the name.
    let best = all().filter(|row| row.matches(bits)).min_by_key(|row| row.variable.count_ones());
    best.map_or("?", |row| row.name)
}

impl Row {
    /// Returns the length in bytes.
    #[must_use]
    pub const fn length(&self) -> u64 {
        if self.bits & 3 == 3 { 4 } else { 2 }
    }

    /// Returns true if `bits` is this instruction.
    #[must_use]
    pub fn matches(&self, bits: u32) -> bool {
        let all = if self.length() == 4 { u32::MAX } else { 0xffff };
        let fields = self.nonzero.iter().all(|field| bits & field != 0);
        bits & all & !self.variable == self.bits && fields
    }

    /// Returns true if some operands spare these registers.
    #[must_use]
    pub fn can_spare(&self, kept: &[u32]) -> bool {
        !matches!(self.destination, Destination::Fixed(register) if kept.contains(&register))
    }

    /// Returns the instruction with random operands. No register of `kept` is written, so the
    /// instruction must be able to spare them.
    #[must_use]
    pub fn random(&self, random: &mut Random, kept: &[u32]) -> u32 {
        loop {
            let bits = self.bits | word(random) & self.variable;
            let fields = self.nonzero.iter().all(|field| bits & field != 0);
            if fields && !self.written(bits).is_some_and(|register| kept.contains(&register)) {
                return bits;
            }
        }
    }

    /// Returns the integer register that an instruction writes.
    #[must_use]
    pub const fn written(&self, bits: u32) -> Option<u32> {
        match self.destination {
            Destination::None => None,
            Destination::X => Some(bits >> 7 & 31),
            Destination::X7 => Some((bits >> 7 & 7) + 8),
            Destination::X2 => Some((bits >> 2 & 7) + 8),
            Destination::Fixed(register) => Some(register),
        }
    }
}

/// Returns 32 random bits.
#[expect(clippy::cast_possible_truncation, reason = "the low half is as random as the whole")]
pub(crate) fn word(random: &mut Random) -> u32 {
    random.next_word() as u32
}

/// Returns a row.
const fn row(name: &'static str, class: Class, bits: u32, variable: u32, destination: Destination) -> Row {
    Row { name, class, bits, variable, destination, nonzero: &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_and_variable_bits_are_disjoint() {
        for row in all() {
            assert_eq!(row.bits & row.variable, 0, "{}", row.name);
            assert!(row.length() == 4 || row.variable < 0x1_0000, "{}", row.name);
        }
    }

    #[test]
    fn names_are_those_of_the_specification() {
        for (bits, right) in [
            (0x00c5_8533, "add"),
            (0x40c5_8533, "sub"),
            (0xc010_2573, "csrrs"),
            (0x1200_0073, "sfence.vma"),
            (0x0000_0073, "ecall"),
            (0x0062_a32f, "amoadd.w"),
            (0x852e, "c.mv"),
            (0x8082, "c.jr"),
            (0x4501, "c.li"),
            (0x6145, "c.addi16sp"),
            (0x0000_0000, "?"),
        ] {
            assert_eq!(name(bits), right, "{bits:#x}");
        }
    }

    #[test]
    fn random_operands_spare_the_kept_registers() {
        let mut random = Random::new(1);
        for row in all().filter(|row| row.can_spare(&[2, 8, 9])) {
            for _ in 0..200 {
                let bits = row.random(&mut random, &[2, 8, 9]);
                assert!(row.matches(bits), "{} {bits:#x}", row.name);
                assert!(!row.written(bits).is_some_and(|register| [2, 8, 9].contains(&register)));
            }
        }
    }
}
