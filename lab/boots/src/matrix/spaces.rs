//! Live address spaces, which several harts change against each other.

use super::{MIB, Matrix, machine, mode_name};
use crate::case::{Case, Expect};
use landfall_host::machine::Mode;

/// The mode, the number of harts, and the way in which they fence each other.
const CASES: [(Mode, u32, &str); 6] = [
    (Mode::Sv39, 2, "sbi"),
    (Mode::Sv39, 8, "ipi"),
    (Mode::Sv48, 4, "sbi"),
    (Mode::Sv48, 2, "ipi"),
    (Mode::Sv57, 8, "sbi"),
    (Mode::Sv57, 4, "ipi"),
];

impl Matrix {
    /// In each mode by each way, and damage that the judge must see.
    pub(crate) fn spaces(&mut self) {
        for (mode, harts, way) in CASES {
            self.space(mode, harts, way, 64, Expect::Spaces);
        }
        self.space(Mode::Sv48, 2, "sbi", 1024, Expect::SpacesObjection);
    }

    fn space(&mut self, mode: Mode, harts: u32, way: &str, rounds: u32, expect: Expect) {
        let mut machine = machine(mode, harts, 256 * MIB);
        machine.append = Some(format!("rounds={rounds} by={way}").into());
        let what = if matches!(expect, Expect::Spaces) { way } else { "damage" };
        let name = format!("space/{}-{harts}-{what}", mode_name(mode));
        let case = Case::new(name, "space", machine).expecting(expect);
        self.cases.push(case.on("address space", what).on("mode", mode_name(mode)));
    }
}
