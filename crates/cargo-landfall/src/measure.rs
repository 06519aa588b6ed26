//! Instructions that a landing takes, counted from outside: the image holds no code that measures.
//!
//! The machine runs under `-icount`, which makes QEMU count the instructions of its one hart exactly. It is stopped at the
//! first and last instruction of each phase, and `instret` is read there. What happens in machine mode counts too, so a
//! kernel that is measured should call firmware as little as it can before `main`.
//!
//! ```text
//! image's first instruction                                                            main
//!   |-- other --|-- rebase --|-- other --|-- tree --|-- random --| ... |-- rebase --|-- other --|
//!   '------------------------------------- total ------------------------------------------'
//! ```

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};
use thiserror::Error;

use crate::entry::resume_to_image;
use crate::gdb::{self, Client, Ended, GdbError};
use crate::machine::{Harts, Machine};
use crate::qemu::{Qemu, QemuError};
use crate::symbols::{SymbolError, Symbols};
use crate::units::Address;

/// The symbol of the image's first byte, and so of where it was linked.
pub const IMAGE_START: &str = "__landfall_image_start";

/// A part of the landing that is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Reading the device tree.
    Tree,
    /// Random numbers.
    Random,
    /// Making the plan.
    Plan,
    /// Building the tables.
    Tables,
    /// Adding to the slots.
    Rebase,
}

impl Part {
    /// All parts, in the order of the report.
    pub const ALL: [Self; 5] = [Self::Tree, Self::Random, Self::Plan, Self::Tables, Self::Rebase];

    /// The part's key in the report.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Random => "random",
            Self::Plan => "plan",
            Self::Tables => "tables",
            Self::Rebase => "rebase",
        }
    }
}

/// Code of the kernel whose instructions count for a part. Phases within a phase count for the outer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phase {
    /// The symbol where it begins.
    pub begins: &'static str,
    /// Where it ends.
    pub ends: End,
    /// What it counts for.
    pub part: Part,
}

/// Where a phase ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Where it was called from: at the address that `ra` holds at its beginning.
    Return,
    /// At a symbol.
    Symbol(&'static str),
}

/// The phases of a landing, by the symbols of the crate `landfall`.
pub const PHASES: [Phase; 5] = [
    Phase { begins: "landfall_rebase", ends: End::Return, part: Part::Rebase },
    Phase { begins: "landfall_read_tree", ends: End::Return, part: Part::Tree },
    Phase { begins: "landfall_random", ends: End::Return, part: Part::Random },
    Phase { begins: "landfall_plan", ends: End::Return, part: Part::Plan },
    Phase { begins: "landfall_build_tables", ends: End::Return, part: Part::Tables },
];

/// The first instruction after the landing, at its virtual address.
pub const LANDED: &str = "__landfall_main";

/// Where the kernel lies, as the report of the same machine says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Landed {
    /// The address of its first byte in memory, where the boot loader put it.
    pub loaded: Address,
    /// The same when it lands: a policy may move it.
    pub physical: Address,
    /// The address of its first byte for itself, after landing.
    pub at_virtual: Address,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Instructions {
    loader: u64,
    total: u64,
    parts: [u64; Part::ALL.len()],
}

impl Instructions {
    /// All instructions, up to the first one of `main`.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Those before the image's first, from the hart's reset on: firmware's and the boot loader's.
    #[must_use]
    pub const fn loader(&self) -> u64 {
        self.loader
    }

    /// Those of one part.
    #[must_use]
    pub const fn of(&self, part: Part) -> u64 {
        self.parts[part as usize]
    }

    /// Those of no part.
    #[must_use]
    pub fn other(&self) -> u64 {
        self.total.saturating_sub(self.parts.iter().sum())
    }

    /// The report's object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("loader".to_owned(), self.loader.into());
        object.insert("total".to_owned(), self.total.into());
        object.extend(Part::ALL.map(|part| (part.key().to_owned(), self.of(part).into())));
        object.insert("other".to_owned(), self.other().into());
        Value::Object(object)
    }
}

impl std::fmt::Display for Instructions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} instructions:", self.total)?;
        for part in Part::ALL {
            write!(f, " {} {},", part.key(), self.of(part))?;
        }
        write!(f, " other {}; {} before the image's first", self.other(), self.loader)
    }
}

/// Why nothing was counted.
#[derive(Debug, Error)]
pub enum MeasureError {
    /// A phase's symbol is not in the kernel.
    #[error("the kernel has no symbol \"{name}\", at which instructions are counted")]
    NoSymbol {
        /// The symbol.
        name: &'static str,
    },
    /// The kernel did not reach `main`.
    #[error("while instructions were counted the kernel did not reach `{LANDED}` within {} s", .waited.as_secs())]
    NotReached {
        /// How long that was.
        waited: Duration,
    },
    /// A file of ours.
    #[error("cannot make a directory for QEMU's debugger: {0}")]
    Directory(std::io::Error),
    /// The ELF with the symbols.
    #[error(transparent)]
    Symbols(#[from] SymbolError),
    /// The debugger's connection.
    #[error(transparent)]
    Gdb(#[from] GdbError),
    /// QEMU.
    #[error(transparent)]
    Qemu(#[from] QemuError),
}

/// Whether a machine counts exactly: QEMU has been told `-icount`, and there is one hart.
#[must_use]
pub fn is_exact(machine: &Machine) -> bool {
    let icount = machine.extra.iter().any(|argument| argument == "-icount" || argument == "--icount");
    icount && machine.harts == Harts::MIN
}

/// Boots the machine once more and counts.
///
/// # Errors
/// [`MeasureError`] says what stood in the way.
pub fn landing(
    qemu: &Qemu,
    machine: &Machine,
    symbols: &Symbols,
    landed: Landed,
    timeout: Duration,
) -> Result<Instructions, MeasureError> {
    let last = landed.at_virtual.wrapping_add(offset_of(symbols, LANDED)?);
    let Landed { loaded, physical, .. } = landed;
    phases(qemu, machine, symbols, Stretch { loaded, physical, last, timeout }, &PHASES)
}

/// How many bytes into the image a symbol lies.
fn offset_of(symbols: &Symbols, name: &'static str) -> Result<u64, MeasureError> {
    let address =
        |name| symbols.find(name).map(|symbol| symbol.address).ok_or(MeasureError::NoSymbol { name });
    Ok(address(name)?.wrapping_offset_from(address(IMAGE_START)?))
}

/// What is counted: from the image's first instruction up to, and not with, the instruction at `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The address of the image's first byte in memory, where the boot loader put it; its first instruction stands there.
    pub loaded: Address,
    /// The address of its first byte when it lands. Phases run here or there.
    pub physical: Address,
    /// What a hart's pc holds at the end.
    pub last: Address,
    /// The longest that it may take.
    pub timeout: Duration,
}

/// Counts the instructions of each of `phases` in a stretch. Phases run at physical addresses.
///
/// # Errors
/// As [`landing`].
pub fn phases(
    qemu: &Qemu,
    machine: &Machine,
    symbols: &Symbols,
    stretch: Stretch,
    phases: &[Phase],
) -> Result<Instructions, MeasureError> {
    let mut bases = vec![stretch.loaded, stretch.physical];
    bases.dedup();
    let mut places = Vec::new();
    for (base, phase) in bases.iter().flat_map(|base| phases.iter().map(move |phase| (base, phase))) {
        let physical = |name| offset_of(symbols, name).map(|offset| base.wrapping_add(offset));
        let end = match phase.ends {
            End::Return => None,
            End::Symbol(name) => Some(physical(name)?),
        };
        places.push(Place { begin: physical(phase.begins)?, end, part: phase.part });
    }

    let directory = tempfile::tempdir().map_err(MeasureError::Directory)?;
    let socket = directory.path().join("gdb");
    let mut arguments = machine.arguments();
    arguments.extend(gdb::arguments(&socket));
    let running = qemu.start(arguments)?;
    let counted = connect(&socket).and_then(|gdb| Counter::new(gdb, stretch).count(machine, &places));
    drop(running);
    counted
}

fn connect(socket: &Path) -> Result<Client, MeasureError> {
    Ok(Client::connect(socket, Duration::from_secs(10))?)
}

/// A phase at its addresses.
struct Place {
    begin: Address,
    end: Option<Address>,
    part: Part,
}

/// A phase that has begun and not ended.
struct Open {
    part: Part,
    from: u64,
    end: Address,
}

struct Counter {
    gdb: Client,
    stretch: Stretch,
    until: Instant,
}

impl Counter {
    fn new(gdb: Client, stretch: Stretch) -> Self {
        Self { gdb, stretch, until: Instant::now() + stretch.timeout }
    }

    fn count(mut self, machine: &Machine, places: &[Place]) -> Result<Instructions, MeasureError> {
        // Firmware runs first, and is not counted.
        let Stretch { loaded, timeout, .. } = self.stretch;
        self.gdb.set_breakpoint(loaded)?;
        if !matches!(resume_to_image(&mut self.gdb, machine, loaded, timeout)?, Ended::Stopped(_)) {
            return Err(MeasureError::NotReached { waited: timeout });
        }
        self.gdb.remove_breakpoint(self.stretch.loaded)?;
        let first = self.gdb.register("instret")?;

        self.gdb.set_breakpoint(self.stretch.last)?;
        for place in places {
            self.gdb.set_breakpoint(place.begin)?;
        }
        let mut counted = Instructions { loader: first, ..Instructions::default() };
        let mut open: Option<Open> = None;
        let (mut pc, mut now) = (self.stretch.loaded, first);
        loop {
            if let Some(phase) = open.take_if(|phase| phase.end == pc) {
                counted.parts[phase.part as usize] += now.wrapping_sub(phase.from);
                if places.iter().all(|place| place.begin != pc) && pc != self.stretch.last {
                    self.gdb.remove_breakpoint(pc)?;
                }
            }
            if pc == self.stretch.last {
                counted.total = now.wrapping_sub(first);
                return Ok(counted);
            }
            if open.is_none()
                && let Some(place) = places.iter().find(|place| place.begin == pc)
            {
                let end = match place.end {
                    Some(end) => end,
                    None => Address(self.gdb.register("ra")?),
                };
                self.gdb.set_breakpoint(end)?;
                open = Some(Open { part: place.part, from: now, end });
            }
            pc = self.run_to_stop()?;
            now = self.gdb.register("instret")?;
        }
    }

    /// The pc at which the machine stops next.
    fn run_to_stop(&mut self) -> Result<Address, MeasureError> {
        let left = self.until.saturating_duration_since(Instant::now());
        match self.gdb.resume(left)? {
            Ended::Stopped(_) => Ok(Address(self.gdb.register("pc")?)),
            Ended::Exited | Ended::Late => Err(MeasureError::NotReached { waited: self.stretch.timeout }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_part_takes_is_other() {
        let instructions = Instructions { loader: 7, total: 100, parts: [10, 20, 5, 30, 15] };
        let json = instructions.to_json().to_string();
        let expected =
            r#"{"loader":7,"total":100,"tree":10,"random":20,"plan":5,"tables":30,"rebase":15,"other":20}"#;
        assert_eq!(json, expected);
        let text = "100 instructions: tree 10, random 20, plan 5, tables 30, rebase 15, other 20; 7 before the image's first";
        assert_eq!(instructions.to_string(), text);
        assert!(Part::ALL.iter().enumerate().all(|(index, &part)| part as usize == index));
    }

    #[test]
    fn counting_is_exact_with_icount_and_one_hart() {
        let extra = vec!["-icount".into(), "shift=0".into()];
        let one = Machine { extra, ..Machine::default() };
        assert!(is_exact(&one) && !is_exact(&Machine::default()));
        let two = Machine { harts: Harts::new(2).expect("2 harts"), ..one };
        assert!(!is_exact(&two));
    }
}
