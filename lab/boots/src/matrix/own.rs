//! Kernels with their own start, tables or layout, like the existing kernels in `docs/porting.md`.

use super::{GIB, MODES, Matrix, RAM, machine, mode_name};
use crate::case::{Case, Expect, Load, Seeding};
use landfall_host::machine::Mode;

/// The UART of the `virt` machine.
const UART: u64 = 0x1000_0000;

/// Places in RAM: QEMU's own, a 4 KiB-aligned one, and a 2 MiB-aligned one far behind.
const PLACES: [u64; 3] = [RAM + 0x20_0000, RAM + 0x1a3_c5000, RAM + 0x2b00_0000];

/// The kinds of memory that `own-layout` prints.
const KINDS: [&str; 10] = [
    "collected",
    "init-table",
    "dyn",
    "strings",
    "jump-table",
    "pointer",
    "large-bss",
    "noinit",
    "function",
    "per-hart",
];

impl Matrix {
    pub(crate) fn own(&mut self, rounds: usize) {
        for at in PLACES.iter().cycle().take(PLACES.len() * rounds) {
            for mode in MODES {
                self.own_kernel(
                    "own-start",
                    mode,
                    *at,
                    1,
                    Expect::OwnStart {
                        lines: &["own-start: code ok", "own-start: constants ok", "own-start: bss ok"],
                    },
                );
                self.own_kernel("own-tables", mode, *at, 3, Expect::OwnTables { device: UART });
                let lines = KINDS.map(|kind| format!("landfall: test {kind} ok")).to_vec();
                self.own_kernel("own-layout", mode, *at, 4, Expect::Landing { lines });
            }
        }
    }

    fn own_kernel(&mut self, kernel: &'static str, mode: Mode, at: u64, harts: u32, expect: Expect) {
        let name = format!("{}/{}-{at:x}", kernel.replace('-', "/"), mode_name(mode));
        let mut case = Case::new(name, kernel, machine(mode, harts, GIB)).expecting(expect);
        case.load = Load::At(at);
        case.seeding = Seeding::Seed(self.random.next_word());
        self.cases.push(case.on("mode", mode_name(mode)).on("harts", harts.to_string()));
    }
}
