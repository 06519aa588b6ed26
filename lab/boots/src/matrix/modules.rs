//! Modules, which several harts load, call and unload against each other.

use super::{MIB, Matrix, machine, mode_name};
use crate::case::{Aid, Case, Expect};
use landfall_host::machine::Mode;

/// The mode, the number of harts, the way in which they fence each other, and the rounds. A fence
/// waits for each hart, so many harts take long.
const CASES: [(Mode, u32, &str, u32); 6] = [
    (Mode::Sv39, 4, "sbi", 32),
    (Mode::Sv39, 2, "ipi", 64),
    (Mode::Sv48, 2, "sbi", 64),
    (Mode::Sv48, 4, "ipi", 32),
    (Mode::Sv57, 1, "sbi", 96),
    (Mode::Sv57, 4, "ipi", 32),
];

impl Matrix {
    /// In each mode by each way, and once with as many harts as there are modules.
    pub(crate) fn modules(&mut self) {
        for (mode, harts, way, rounds) in CASES {
            self.modules_on(mode, harts, way, rounds);
        }
        self.modules_on(Mode::Sv57, 8, "sbi", 16);
        self.modules_in_the_linear_map();
    }

    fn modules_on(&mut self, mode: Mode, harts: u32, way: &str, rounds: u32) {
        let mut machine = machine(mode, harts, 256 * MIB);
        machine.append = Some(format!("rounds={rounds} by={way}").into());
        let name = format!("modules/{}-{harts}-{way}", mode_name(mode));
        let mut case = Case::new(name, "modules", machine).expecting(Expect::Spaces);
        case.aid = Some(Aid::Modules);
        self.cases.push(case.on("modules", way).on("mode", mode_name(mode)));
    }

    /// A kernel in the linear map has no near region.
    fn modules_in_the_linear_map(&mut self) {
        let machine = machine(Mode::Sv48, 1, 256 * MIB);
        let message = "the kernel has no near region, because its placement is linear-map";
        let mut case = Case::new("modules/linear-map", "modules", machine).expecting(Expect::Panic(message));
        case.aid = Some(Aid::Modules);
        case.policy =
            Some(landfall_plan::Policy::new().with_placement(landfall_plan::policy::Placement::LinearMap));
        self.cases.push(case.on("modules", "linear map"));
    }
}
