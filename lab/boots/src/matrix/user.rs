//! Traps from user mode, on two harts.

use super::{MIB, MODES, Matrix, machine, mode_name};
use crate::case::{Case, Expect};

const HARTS: u32 = 2;

/// The steps of the kernel `user`.
const STEPS: [&str; 28] = [
    "enter",
    "fill",
    "restore",
    "sp-zero",
    "sp-small",
    "sp-last",
    "sp-not-canonical",
    "sp-user",
    "sp-image",
    "sp-odd",
    "sp-own-stack",
    "sp-other-stack",
    "sp-top",
    "sp-bottom",
    "sp-guard",
    "sp-overflow-stack",
    "load-null",
    "load-kernel",
    "store-kernel",
    "store-code",
    "run-stack",
    "run-kernel",
    "stack",
    "floats",
    "floats-kept",
    "floats-off",
    "no-floats",
    "use-stack",
];

impl Matrix {
    /// Each hart takes traps from user mode, with all registers, and with any value in `sp`.
    pub(crate) fn user_mode(&mut self) {
        for mode in MODES {
            let lines =
                (0..HARTS).flat_map(|hart| STEPS.map(|step| format!("landfall: test {step}-{hart} ok")));
            let case = Case::new(format!("user/{}", mode_name(mode)), "user", machine(mode, HARTS, 64 * MIB));
            let case = case.expecting(Expect::Console { lines: lines.collect() });
            self.cases.push(case.on("user mode", mode_name(mode)));
        }
    }
}
