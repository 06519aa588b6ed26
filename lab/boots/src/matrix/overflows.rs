//! Stacks that overflow, each hart's, in each way.

use super::{MIB, MODES, Matrix, machine, mode_name};
use crate::case::{Case, Expect};

const HARTS: usize = 3;

impl Matrix {
    /// All of them: nothing but the one hart's memory for stacks changes until the overflow is
    /// reported.
    pub(crate) fn overflows(&mut self) {
        let ways = ["recursion", "frames", "traps", "handler"];
        for (round, way) in ways.into_iter().enumerate() {
            for index in 0..HARTS {
                self.overflow((round + index) % MODES.len(), way, index, Expect::Overflow(index));
            }
        }
        self.overflow(1, "naive", 1, Expect::OverflowObjection(1));
    }

    fn overflow(&mut self, mode: usize, way: &str, index: usize, expect: Expect) {
        let mode = MODES[mode];
        let mut machine = machine(mode, 3, 64 * MIB);
        machine.append = Some(format!("hart={index} way={way}").into());
        let name = format!("overflow/{way}-{index}-{}", mode_name(mode));
        let mut case = Case::new(name, "overflow", machine).expecting(expect);
        // RAM is a file then, which can be read from outside.
        case.prefill = Some(0);
        self.cases.push(case.on("overflow", way));
    }
}
