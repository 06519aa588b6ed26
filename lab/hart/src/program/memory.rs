//! Loads, stores and atomics within the data, aligned and misaligned.

use landfall_host::random::Random;

use super::assembler::Assembler;
use super::encode::immediate;
use super::frame::Frame;
use super::straight::refresh;
use super::table::{self, Class, RS1, Row};

/// The registers that hold addresses: sp, and two that C's loads can name.
const BASES: [u32; 3] = [2, 8, 9];

/// Adds loads and stores, and computations between them.
pub(super) fn add(code: &mut Assembler, random: &mut Random, frame: &Frame, count: usize) {
    let plain: Vec<_> = [Class::Load, Class::Store].iter().flat_map(|class| table::of(*class)).collect();
    let compressed = table::of(Class::CompressedMemory);
    let stack = table::of(Class::Stack);
    let computations = [Class::Integer, Class::Compressed].iter().flat_map(|class| table::of(*class));
    let computations: Vec<_> = computations.filter(|row| row.can_spare(&BASES)).collect();
    bases(code, frame);
    for _ in 0..count {
        let bits = match random.below(16) {
            0 => {
                refresh(code, random, &BASES);
                continue;
            }
            1 => {
                // Another alignment of the second base.
                immediate("addi", 9, 8, signed(random.below(64)))
            }
            2 | 3 => random.pick(&computations).random(random, &BASES),
            4 => random.pick(&table::of(Class::Fence)).bits,
            5..=7 => {
                let bits = random.pick(&compressed).random(random, &BASES);
                // Three bits name the base: x8 or x9.
                bits & !0x300
            }
            8 | 9 => random.pick(&stack).random(random, &BASES),
            _ => based(random.pick(&plain), random),
        };
        code.emit(bits);
    }
}

/// Adds atomics. Their addresses are aligned.
pub(super) fn add_atomics(code: &mut Assembler, random: &mut Random, frame: &Frame, count: usize) {
    let amos = table::of(Class::Amo);
    bases(code, frame);
    for _ in 0..count {
        code.emit(immediate("addi", 9, 8, signed(random.below(32) * 8)));
        match random.below(8) {
            0 => refresh(code, random, &BASES),
            1 | 2 => reserve(code, random),
            _ => code.emit(at(random.pick(&amos).random(random, &BASES), 9)),
        }
    }
}

/// Adds `lr` and `sc` in an order that succeeds or fails for sure.
fn reserve(code: &mut Assembler, random: &mut Random) {
    let suffix = if random.coin() { "w" } else { "d" };
    let mut emit = |name: &str, base: u32| {
        let row = table::named(&format!("{name}.{suffix}"));
        let bits = at(row.random(random, &BASES), base);
        code.emit(bits);
    };
    emit("lr", 9);
    emit("sc", 9);
    // The reservation is gone.
    emit("sc", 9);
}

fn bases(code: &mut Assembler, frame: &Frame) {
    for register in BASES {
        code.address(register, frame.data);
    }
}

/// Returns a load or store with a random offset from a base.
fn based(row: &Row, random: &mut Random) -> u32 {
    let base = random.pick(&BASES);
    at(row.random(random, &BASES), base)
}

/// Returns the instruction with another `rs1`.
const fn at(bits: u32, base: u32) -> u32 {
    bits & !RS1 | base << 15
}

fn signed(value: u64) -> i32 {
    i32::try_from(value).unwrap_or_default()
}
