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
            self.space(mode, harts, way, 160, Expect::Spaces);
        }
        self.space(Mode::Sv48, 2, "sbi", 1024, Expect::SpacesObjection);
        self.uncached();
    }

    /// On harts with Svpbmt and Zicbom, memory that no hart caches too.
    fn uncached(&mut self) {
        let mut machine = machine(Mode::Sv48, 2, 256 * MIB);
        machine.cpu.extend(["svpbmt=on", "zicbom=on"].map(Into::into));
        machine.append = Some("rounds=128 by=sbi".into());
        let lines = ["uncached", "space"].map(|test| format!("landfall: test {test} ok")).to_vec();
        let case = Case::new("space/sv48-2-uncached", "space", machine).expecting(Expect::Console { lines });
        self.cases.push(case.on("address space", "uncached"));
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
