//! Kernels that crash, and the crash kernel that takes over.

use super::{MIB, MODES, Matrix, machine, mode_name};
use crate::case::{Aid, Case, Expect};
use crate::crash::{Crash, Reach, Tamper};

const HARTS: usize = 8;

impl Matrix {
    /// Adds a crash of each kind on each hart of eight, while others hold locks.
    pub(crate) fn crashes(&mut self) {
        let plain = |hart| Crash { hart, deaf: None, reach: Reach::Interrupts, tamper: Tamper::Not };
        for mode in 0..MODES.len() {
            for (round, way) in ["panic", "fault", "double", "overflow"].into_iter().enumerate() {
                for hart in 0..HARTS {
                    // Each hart in each way, and each hart in each mode.
                    if (hart + round) % MODES.len() == mode {
                        self.crash(mode, way, plain(hart));
                    }
                }
            }
            self.crash(mode, "panic", Crash { deaf: Some(2), ..plain(5) });
            for (hart, way) in (0..HARTS).zip(["panic", "fault", "double", "overflow"].into_iter().cycle()) {
                if hart % MODES.len() == mode {
                    let deaf = Some((hart + 3) % HARTS);
                    self.crash(mode, way, Crash { deaf, reach: Reach::Events, ..plain(hart) });
                }
            }
            for tamper in [Tamper::Image, Tamper::Tree] {
                self.crash(mode, "panic", Crash { tamper, ..plain(1) });
            }
        }
    }

    fn crash(&mut self, mode: usize, way: &str, crash: Crash) {
        let mode = MODES[mode];
        let mut machine = machine(mode, 8, 128 * MIB);
        let Crash { hart, deaf, reach, tamper } = crash;
        let deaf_word = deaf.map_or(String::new(), |deaf| format!(" deaf={deaf}"));
        let events = if reach == Reach::Events { " sse" } else { "" };
        let line = format!("crashkernel=16M way={way} hart={hart}{deaf_word}{events}");
        let mut name = format!("crash/{way}-{hart}/{}", mode_name(mode));
        if deaf.is_some() {
            name.push_str("-deaf");
        }
        if reach == Reach::Events {
            name.push_str("-sse");
        }
        name.push_str(match tamper {
            Tamper::Not => "",
            Tamper::Image => "-damaged-image",
            Tamper::Tree => "-damaged-tree",
        });
        machine.append = Some(line.into());
        let mut case = Case::new(name, "crash", machine).expecting(Expect::Crash(crash));
        case.aid = Some(Aid::Hello);
        // RAM is a file then, which can be read from outside.
        case.prefill = Some(0);
        self.cases.push(case.on("crash", way).on("mode", mode_name(mode)));
    }
}
