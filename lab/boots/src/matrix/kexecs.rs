//! Kernels that start the next one: themselves, at another place, with another seed, in a mode that
//! they draw.

use super::{HARTS, MIB, MODES, Matrix, machine, mode_name};
use crate::case::{Aid, Case, Expect};
use crate::settings::Extent;
use landfall_host::machine::Mode;

/// Generations that are judged from outside, on each machine.
const JUDGED: u32 = 10;

/// Generations of a machine that runs without a debugger.
const GENERATIONS: u32 = 300;

/// Machines of each mode and each number of harts in a long run: 102,600 generations in all.
const ROUNDS: u32 = 38;

/// The modes, each with the harts of its machines.
const MACHINES: [(Mode, u32); 3] = [(Mode::Sv39, 1), (Mode::Sv48, 2), (Mode::Sv57, 4)];

impl Matrix {
    /// Machines of each mode: some generations are judged, and many check themselves.
    pub(crate) fn kexecs(&mut self, extent: Extent) {
        for mode in MODES {
            for (harts, memory) in [(1, 128 * MIB), (4, 256 * MIB), (8, 1024 * MIB)] {
                let name = format!("kexec/judged/{}-{harts}", mode_name(mode));
                self.kexec(name, mode, harts, memory, JUDGED, Expect::Generations(JUDGED));
            }
        }
        self.kexecs_with_interrupts();
        match extent {
            Extent::Normal => {
                for (mode, harts) in MACHINES {
                    self.soak(format!("kexec/soak/{}-{harts}", mode_name(mode)), mode, harts);
                }
            }
            Extent::Soak => {
                for (round, mode) in (0..ROUNDS).flat_map(|round| MODES.map(|mode| (round, mode))) {
                    for harts in HARTS {
                        let name = format!("kexec/soak/{}-{harts}/{round}", mode_name(mode));
                        self.soak(name, mode, harts);
                    }
                }
            }
        }
    }

    /// A claim of a PLIC and an IMSIC that delivers, which the next kernel does not find.
    fn kexecs_with_interrupts(&mut self) {
        for (name, properties) in [("plic", None), ("imsic", Some("aia=aplic-imsic"))] {
            let lines = vec!["landfall: test kexec ok".to_owned()];
            let case = format!("kexec/{name}");
            self.kexec(case, Mode::Sv48, 2, 128 * MIB, 5, Expect::Console { lines });
            if let Some(case) = self.cases.last_mut() {
                case.machine.append = Some(format!("kexec.left=5 kexec.{name}").into());
                case.machine.properties.extend(properties.map(str::to_owned));
            }
        }
    }

    fn soak(&mut self, name: String, mode: Mode, harts: u32) {
        let lines = vec!["landfall: test kexec ok".to_owned()];
        self.kexec(name, mode, harts, 128 * MIB, GENERATIONS, Expect::Console { lines });
    }

    fn kexec(&mut self, name: String, mode: Mode, harts: u32, memory: u64, left: u32, expect: Expect) {
        let mut machine = machine(mode, harts, memory);
        machine.append = Some(format!("kexec.left={left}").into());
        let mut case = Case::new(name, "kexec", machine).expecting(expect);
        case.aid = Some(Aid::Itself);
        self.cases.push(case.on("kexec", "itself").on("mode", mode_name(mode)));
    }
}
