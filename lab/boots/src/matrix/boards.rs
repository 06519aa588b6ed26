//! Boards and processors other than the usual one.

use super::{Case, GIB, MIB, MODES, Matrix, harts, machine, mode_name};
use crate::icicle;
use landfall_host::machine::{Board, Machine, Memory};
use landfall_predict::units::Size;

/// QEMU's 64-bit processors with an MMU. QEMU's profiles leave out optional modes, so they offer
/// only sv39.
const PROCESSORS: [&str; 8] =
    ["rva22s64", "rva23s64", "thead-c906", "sifive-u54", "veyron-v1", "tt-ascalon", "xiangshan-nanhu", "max"];

impl Matrix {
    /// Adds all of these cases.
    pub(crate) fn boards(&mut self) {
        self.interrupt_controllers();
        for processor in PROCESSORS {
            let machine =
                Machine { processor: Some(processor.to_owned()), harts: harts(2), ..Machine::default() };
            let case = Case::new(format!("processor/{processor}"), "hello", machine);
            self.cases.push(case.on("part", processor));
        }
        self.extensions();
        self.other_boards();
    }

    fn interrupt_controllers(&mut self) {
        for (mode, property) in MODES.into_iter().zip(["aia=aplic", "aia=aplic-imsic", "aclint=on"]) {
            let mut machine = machine(mode, 4, GIB);
            machine.properties.push(property.to_owned());
            let case = Case::new(format!("board/virt-{property}"), "hello", machine);
            self.cases.push(case.on("board", format!("virt, {property}")));
        }
        // Four nodes of memory, the last of them above 4 GiB.
        for mode in MODES {
            let memory = [128 * MIB, GIB, 2 * GIB, 6 * GIB].map(Size).to_vec();
            let machine = Machine {
                memory: Memory::Nodes(memory),
                mode: Some(mode),
                harts: harts(4),
                ..Machine::default()
            };
            let case = Case::new(format!("board/virt-numa-{}", mode_name(mode)), "hello", machine);
            self.cases.push(case.on("board", "virt, four nodes"));
        }
    }

    /// Adds the extensions that tables may depend on, or must not: updates of A and D, leaves of 64
    /// KiB, memory types.
    fn extensions(&mut self) {
        for choice in 0..8_usize {
            let names = ["svade", "svnapot", "svpbmt"];
            let on = |bit: usize| choice >> bit & 1 == 1;
            let mut machine = machine(MODES[choice % 3], 2, GIB);
            for (bit, name) in names.into_iter().enumerate() {
                machine.cpu.push(format!("{name}={}", if on(bit) { "on" } else { "off" }));
            }
            // A hart has one of these two for A and D.
            machine.cpu.push(format!("svadu={}", if on(0) { "off" } else { "on" }));
            let present: Vec<_> =
                names.into_iter().enumerate().filter(|(bit, _)| on(*bit)).map(|(_, name)| name).collect();
            let present = if present.is_empty() { "none".to_owned() } else { present.join("+") };
            let case = Case::new(format!("extensions/{present}"), "hello", machine);
            self.cases.push(case.on("extensions", present));
        }
    }

    /// Adds boards with real processors, which firmware cannot power off in QEMU.
    fn other_boards(&mut self) {
        for (board, count, memory) in [
            (Board::SifiveU, 2, 128 * MIB),
            (Board::SifiveU, 5, 2 * GIB),
            (Board::Spike, 1, 128 * MIB),
            (Board::Spike, 4, 4 * GIB),
        ] {
            let machine = Machine {
                board,
                harts: harts(count),
                memory: Memory::One(Size(memory)),
                ..Machine::default()
            };
            let case = Case::new(format!("board/{}-{count}", board.name()), "hello", machine);
            self.cases.push(case.on("board", board.name()));
        }
        for mode in MODES {
            let machine = Machine { board: Board::Spike, ..machine(mode, 2, GIB) };
            let case = Case::new(format!("board/spike-{}", mode_name(mode)), "hello", machine);
            self.cases.push(case.on("board", "spike"));
        }
        for memory in [1537 * MIB, 2 * GIB] {
            let machine = Machine {
                board: Board::Icicle,
                harts: harts(5),
                memory: Memory::One(Size(memory)),
                ..Machine::default()
            };
            let mut case = Case::new(format!("board/icicle-{}", memory / MIB), "hello", machine);
            case.tree = Some(icicle::tree(memory));
            self.cases.push(case.on("board", Board::Icicle.name()));
        }
    }
}
