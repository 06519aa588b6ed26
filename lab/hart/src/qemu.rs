//! The trace of a machine in QEMU, from the kernel's first instruction on.
//!
//! QEMU stands at that instruction while its debugger reads what firmware hands over. Then it logs
//! each instruction below the firmware's mode to a pipe, as it executes it.

pub mod log;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufReader};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use landfall_host::gdb::{GdbError, Space};
use landfall_host::machine::{Firmware, Machine};
use landfall_host::private;
use landfall_host::qemu::{Audience, Boot, Ending, Generation, Last, Watch};
use landfall_host::setup::{self, SetupError};
use landfall_host::stopped::{ImageBase, StopError, StoppedMachine};
use landfall_predict::units::Address;
use rustix::fs::{CWD, FileType, Mode as Permissions, OFlags, fcntl_setfl, mknodat, open};
use thiserror::Error;

use crate::state::{Entry, Record, Steps};

/// The address of the image.
const IMAGE: u64 = landfall_host::place::DEFAULT.0;

/// The addresses of all but QEMU's ROM and OpenSBI. A trace of OpenSBI would be longer than the
/// rest.
const TRACED: &str = "0x3000..0x7fffffff,0x80080000..0xffffffffffffffff";

/// The time for one boot.
const LIMIT: Duration = Duration::from_secs(300);

/// A reason why there is no trace.
#[derive(Debug, Error)]
pub enum QemuTraceError {
    /// QEMU is missing.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The machine did not come to the kernel.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// The debugger's connection broke.
    #[error(transparent)]
    Gdb(#[from] GdbError),
    /// QEMU does not accept a setting.
    #[error("QEMU answers {answer:?} to the monitor's command {command:?}; use QEMU 8.1 or later")]
    Monitor {
        /// The command.
        command: &'static str,
        /// The answer.
        answer: String,
    },
    /// Firmware hands over no device tree.
    #[error("a1 is {0}, where no device tree lies")]
    NoTree(Address),
    /// The machine did not end.
    #[error("the machine did not end in {} s", LIMIT.as_secs())]
    Endless,
    /// A file or pipe.
    #[error("{what} {path}: {source}")]
    File {
        /// The action.
        what: &'static str,
        /// The path.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// Returns a machine with one hart for a flat image.
///
/// The hart has no hypervisor extension: the simulator has none.
#[must_use]
pub fn machine(image: PathBuf) -> Machine {
    let cpu = vec!["h=off".to_owned()];
    Machine { kernel: Some(image), firmware: Firmware::OpenSbi, cpu, ..Machine::default() }
}

/// Boots `machine`, and hands what it holds at the kernel's entry and its steps to `reader`.
/// Returns the reader's result and the boot.
///
/// # Errors
/// [`QemuTraceError`] if there is no trace.
pub fn trace<T: Send>(
    machine: &Machine,
    reader: impl FnOnce(Entry, Steps<'_>) -> T + Send,
) -> Result<(T, Boot), QemuTraceError> {
    let qemu = setup::qemu(setup::FOR_RUN)?;
    let folder =
        private::folder("landfall-trace-").map_err(file("cannot make a folder in", Path::new("/tmp")))?;
    let pipe = folder.path().join("log");
    let log = make_pipe(&pipe).map_err(|error| file("cannot make the pipe", &pipe)(error.into()))?;
    let machine = logged(machine.clone(), &pipe);
    let mut stopped =
        StoppedMachine::reach(&qemu, &machine, ImageBase::At(Address(IMAGE)), folder.path(), LIMIT)?;
    let entry = entry(&machine, &mut stopped)?;
    for command in ["one-insn-per-tb on", "log exec,cpu,fpu,nochain"] {
        let answer = stopped.gdb.monitor(command)?;
        if !answer.trim().is_empty() {
            return Err(QemuTraceError::Monitor { command, answer });
        }
    }
    fcntl_setfl(&log, OFlags::RDONLY).map_err(|error| file("cannot read the pipe", &pipe)(error.into()))?;
    let log = BufReader::with_capacity(1 << 20, File::from(log));
    let mut steps =
        log::States::new(log).map(|state| state.map(|state| Record { state, ..Record::default() }));
    thread::scope(|scope| {
        let result = scope.spawn(move || reader(entry, &mut steps));
        let until = Some(Instant::now() + LIMIT);
        let watch = Watch { last: Last::None, until, text: None, generation: Generation::First };
        let boot = stopped.finish(watch, &mut Silent)?;
        let result = result.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        if boot.ending == Ending::Late { Err(QemuTraceError::Endless) } else { Ok((result, boot)) }
    })
}

/// Makes a pipe and opens its end for readers. QEMU opens the other end when it starts, and would
/// wait for a reader; this end does not wait for QEMU.
fn make_pipe(pipe: &Path) -> rustix::io::Result<OwnedFd> {
    mknodat(CWD, pipe, FileType::Fifo, Permissions::RUSR | Permissions::WUSR, 0)?;
    open(pipe, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Permissions::empty())
}

/// Returns the machine with a log that the monitor can turn on.
fn logged(mut machine: Machine, pipe: &Path) -> Machine {
    machine.extra.extend(["-D".into(), pipe.as_os_str().to_owned()]);
    machine.extra.extend(["-dfilter", TRACED, "-accel", "tcg,thread=single"].map(OsString::from));
    machine
}

/// Reads what the machine holds before the first instruction.
fn entry(machine: &Machine, stopped: &mut StoppedMachine) -> Result<Entry, QemuTraceError> {
    let tree = stopped.tree.take().ok_or(QemuTraceError::NoTree(stopped.tree_at))?;
    let mut contents = vec![(stopped.tree_at.0, tree)];
    if let Some(image) = &machine.kernel {
        let size = std::fs::metadata(image).map_err(file("cannot read", image))?.len();
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        contents.push((IMAGE, stopped.gdb.read_memory(Space::Physical, Address(IMAGE), size)?));
    }
    contents.sort_unstable();
    Ok(Entry { memory: machine.memory.total().0, contents, tree: stopped.tree_at.0, start: IMAGE })
}

/// Drops what the console writes.
struct Silent;

impl Audience for Silent {
    fn line(&mut self, _line: &str) {}
}

fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> QemuTraceError {
    let path = path.to_owned();
    move |source| QemuTraceError::File { what, path, source }
}
