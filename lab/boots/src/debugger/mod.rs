//! Runs gdb and LLDB, with breakpoints by name, against kernels at random places. They stop before
//! the landing and after it, on other harts, over a move and by steps, and attach to a running
//! kernel.
//!
//! ```text
//! gdb, lldb  the tests of each
//! core       the core of a crashed kernel
//! machines   what they are attached to
//! vmmap      the command that lists what is mapped
//! ```
//!
//! The kernel's own report and the symbols of its ELF, which the tests read themselves, give the
//! correct place of each stop.

mod core;
mod gdb;
mod lldb;
mod machines;
mod vmmap;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

pub(crate) use core::open as open_core;

use super::bench::Bench;
use super::check::Check;
use super::command;
use super::session::as_text;
use landfall_host::report::Report;
use landfall_host::setup::{self, Debugger};
use machines::Debugged;

/// The time limit for a machine to reach its kernel, and for a debugger to end.
const PATIENCE: Duration = Duration::from_secs(180);

const MAIN: &str = "hello::main";

type Test = fn(&Bench) -> Result<(), String>;

/// Returns the tests of both debuggers.
pub(super) fn checks() -> Vec<Check> {
    let of = |debugger, tests: &'static [(&'static str, Test)]| {
        tests.iter().map(move |&(name, test)| Check::new(name, move || run(debugger, test)))
    };
    of(Debugger::Gdb, &gdb::TESTS).chain(of(Debugger::Lldb, &lldb::TESTS)).collect()
}

/// Runs a test with its debugger, which is installed if it is missing; one test runs at a time.
fn run(debugger: Debugger, test: Test) -> Result<(), String> {
    static INSTALLING: Mutex<()> = Mutex::new(());
    let alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    as_text(setup::debugger(debugger))?;
    drop(alone);
    test(&Bench::get()?)
}

/// The place of the image when a debugger stops at a name.
#[derive(Clone, Copy, Debug)]
enum Where {
    Loaded,
    Moved,
    Landed,
}

/// The thread on which a debugger stops at a name. Harts race for the boot under OpenSBI, so only
/// the report names the boot hart.
#[derive(Clone, Copy, Debug)]
enum On {
    /// The boot hart's thread, if harts count from 0.
    BootHart,
    /// The thread of the other of two harts.
    OtherHart,
    /// The boot hart's thread, if hart 0 is of another kind and has no thread.
    BootHartFrom1,
}

impl On {
    /// Returns the thread's number.
    const fn thread(self, boot_hart: u64) -> u64 {
        match self {
            Self::BootHart => boot_hart + 1,
            Self::OtherHart => 2 - boot_hart % 2,
            Self::BootHartFrom1 => boot_hart,
        }
    }
}

/// A name, the place of the image when a debugger stops there, and the thread.
type Expected = (&'static str, Where, On);

/// The commands of a debugger.
#[derive(Clone, Copy)]
struct Speaker {
    debugger: Debugger,
    /// The command that prints a stop.
    stop: &'static str,
    /// The name by which it finds the kernel's `main`.
    main: &'static str,
}

/// Stops in a module that the kernel has loaded: the debugger knows its function and its line.
fn modules_are_known(bench: &Bench, debugger: Debugger, commands: &[&str]) -> Result<(), String> {
    let folder = as_text(landfall_host::private::folder("landfall-"))?;
    let initrd = folder.path().join("initrd");
    as_text(fs::write(&initrd, bench.kernels.modules()?))?;
    let options = ["--initrd", &path(&initrd), "--append", "rounds=8 by=sbi"];
    let machine = Debugged::start_kernel(bench, "modules", &options)?;
    let transcript = machine.send(debugger, commands)?;
    if !transcript.contains("base_add") || !transcript.contains("lib.rs:") {
        return Err(format!("no stop in base_add in lib.rs: {transcript}"));
    }
    vmmap::names_the_modules(&transcript)
}

fn names_hit_before_and_after_the_landing(bench: &Bench, speaker: Speaker) -> Result<(), String> {
    let machine = Debugged::start(bench, &["--at", "0x9a345000", "--harts", "2"])?;
    let names = [
        "landfall_land",
        "landfall_plan",
        "landfall_secondary",
        "landfall_landed_secondary",
        speaker.main,
        "landfall_power_off",
    ];
    let transcript = machine.send(speaker.debugger, &breaks(&names, speaker.stop))?;
    machine.ends_with(
        &transcript,
        &[
            ("landfall_land", Where::Loaded, On::BootHart),
            ("landfall_plan", Where::Loaded, On::BootHart),
            ("landfall_secondary", Where::Moved, On::OtherHart),
            ("landfall_landed_secondary", Where::Landed, On::OtherHart),
            (MAIN, Where::Landed, On::BootHart),
            ("landfall_power_off", Where::Landed, On::BootHart),
        ],
    )
}

fn names_follow_a_move(bench: &Bench, speaker: Speaker) -> Result<(), String> {
    let machine = Debugged::start(
        bench,
        &["--mode", "sv39", "--policy", "placement=linear-map", "--policy", "physical=random"],
    )?;
    let names = ["landfall_move", "landfall_land_moved", "landfall_leap", speaker.main];
    let transcript = machine.send(speaker.debugger, &breaks(&names, speaker.stop))?;
    machine.ends_with(
        &transcript,
        &[
            ("landfall_move", Where::Loaded, On::BootHart),
            ("landfall_land_moved", Where::Moved, On::BootHart),
            ("landfall_leap", Where::Moved, On::BootHart),
            (MAIN, Where::Landed, On::BootHart),
        ],
    )
}

/// Compares a debugger's stops with the kernel's report.
fn judge(bench: &Bench, report: &Report, transcript: &str, expected: &[Expected]) -> Result<(), String> {
    let image = &bench.kernels.get("hello")?.image;
    let stops = transcript.lines().filter_map(|line| line.strip_prefix("stop: "));
    let stops: Vec<Vec<u64>> =
        stops.map(|stop| stop.split(' ').filter_map(|word| word.parse().ok()).collect()).collect();
    if stops.len() != expected.len() {
        return Err(format!("{} stops, and {} are right: {transcript}", stops.len(), expected.len()));
    }
    let boot_hart = report.get("/harts/boot").and_then(serde_json::Value::as_u64);
    let boot_hart = boot_hart.ok_or("the report does not name the hart that boots")?;
    for (stop, &(name, place, on)) in stops.iter().zip(expected) {
        let thread = on.thread(boot_hart);
        let base = match place {
            Where::Loaded => report.kernel_loaded(),
            Where::Moved => report.kernel_physical(),
            Where::Landed => report.kernel_virtual(),
        };
        let base = base.ok_or("the report does not have the kernel's place")?.0;
        let symbol = image.symbol(name)?;
        // Symbols of assembly have no size.
        let end = symbol.offset + if symbol.size == 0 { 64 } else { symbol.size };
        let [pc, satp, stopped] = stop[..] else { return Err(format!("no stop: {stop:?}")) };
        let here = (symbol.offset..end).contains(&pc.wrapping_sub(base));
        let paged = matches!(place, Where::Landed);
        if !here || stopped != thread || (satp != 0) != paged {
            return Err(format!(
                "{name} {place:?} is at {base:#x} + {:#x} on thread {thread}, and the debugger stopped at {pc:#x} with satp {satp:#x} on thread {stopped}: {transcript}",
                symbol.offset
            ));
        }
    }
    Ok(())
}

/// Returns the command `cargo landfall`, with its own folders for debuggers.
fn own(folder: &Path) -> Result<Command, String> {
    let mut command = Command::new(command::path()?);
    command.env("XDG_RUNTIME_DIR", folder);
    Ok(command)
}

/// Attaches a debugger, and returns its output for these commands.
fn attach<T: AsRef<str>>(
    debugger: Debugger,
    folder: &Path,
    options: &[&str],
    commands: &[T],
) -> Result<String, String> {
    let output = output(debugger, folder, options, commands)?;
    let transcript = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Ok(transcript.into_owned())
}

fn output<T: AsRef<str>>(
    debugger: Debugger,
    folder: &Path,
    options: &[&str],
    commands: &[T],
) -> Result<Output, String> {
    let mut command = own(folder)?;
    let (name, quiet, each) = match debugger {
        Debugger::Gdb => ("gdb", ["-nx", "-batch"], "-ex"),
        Debugger::Lldb => ("lldb", ["--no-lldbinit", "--batch"], "-o"),
    };
    command.arg(name).args(options).arg("--").args(quiet);
    for one in commands {
        command.args([each, one.as_ref()]);
    }
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = as_text(child)?;
    // A debugger waits forever if nothing stops the machine.
    let (done, over) = std::sync::mpsc::channel::<()>();
    let id = rustix::process::Pid::from_child(&child);
    let watch = thread::spawn(move || {
        if over.recv_timeout(PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
        }
    });
    let output = as_text(child.wait_with_output());
    drop(done);
    let _ = watch.join();
    output
}

fn path(path: &Path) -> String {
    path.display().to_string()
}

/// Sets all breakpoints, then stops at each.
fn breaks(names: &[&str], stop: &str) -> Vec<String> {
    let set = names.iter().map(|name| format!("tbreak {name}"));
    let stops = names.iter().flat_map(|_| ["continue".to_owned(), stop.to_owned()]);
    set.chain(stops).chain(["continue".to_owned()]).collect()
}
