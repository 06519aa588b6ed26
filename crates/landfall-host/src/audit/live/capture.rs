//! The steps of a capture, in their order.

use std::time::Duration;

use landfall_audit::{Format, Origin, Root};

use super::super::decided::{self, Decided, NoDecisions};
use super::super::harts::{HartState, Roots};
use super::super::snapshot::Snapshot;
use super::{Before, LiveError, Machine, registers};
use crate::scratch;

/// The roots that a user wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those of the harts.
    OfHarts,
    /// These.
    Given(Vec<Root>),
}

/// More that is read while the machine stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Also {
    /// The tables alone.
    Nothing,
    /// The plan of a kernel of Landfall's.
    Plan,
}

/// The tables of a live machine, read at one moment.
#[derive(Debug)]
pub struct Capture {
    /// The harts.
    pub harts: Vec<HartState>,
    /// The roots whose tables were read.
    pub roots: Roots,
    /// The format of entries, if the machine states it.
    pub format: Option<Format>,
    /// The tables.
    pub snapshot: Snapshot,
    /// The pause of the machine.
    pub pause: Pause,
    /// The plan of its kernel, if it was wanted.
    pub decided: Option<Result<Decided, NoDecisions>>,
}

/// The pause of a machine while it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The state before.
    pub before: Before,
    /// The time; `None` for a machine that stays.
    pub time: Option<Duration>,
    /// Commands from the stop to the end of the reading.
    pub commands: u64,
    /// Bytes of memory that were read.
    pub bytes: u64,
}

/// Stops a machine, reads its tables, and lets it go on if it ran. A signal that ends this process
/// waits until then.
///
/// # Errors
/// [`LiveError`] if the machine cannot be read. It goes on in this case too.
pub fn capture(machine: &mut impl Machine, wanted: &Wanted, also: Also) -> Result<Capture, LiveError> {
    let _unbroken = scratch::unbroken();
    let commands = machine.commands();
    let before = machine.stop()?;
    let mut read = read(machine, wanted);
    let decided = match &mut read {
        Ok(read) if also == Also::Plan => Some(plan(machine, read)),
        _ => None,
    };
    let format = machine.format();
    let commands = machine.commands() - commands;
    let resumed = machine.resume(&before);
    match (read, resumed) {
        (Ok((harts, roots, snapshot)), Ok(time)) => {
            let (bytes, decided) = match decided {
                Some((bytes, decided)) => (snapshot.bytes() + bytes, Some(decided)),
                None => (snapshot.bytes(), None),
            };
            let pause = Pause { before, time, commands, bytes };
            Ok(Capture { harts, roots, format, snapshot, pause, decided })
        }
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
        (Err(first), Err(then)) => {
            Err(LiveError::NotResumed { first: Box::new(first), then: Box::new(then) })
        }
    }
}

/// The harts, their roots, and the tables.
type Tables = (Vec<HartState>, Roots, Snapshot);

/// Reads the plan of the kernel. Returns the bytes that were read for it too.
fn plan(machine: &mut impl Machine, tables: &mut Tables) -> (u64, Result<Decided, NoDecisions>) {
    let (_, Roots { roots, .. }, snapshot) = tables;
    let memory = machine.memory().to_vec();
    let mut bytes = 0;
    let found = decided::find(snapshot, roots, &mut |span| {
        let is_memory = memory.iter().any(|own| own.contains(span.start) && own.end() >= span.end());
        let read = is_memory.then(|| machine.read(&[span]).ok()).flatten()?.pop()?;
        bytes += span.size;
        Some(read)
    });
    (bytes, found)
}

fn read(machine: &mut impl Machine, wanted: &Wanted) -> Result<Tables, LiveError> {
    let harts = registers::harts(&machine.monitor("info registers -a")?);
    if harts.is_empty() {
        return Err(LiveError::NoHarts);
    }
    let roots = match wanted {
        Wanted::OfHarts => Roots::of(&harts),
        Wanted::Given(roots) => {
            Roots { roots: roots.iter().map(|root| (*root, Origin::Given)).collect(), ..Roots::default() }
        }
    };
    let tables: Vec<_> = roots.roots.iter().map(|(root, _)| *root).collect();
    let snapshot = Snapshot::take(machine, &tables)?;
    Ok((harts, roots, snapshot))
}
