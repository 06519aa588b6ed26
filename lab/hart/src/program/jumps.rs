//! Branches and jumps, most of them ahead; those back are loops that count.

use landfall_host::random::Random;

use super::assembler::{Assembler, Label};
use super::encode::immediate;
use super::straight::refresh;
use super::table::{self, Class, RS1, word};

/// The register of loops' counts and the one of computed addresses.
const COUNT: u32 = 8;
const ADDRESS: u32 = 9;
const KEPT: [u32; 2] = [COUNT, ADDRESS];

/// Labels ahead: the next so many blocks.
const AHEAD: usize = 4;

/// Adds blocks, each with computations and a jump over some of the next blocks. About one in three
/// is executed.
pub(super) fn add(code: &mut Assembler, random: &mut Random, count: usize) {
    let computations: Vec<_> =
        [Class::Integer, Class::Word, Class::Compressed].iter().flat_map(|class| table::of(*class)).collect();
    let mut ahead: Vec<Label> = (0..AHEAD).map(|_| code.label()).collect();
    for _ in 0..count / 2 {
        code.place(ahead.remove(0));
        ahead.push(code.label());
        if random.below(4) == 0 {
            refresh(code, random, &KEPT);
        }
        for _ in 0..random.below(3) {
            code.emit(random.pick(&computations).random(random, &KEPT));
        }
        let label = random.pick(&ahead);
        transfer(code, random, label);
    }
    for label in ahead {
        code.place(label);
    }
}

fn transfer(code: &mut Assembler, random: &mut Random, label: Label) {
    match random.below(9) {
        0 => code.jump(word(random) & 1, label),
        1 => code.compressed_jump(label),
        2 => {
            let row = random.pick(&table::of(Class::CompressedBranch));
            code.compressed_branch(row.random(random, &[]) & !0x1c7c, label);
        }
        3 => computed(code, random, label),
        4 => count_down(code, random),
        _ => {
            let row = random.pick(&table::of(Class::Branch));
            code.branch(row.random(random, &[]) & !0xfe00_0f80, label);
        }
    }
}

/// Adds a jump to an address in a register. `jalr` clears its lowest bit.
fn computed(code: &mut Assembler, random: &mut Random, label: Label) {
    code.address(ADDRESS, label);
    match random.below(3) {
        0 => code.emit(table::named("c.jr").bits | ADDRESS << 7),
        1 => code.emit(table::named("c.jalr").bits | ADDRESS << 7),
        _ => {
            let link = random.pick(&[0, 1, 5, 10, ADDRESS]);
            let offset = i32::try_from(random.below(4096)).unwrap_or_default() - 2048;
            let odd = i32::from(random.coin());
            // The base is off by as much, and perhaps odd.
            code.emit(immediate("addi", ADDRESS, ADDRESS, -(offset.clamp(-2046, 2046))));
            let offset = offset.clamp(-2046, 2046) + odd;
            code.emit(table::named("jalr").bits | link << 7 | ADDRESS << 15 & RS1 | split(offset));
        }
    }
}

/// Returns the immediate field of `jalr`.
fn split(offset: i32) -> u32 {
    immediate("addi", 0, 0, offset) & 0xfff0_0000
}

/// Adds a loop.
fn count_down(code: &mut Assembler, random: &mut Random) {
    code.constant(COUNT, 1 + random.below(5));
    let again = code.label();
    code.place(again);
    code.emit(random.pick(&table::of(Class::Word)).random(random, &KEPT));
    code.emit(immediate("addi", COUNT, COUNT, -1));
    if random.coin() {
        code.compressed_branch(0xe001, again);
    } else {
        // bne x8, x0
        code.branch(0x0004_1063, again);
    }
}
