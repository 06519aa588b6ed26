//! Lines of source, found by a process of its own with bounded time and memory.
//!
//! Debug information is read by parsers that others wrote. A crafted file of 600 kB makes them take
//! 20 GB, and no caller within the same process can stop that. So the command starts itself once
//! more, for this alone: it gets the file and the addresses, and answers with the lines. If it is
//! ended, findings have no lines, and `check` says why. ([Decision
//! 0025](../../../../docs/decisions/0025-lines.md))

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use landfall_inspect::finding::At;
use landfall_inspect::{Address, Inspection, Subject};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};

/// The argument that makes the command look for lines, and nothing else.
const WORKER: &str = "__lines-of-source";

/// True once `main` has called [`work`].
static SERVED: AtomicBool = AtomicBool::new(false);

/// Processor time, in seconds: for any file, and besides for each so many bytes of it.
const SECONDS: u64 = 10;
const BYTES_A_SECOND: u64 = 4 << 20;
/// Memory: for any file, and for each byte of it.
const MEMORY: u64 = 512 << 20;
const MEMORY_A_BYTE: u64 = 24;
/// Bytes of an answer that are read.
const ANSWER: u64 = 64 << 20;

/// Returns the lines of all places of an inspection.
///
/// # Errors
/// The reason why lines are missing although the file has debug information.
pub(super) fn of(
    subject: &Subject<'_>,
    inspection: &Inspection,
) -> Result<BTreeMap<Address, String>, String> {
    let mut addresses = Vec::new();
    for finding in inspection.findings() {
        addresses.extend(match finding.at {
            At::Address(address) => Some(address),
            At::File(_) => None,
        });
        addresses.extend(&finding.chain);
    }
    if addresses.is_empty() || !subject.has_debug_information() {
        return Ok(BTreeMap::new());
    }
    addresses.sort_unstable();
    addresses.dedup();
    let answer = ask(subject.file(), &addresses)?;
    let lines = answer["lines"].as_array().ok_or("the answer has no lines")?;
    if let Some(failure) = answer["failure"].as_str() {
        return Err(failure.to_owned());
    }
    let lines = lines.iter().map(|line| line.as_str().map(str::to_owned));
    Ok(addresses.into_iter().zip(lines).filter_map(|(address, line)| Some((address, line?))).collect())
}

/// Starts the worker, and returns its answer.
fn ask(file: &[u8], addresses: &[Address]) -> Result<Value, String> {
    if !SERVED.load(Ordering::Relaxed) {
        return Err("this program starts no process that reads them".to_owned());
    }
    let failed = |error: io::Error| format!("the process that reads it failed: {error}");
    let mut command = Command::new(crate::own::program().map_err(failed)?);
    command.arg(WORKER).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut worker = command.spawn().map_err(failed)?;
    let mut answer = Vec::new();
    let read = exchange(&mut worker, file, addresses, &mut answer);
    let status = worker.wait().map_err(failed)?;
    if !status.success() {
        return Err(ended(status));
    }
    read.map_err(failed)?;
    serde_json::from_slice(&answer).map_err(|error| format!("the process that reads it failed: {error}"))
}

/// Sends the work to the worker, and reads its answer. A worker that has ended accepts no input,
/// which its status reports.
fn exchange(worker: &mut Child, file: &[u8], addresses: &[Address], answer: &mut Vec<u8>) -> io::Result<()> {
    let (Some(mut to), Some(from)) = (worker.stdin.take(), worker.stdout.take()) else { return Ok(()) };
    thread::scope(|scope| {
        scope.spawn(move || {
            let size = (file.len() as u64).to_le_bytes();
            let addresses: Vec<u8> = addresses.iter().flat_map(|address| address.0.to_le_bytes()).collect();
            // Into a pipe that is closed nothing can be written.
            let _ =
                to.write_all(&size).and_then(|()| to.write_all(file)).and_then(|()| to.write_all(&addresses));
        });
        from.take(ANSWER).read_to_end(answer).map(drop)
    })
}

fn ended(status: ExitStatus) -> String {
    let limits = format!("{SECONDS} s and {} MiB, and more for a large file", MEMORY >> 20);
    format!("the process that reads it ended ({status}); it may take {limits}")
}

/// Looks for lines if that is what this process was started for. A program whose `main` does not
/// begin with this call gets no lines: starting it once more would run the program itself.
pub fn work(first: Option<&OsStr>) -> Option<ExitCode> {
    SERVED.store(true, Ordering::Relaxed);
    (first == Some(OsStr::new(WORKER))).then(|| match answer(&mut io::stdin().lock()) {
        Ok(answer) if writeln!(io::stdout(), "{answer}").is_ok() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn answer(input: &mut impl Read) -> io::Result<Value> {
    let mut size = [0; 8];
    input.read_exact(&mut size)?;
    let size = u64::from_le_bytes(size);
    limit(Resource::Cpu, SECONDS + size / BYTES_A_SECOND)?;
    limit(Resource::As, MEMORY.saturating_add(size.saturating_mul(MEMORY_A_BYTE)))?;
    // An end by a limit is no fault to look into.
    limit(Resource::Core, 0)?;
    let mut file = Vec::new();
    input.take(size).read_to_end(&mut file)?;
    let mut addresses = Vec::new();
    input.read_to_end(&mut addresses)?;
    let subject = Subject::read(&file).map_err(io::Error::other)?;
    let addresses = addresses.as_chunks().0.iter().map(|address| Address(u64::from_le_bytes(*address)));
    let lines: Vec<_> = addresses.map(|address| subject.line(address)).collect();
    Ok(json!({ "lines": lines, "failure": subject.lines_failure() }))
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let maximum = getrlimit(resource).maximum;
    let most = maximum.map_or(most, |maximum| maximum.min(most));
    setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    Ok(())
}
