//! Single instructions on a plain machine, by their encodings.

mod float;
mod integer;
mod privileged;

use crate::hart::Hart;
use crate::hart::testing::{RAM, plain};
use crate::hart::trap::{Cause, Exit, Trap};
use crate::isa::decode;
use crate::world::World;

use super::execute;

/// Registers of the examples: `a0`, `a1`, `a2`.
const A: [u8; 3] = [10, 11, 12];
/// The address of the examples' loads and stores.
const DATA: u64 = RAM + 0x4000;

/// A hart that executes one instruction after the other.
struct Bench {
    world: World,
    hart: Hart,
}

impl Bench {
    /// Returns a hart in supervisor mode whose `a0`, `a1` and `a2` have values.
    fn new(values: [u64; 3]) -> Self {
        let (world, mut hart) = plain();
        for (register, value) in A.into_iter().zip(values) {
            hart.set(register, value);
        }
        Self { world, hart }
    }

    /// Executes an encoding at the start of RAM.
    fn execute(&mut self, bits: u32) -> Result<(), Exit> {
        self.hart.pc = RAM;
        execute(&mut self.hart, &mut self.world, decode(bits))
    }

    /// Executes an encoding of four bytes, which retires and goes on, and returns `a0`.
    fn a0(&mut self, bits: u32) -> u64 {
        assert_eq!(self.execute(bits), Ok(()), "{bits:#010x}");
        assert_eq!(self.hart.pc, RAM + 4, "{bits:#010x}");
        self.hart.get(A[0])
    }

    /// Executes an encoding, which traps, and returns the trap.
    fn trap(&mut self, bits: u32) -> (Cause, u64) {
        match self.execute(bits) {
            Err(Exit::Trap(Trap { cause, value })) => {
                assert_eq!(self.hart.pc, RAM, "a trap leaves pc");
                (cause, value)
            }
            other => panic!("{bits:#010x}: {other:?}"),
        }
    }

    /// Returns true if an encoding traps as an instruction that is not permitted.
    fn is_illegal(&mut self, bits: u32) -> bool {
        matches!(self.execute(bits), Err(Exit::Trap(Trap { cause: Cause::IllegalInstruction, .. })))
    }
}
