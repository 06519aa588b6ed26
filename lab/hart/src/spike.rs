//! The trace of a machine in Spike, from the kernel's first instruction on.

pub mod log;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;
use std::{fs, io, thread};

use landfall_host::private;
use landfall_predict::units::Seed;
use landfall_spike::firmware::{self, Firmware, FirmwareError, TARGET, TREE};
use landfall_spike::install::{InstallError, Spike};
use landfall_spike::machine::{self, Console, Size};
use landfall_spike::program::{self, ProgramError};
use landfall_spike::tree::{self, Settings, TreeError};
use thiserror::Error;

use crate::state::{Entry, Record, Steps};

/// The time for one boot.
const LIMIT: Duration = Duration::from_secs(600);

/// Records on their way to the reader.
const QUEUE: usize = 1024;

/// The instructions of the hart. Without Zicclsm, OpenSBI would emulate misaligned accesses.
const ISA: &str = "--isa=rv64gc_zicntr_zihpm_zicclsm_svnapot_svpbmt_svinval_sstc";

/// A machine with one hart and 1 GiB.
const SIZE: Size = Size { harts: 1, mebibytes: 1024 };

/// A reason why there is no trace.
#[derive(Debug, Error)]
pub enum SpikeTraceError {
    /// Spike is missing.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// The firmware's file.
    #[error(transparent)]
    Firmware(#[from] FirmwareError),
    /// The ELF that Spike loads.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The device tree.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The log is empty.
    #[error("Spike logged no instruction below M-mode; its messages: {0:?}")]
    Empty(Vec<String>),
    /// The machine did not end.
    #[error("the machine did not end in {} s", LIMIT.as_secs())]
    Endless,
    /// A file or process.
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

/// A boot.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'a> {
    /// The folder for Spike itself.
    pub cache: &'a Path,
    /// The `mmu-type` of the hart without the vendor.
    pub mode: &'static str,
    /// The flat image.
    pub image: &'a [u8],
}

/// Boots `machine`, and hands what it holds at the kernel's entry and its steps to `reader`.
///
/// # Errors
/// [`SpikeTraceError`] if there is no trace.
pub fn trace<T>(
    machine: Machine<'_>,
    reader: impl FnOnce(Entry, Steps<'_>) -> T,
) -> Result<T, SpikeTraceError> {
    let spike = Spike::obtain(machine.cache)?;
    let elf = fs::read(firmware::FILE).map_err(file("cannot read", Path::new(firmware::FILE)))?;
    let firmware = Firmware::read(&elf)?;
    let mut dump = machine::command(&spike, SIZE);
    dump.args([ISA, "--dump-dts"]).arg(firmware::FILE);
    let mmu_type = match machine.mode {
        "sv39" => "riscv,sv39",
        "sv48" => "riscv,sv48",
        _ => "riscv,sv57",
    };
    let tree = tree::of_machine(dump, Settings { mmu_type, command_line: "", seed: Some(Seed(17)) })?;
    let folder =
        private::folder("landfall-trace-").map_err(file("cannot make a folder in", Path::new("/tmp")))?;
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        let failed = file("cannot write", &path);
        machine::write(&path, bytes).map_err(failed).map(|()| path)
    };
    let program = write("boot.elf", &program::link(&firmware, machine.image, TARGET)?)?;
    let mut command = machine::command(&spike, SIZE);
    command.arg(ISA).arg(format!("--dtb={}", write("machine.dtb", &tree)?.display()));
    thread::scope(|scope| {
        let (sender, records) = sync_channel(QUEUE);
        let run = scope.spawn(move || run(command, &program, &sender));
        let mut records = records.into_iter();
        let result = records.next().map(|first: Record| {
            let entry = entry(machine.image, first.stored.clone());
            let first = Record { stored: Vec::new(), ..first };
            let mut steps = std::iter::once(first).chain(records).map(Ok);
            reader(entry, &mut steps)
        });
        let console = run.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        match result {
            _ if console.timed_out => Err(SpikeTraceError::Endless),
            Some(result) => Ok(result),
            None => Err(SpikeTraceError::Empty(console.messages)),
        }
    })
}

/// Runs Spike, and sends each record. Goes on without a reader.
fn run(
    command: std::process::Command,
    program: &Path,
    records: &SyncSender<Record>,
) -> Result<Console, SpikeTraceError> {
    let mut states = log::States::default();
    let mut line = |line: &[u8]| {
        if let Some(record) = states.line(line) {
            // A reader that has seen a difference has left.
            let _ = records.send(record);
        }
    };
    machine::run(command, program, LIMIT, Some(&mut line)).map_err(file("cannot run Spike with", program))
}

/// Returns what the machine holds at the first record. Firmware has stored the tree there.
fn entry(image: &[u8], mut contents: Vec<(u64, Vec<u8>)>) -> Entry {
    contents.push((TARGET, image.to_vec()));
    contents.sort_unstable();
    Entry { memory: SIZE.mebibytes << 20, contents, tree: TREE, start: TARGET }
}

fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SpikeTraceError {
    let path = path.to_owned();
    move |source| SpikeTraceError::File { what, path, source }
}
