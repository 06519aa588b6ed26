//! The matrix of landings: a seed makes all random choices, so a failure repeats.
//!
//! ```text
//! here       modes, harts, memory, addresses; the kernel that tests from inside
//! policies   the same with every choice of a policy
//! moves      images that are moved in physical memory, with obstacles
//! trees      device trees that a loader may hand over
//! singles    other cases, each once
//! axplat     kernels of ArceOS
//! paths      firmware and boot loaders
//! boards     boards and processors other than the usual one
//! loaders    odd or hostile values of loaders
//! efi        boots by EFI firmware
//!   applications  other EFI boots: a boot option, a move, damage, memory in pieces
//!   unwilling     EFI firmware that fails, or gives an unexpected answer
//! crash      memory for a crash kernel
//! crashes    kernels that crash, and the crash kernel
//! overflows  stacks that overflow
//! user       user mode, and the traps from it
//! modules    modules that several harts load, call and unload
//! handed_on  device trees that another kernel hands on under EFI
//! kexecs     kernels that start the next one
//! spaces     live address spaces, changed by several harts
//! own        kernels with their own start, tables or layout
//! audits     kernels with a fault in their tables
//! wrapped    kernels that know nothing of landfall, behind a landing
//! ```

mod applications;
mod audits;
mod axplat;
mod boards;
mod crash;
mod crashes;
mod efi;
mod handed_on;
mod kexecs;
mod loaders;
mod modules;
mod moves;
mod overflows;
mod own;
mod paths;
mod policies;
mod secrets;
mod singles;
mod spaces;
mod trees;
mod unwilling;
mod user;
mod wrapped;

use super::case::{Case, Expect, Load, Seeding};
use super::images::Images;
use landfall_host::machine::{Harts, Machine, Memory, Mode};
use landfall_host::place;
use landfall_host::random::Random;
use landfall_predict::units::Size;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
pub(super) const RAM: u64 = 0x8000_0000;

pub(super) const MODES: [Mode; 3] = [Mode::Sv39, Mode::Sv48, Mode::Sv57];
const MEMORY: [u64; 7] = [64 * MIB, 128 * MIB, GIB, 4 * GIB, 16 * GIB, 256 * GIB, 1024 * GIB];
const HARTS: [u32; 3] = [1, 4, 8];

/// The tests whose success `rules` prints.
const RULES: [&str; 18] = [
    "text",
    "constants",
    "execute",
    "stack",
    "guard",
    "last-page",
    "lower-half",
    "edges",
    "alias",
    "crash",
    "old-place",
    "regions",
    "conversions",
    "bss",
    "float",
    "entropy",
    "command-line",
    "tags",
];

pub(super) fn harts(count: u32) -> Harts {
    Harts::new(count).unwrap_or(Harts::MIN)
}

/// Returns a machine with this mode, number of harts and size of memory.
pub(super) fn machine(mode: Mode, count: u32, memory: u64) -> Machine {
    Machine { mode: Some(mode), harts: harts(count), memory: Memory::One(Size(memory)), ..Machine::default() }
}

pub(super) fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Sv39 => "sv39",
        Mode::Sv48 => "sv48",
        Mode::Sv57 => "sv57",
    }
}

/// Returns the levels of a mode's tables.
pub(super) fn levels(mode: Mode) -> u32 {
    match mode {
        Mode::Sv39 => 3,
        Mode::Sv48 => 4,
        Mode::Sv57 => 5,
    }
}

/// The part of RAM for the image.
#[derive(Clone, Copy, Debug)]
enum Class {
    /// Anywhere.
    Any,
    /// Anywhere, at a multiple of 2 MiB.
    Congruent,
    /// The first free page behind the firmware.
    BehindFirmware,
    /// Near the last address that the mode reaches, above the device tree if that is at the end of
    /// RAM.
    Top,
}

impl Class {
    const ALL: [Self; 4] = [Self::Any, Self::Congruent, Self::BehindFirmware, Self::Top];

    const fn name(self) -> &'static str {
        match self {
            Self::Any => "any 4 KiB",
            Self::Congruent => "2 MiB",
            Self::BehindFirmware => "behind firmware",
            Self::Top => "near the end",
        }
    }

    /// Returns a place within `reach` bytes from RAM's start, and within the mode's reach.
    fn address(self, random: &mut Random, machine: &Machine, size: u64, reach: u64) -> u64 {
        let low = place::firmware(machine.harts).end.0;
        let mode_reach = if machine.mode == Some(Mode::Sv39) { 128 * GIB } else { u64::MAX };
        let end = RAM + machine.memory.total().0.min(mode_reach).min(reach);
        // The tree lies within the last 4 MiB of RAM.
        let high = end - 5 * MIB - size;
        match self {
            Self::Any => low + random.below((high - low) / 4096) * 4096,
            Self::Congruent => (low + random.below(high - low)).next_multiple_of(2 * MIB),
            Self::BehindFirmware => low,
            Self::Top => end - size - random.below((MIB - size.min(MIB)) / 4096) * 4096,
        }
    }
}

/// A part of the matrix: the first word of its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Batch {
    /// The same cases in every run, so names describe them.
    Fixed(&'static str),
    /// Other cases with every seed, so names only count.
    Fresh(&'static str),
}

/// Makes cases with names that count.
pub(super) struct Matrix {
    images: Images,
    random: Random,
    batch: Batch,
    pub(super) cases: Vec<Case>,
}

impl Matrix {
    /// Returns a matrix without cases.
    pub(super) fn new(images: Images, batch: Batch, seed: u64) -> Self {
        Self { images, random: Random::new(seed), batch, cases: Vec::new() }
    }

    fn size(&self, kernel: &str) -> u64 {
        self.images.get(kernel).map_or(MIB, |image| image.size)
    }

    /// Adds a landing at a random place with a random seed.
    fn landing(&mut self, kernel: &'static str, machine: Machine, class: Class) -> &mut Case {
        self.landing_within(kernel, machine, class, u64::MAX, u32::MAX)
    }

    /// Adds a landing whose image lies within `reach` bytes from RAM's start, and in which at most
    /// `most` harts land.
    fn landing_within(
        &mut self,
        kernel: &'static str,
        mut machine: Machine,
        class: Class,
        reach: u64,
        most: u32,
    ) -> &mut Case {
        let (mode, harts, memory) =
            (machine.mode.unwrap_or(Mode::Sv57), machine.harts, machine.memory.total());
        let svade = self.random.coin();
        if svade {
            machine.cpu.extend(["svade=on".to_owned(), "svadu=off".to_owned()]);
        }
        let size = self.size(kernel);
        let at = class.address(&mut self.random, &machine, size, reach);
        let (kaslr, seeding, words) = match self.random.below(5) {
            0 => ("nokaslr", Seeding::Own, vec!["nokaslr"]),
            1 => ("no seed", Seeding::None, vec![]),
            2 => ("rng-seed", Seeding::Own, vec![]),
            _ => ("kaslr-seed", Seeding::Seed(self.random.next_word()), vec![]),
        };
        let index = self.cases.len();
        let name = match self.batch {
            Batch::Fixed(batch) => format!("{batch}/{index}/{kernel}-{}-{harts}-{memory}", mode_name(mode)),
            Batch::Fresh(batch) => format!("{batch}/{index}"),
        };
        let (lines, line) = expected_lines(kernel, words, seeding, harts.get().min(most));
        machine.append = Some(line.into());
        let mut case = Case::new(name.replace(' ', ""), kernel, machine).expecting(Expect::Landing { lines });
        case.load = Load::At(at);
        case.seeding = seeding;
        let case =
            case.on("mode", mode_name(mode)).on("harts", harts.to_string()).on("memory", memory.to_string());
        let case =
            case.on("kaslr", kaslr).on("address", class.name()).on("svade", if svade { "on" } else { "off" });
        self.cases.push(case);
        let last = self.cases.len() - 1;
        &mut self.cases[last]
    }

    /// Adds every mode, number of harts and size of memory, at random places.
    pub(super) fn product(&mut self) {
        for mode in MODES {
            for count in HARTS {
                for memory in MEMORY {
                    let class =
                        self.random.pick(&[Class::Any, Class::Any, Class::Any, Class::Congruent, Class::Top]);
                    self.landing("hello", machine(mode, count, memory), class);
                }
            }
        }
    }

    /// Adds every class of addresses in every mode.
    pub(super) fn addresses(&mut self) {
        for mode in MODES {
            for class in Class::ALL {
                for memory in [64 * MIB, GIB, 16 * GIB, 256 * GIB] {
                    let count = self.random.pick(&HARTS);
                    self.landing("hello", machine(mode, count, memory), class);
                }
            }
        }
    }

    /// Adds `rules`, which tests from inside. It touches each page of RAM up to 4 GiB, so few
    /// machines have that much.
    pub(super) fn rules(&mut self) {
        for mode in MODES {
            for (count, memory) in [
                (1, 64 * MIB),
                (2, 64 * MIB),
                (4, 128 * MIB),
                (8, GIB),
                (2, 16 * GIB),
                (4, 256 * GIB),
                (2, 1024 * GIB),
            ] {
                self.landing("rules", machine(mode, count, memory), Class::Any);
            }
            self.landing("rules", machine(mode, 2, 128 * MIB), Class::Top);
        }
    }

    /// Adds RAM that is full of bytes other than 0.
    pub(super) fn prefilled(&mut self) {
        for (mode, kernel) in MODES.into_iter().zip(["rules", "hello", "rules"]) {
            let case = self.landing(kernel, machine(mode, 2, 64 * MIB), Class::Any);
            case.prefill = Some(0xa5);
            case.axes.push(("memory was", "0xa5".to_owned()));
        }
    }
}

/// Returns the lines that a kernel must print, and the command line that it gets.
pub(super) fn expected_lines(
    kernel: &str,
    mut words: Vec<&'static str>,
    seeding: Seeding,
    harts: u32,
) -> (Vec<String>, String) {
    if kernel != "rules" {
        return (Vec::new(), words.join(" "));
    }
    words.push(if seeding == Seeding::None { "no-entropy" } else { "entropy" });
    let line = words.join(" ");
    let tests = RULES.iter().filter(|test| harts > 1 || **test != "tags");
    let lines = tests.map(|test| format!("landfall: test {test} ok"));
    let lines = lines.chain([format!("landfall: command line {line}")]).collect();
    (lines, line)
}
