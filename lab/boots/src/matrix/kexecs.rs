//! Kernels that start the next one: themselves, at another place, with another seed, in a mode that
//! they draw.

use super::{MIB, MODES, Matrix, machine, mode_name};
use crate::case::{Aid, Case, Expect};
use landfall_host::machine::Mode;

/// Generations that are judged from outside.
const JUDGED: u32 = 10;

/// Generations of a machine that runs without a debugger.
const GENERATIONS: u32 = 300;

impl Matrix {
    /// Machines of each mode: some generations are judged, and many check themselves.
    pub(crate) fn kexecs(&mut self) {
        for mode in MODES {
            for (harts, memory) in [(1, 128 * MIB), (4, 256 * MIB), (8, 1024 * MIB)] {
                let name = format!("kexec/judged/{}-{harts}", mode_name(mode));
                self.kexec(name, mode, harts, memory, JUDGED, Expect::Generations(JUDGED));
            }
            let name = format!("kexec/soak/{}", mode_name(mode));
            let lines = vec!["landfall: test kexec ok".to_owned()];
            self.kexec(name, mode, 2, 128 * MIB, GENERATIONS, Expect::Console { lines });
        }
    }

    fn kexec(&mut self, name: String, mode: Mode, harts: u32, memory: u64, left: u32, expect: Expect) {
        let mut machine = machine(mode, harts, memory);
        machine.append = Some(format!("kexec.left={left}").into());
        let mut case = Case::new(name, "kexec", machine).expecting(expect);
        case.aid = Some(Aid::Itself);
        self.cases.push(case.on("kexec", "itself").on("mode", mode_name(mode)));
    }
}
