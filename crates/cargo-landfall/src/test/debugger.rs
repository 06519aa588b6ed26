//! gdb itself, with breakpoints by name, against kernels at random places: before the landing and after it, on other harts, over a move, by
//! steps, and attached when the kernel runs already.
//!
//! Where a stop is right is said by the kernel's own report and by the symbols of its ELF, which the tests read themselves.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::kernels::Kernels;
use super::session::told;
use crate::gdb;
use crate::machine::Machine;
use crate::qemu::{Next, Qemu};
use crate::report::Report;
use crate::setup;

/// How long a machine may take to its kernel, and gdb to its end.
const PATIENCE: Duration = Duration::from_secs(40);

const MAIN: &str = "hello::main";
const STOP: &str = r#"printf "stop: %lu %lu %d\n", $pc, $satp, $_thread"#;

/// Runs them all: name and result of each.
pub(super) fn run(qemu: &Qemu, kernels: &Kernels) -> Vec<(&'static str, Result<(), String>)> {
    let tests: [(&str, Test); 7] = [
        ("gdb/names-hit-before-and-after-the-landing", names_hit_before_and_after_the_landing),
        ("gdb/names-follow-a-move", names_follow_a_move),
        ("gdb/names-hit-where-uefi-puts-the-kernel", names_hit_where_uefi_puts_the_kernel),
        ("gdb/steps-lead-over-the-landing", steps_lead_over_the_landing),
        ("gdb/a-machine-is-left-and-found-again", a_machine_is_left_and_found_again),
        ("gdb/any-machine-that-runs", any_machine_that_runs),
        ("gdb/another-kernel-is-told", another_kernel_is_told),
    ];
    if let Err(error) = setup::debugger(setup::Debugger::Gdb) {
        return vec![("gdb/set-up", Err(error.to_string()))];
    }
    let bench = Bench { qemu, kernels };
    tests.map(|(name, test)| (name, test(&bench))).into()
}

type Test = fn(&Bench<'_>) -> Result<(), String>;

struct Bench<'a> {
    qemu: &'a Qemu,
    kernels: &'a Kernels,
}

/// Where the image is when a name is met.
#[derive(Clone, Copy, Debug)]
enum Where {
    Loaded,
    Moved,
    Landed,
}

/// A name, where the image is when it is met, and on which of gdb's threads.
type Expected = (&'static str, Where, u64);

fn names_hit_before_and_after_the_landing(bench: &Bench<'_>) -> Result<(), String> {
    let machine = Debugged::start(bench, &["--at", "0x9a345000", "--harts", "2"])?;
    let names = [
        "landfall_land",
        "landfall_plan",
        "landfall_secondary",
        "landfall_landed_secondary",
        "hello::main",
        "landfall_power_off",
    ];
    let said = machine.gdb(&breaks(&names))?;
    machine.ends_with(
        &said,
        &[
            ("landfall_land", Where::Loaded, 1),
            ("landfall_plan", Where::Loaded, 1),
            ("landfall_secondary", Where::Moved, 2),
            ("landfall_landed_secondary", Where::Landed, 2),
            (MAIN, Where::Landed, 1),
            ("landfall_power_off", Where::Landed, 1),
        ],
    )
}

fn names_follow_a_move(bench: &Bench<'_>) -> Result<(), String> {
    let machine = Debugged::start(
        bench,
        &["--mode", "sv39", "--policy", "placement=linear-map", "--policy", "physical=random"],
    )?;
    let names = ["landfall_move", "landfall_land_moved", "landfall_leap", "main"];
    let said = machine.gdb(&breaks(&names))?;
    machine.ends_with(
        &said,
        &[
            ("landfall_move", Where::Loaded, 1),
            ("landfall_land_moved", Where::Moved, 1),
            ("landfall_leap", Where::Moved, 1),
            (MAIN, Where::Landed, 1),
        ],
    )
}

/// And a debugger that comes later finds the kernel, still physical, and landed.
fn names_hit_where_uefi_puts_the_kernel(bench: &Bench<'_>) -> Result<(), String> {
    let machine = Debugged::start(bench, &["--firmware", "uefi"])?;
    let mut said = machine.gdb(&["break landfall_land", "continue", STOP, "disconnect"])?;
    said.push_str(&machine.gdb(&["break hello::main", "continue", STOP, "disconnect"])?);
    said.push_str(&machine.gdb(&["break landfall_power_off", "continue", STOP, "continue"])?);
    machine.ends_with(
        &said,
        &[
            ("landfall_land", Where::Loaded, 1),
            (MAIN, Where::Landed, 1),
            ("landfall_power_off", Where::Landed, 1),
        ],
    )
}

fn steps_lead_over_the_landing(bench: &Bench<'_>) -> Result<(), String> {
    let machine = Debugged::start(bench, &["--mode", "sv48"])?;
    let mut commands = vec!["tbreak landfall_build_tables", "continue", "tbreak landfall_rebase", "continue"];
    // From the rebase's end on, through `csrw satp`.
    commands.extend(["finish", "stepi 8", STOP, "tbreak hello::main", "continue", STOP, "continue"]);
    let said = machine.gdb(&commands)?;
    machine.ends_with(&said, &[("landfall_landed", Where::Landed, 1), (MAIN, Where::Landed, 1)])
}

fn a_machine_is_left_and_found_again(bench: &Bench<'_>) -> Result<(), String> {
    let machine = Debugged::start(bench, &["--seed", "0123456789abcdef"])?;
    let mut said = machine.gdb(&["break hello::main", "continue", "disconnect"])?;
    said.push_str(&machine.gdb(&[STOP, "break landfall_power_off", "continue", STOP, "continue"])?);
    machine.ends_with(&said, &[(MAIN, Where::Landed, 1), ("landfall_power_off", Where::Landed, 1)])
}

/// A machine that `run --gdb` knows nothing of, and a kernel that has landed long ago.
fn any_machine_that_runs(bench: &Bench<'_>) -> Result<(), String> {
    let folder = told(tempfile::tempdir())?;
    let socket = folder.path().join("gdb");
    let hello = bench.kernels.get("hello")?;
    let machine =
        Machine { kernel: Some(hello.flat.clone()), append: Some("hold".into()), ..Machine::default() };
    let mut arguments = machine.arguments();
    arguments.extend(gdb::arguments(&socket).into_iter().filter(|argument| argument != "-S"));
    let mut running = told(bench.qemu.start(arguments))?;
    let until = Instant::now() + PATIENCE;
    let report = loop {
        match running.next_line(until) {
            Next::Line(line) => {
                if let Some(report) = line.strip_prefix("landfall: report ") {
                    break told(Report::parse(report))?;
                }
            }
            Next::End | Next::Late => return Err("hello does not land".to_owned()),
        }
    };
    let commands = ["info symbol $pc", STOP, "kill"];
    let said =
        attach(folder.path(), &["--connect", &socket.display().to_string(), &path(&hello.elf)], &commands)?;
    if !said.contains("hello::main + ") {
        return Err(format!("gdb does not know that the kernel is in main: {said}"));
    }
    judge(bench, &report, &said, &[(MAIN, Where::Landed, 1)])
}

fn another_kernel_is_told(bench: &Bench<'_>) -> Result<(), String> {
    let machine = Debugged::start(bench, &[])?;
    let rules = path(&bench.kernels.get("rules")?.elf);
    let output = gdb_output(machine.folder.path(), &[&rules], &["continue"])?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(1) && said.contains("runs no kernel whose first bytes are those of") {
        Ok(())
    } else {
        Err(format!("{}, and it says: {said}", output.status))
    }
}

/// Sets all breakpoints, then stops at each.
fn breaks(names: &[&str]) -> Vec<String> {
    let set = names.iter().map(|name| format!("tbreak {name}"));
    let stops = names.iter().flat_map(|_| ["continue".to_owned(), STOP.to_owned()]);
    set.chain(stops).chain(["continue".to_owned()]).collect()
}

/// What gdb's stops must have been, by the kernel's report.
fn judge(bench: &Bench<'_>, report: &Report, said: &str, expected: &[Expected]) -> Result<(), String> {
    let image = &bench.kernels.get("hello")?.image;
    let stops = said.lines().filter_map(|line| line.strip_prefix("stop: "));
    let stops: Vec<Vec<u64>> =
        stops.map(|stop| stop.split(' ').filter_map(|word| word.parse().ok()).collect()).collect();
    if stops.len() != expected.len() {
        return Err(format!("{} stops, and {} are right: {said}", stops.len(), expected.len()));
    }
    for (stop, &(name, place, thread)) in stops.iter().zip(expected) {
        let base = match place {
            Where::Loaded => report.kernel_loaded(),
            Where::Moved => report.kernel_physical(),
            Where::Landed => report.kernel_virtual(),
        };
        let base = base.ok_or("the report does not tell where the kernel is")?.0;
        let symbol = image.symbol(name)?;
        // Assembly does not say how large its routines are.
        let end = symbol.offset + if symbol.size == 0 { 64 } else { symbol.size };
        let [pc, satp, on] = stop[..] else { return Err(format!("no stop: {stop:?}")) };
        let here = (symbol.offset..end).contains(&pc.wrapping_sub(base));
        let paged = matches!(place, Where::Landed);
        if !here || on != thread || (satp != 0) != paged {
            return Err(format!(
                "{name} {place:?} is at {base:#x} + {:#x} on thread {thread}, and gdb stopped at {pc:#x} with satp {satp:#x} on thread {on}: {said}",
                symbol.offset
            ));
        }
    }
    Ok(())
}

/// A machine that `run --gdb` has started.
struct Debugged<'a> {
    bench: &'a Bench<'a>,
    child: Child,
    /// Where its folder lies, and what it says.
    folder: TempDir,
}

impl<'a> Debugged<'a> {
    fn start(bench: &'a Bench<'a>, options: &[&str]) -> Result<Self, String> {
        let folder = told(tempfile::tempdir())?;
        let file = |name: &str| told(File::create(folder.path().join(name)));
        let child = own(folder.path())
            .args(["run", &path(&bench.kernels.get("hello")?.elf), "--gdb", "--format", "json"])
            .args(options)
            .stdin(Stdio::null())
            .stdout(file("report")?)
            .stderr(file("console")?)
            .spawn();
        let mut machine = Self { bench, child: told(child)?, folder };
        machine.wait_until(|machine| {
            machine.read("console").contains("stands at the kernel's first instruction")
        })?;
        Ok(machine)
    }

    fn gdb<T: AsRef<str>>(&self, commands: &[T]) -> Result<String, String> {
        attach(self.folder.path(), &[], commands)
    }

    /// Waits for the machine's end; its report must agree with gdb's stops.
    fn ends_with(mut self, said: &str, expected: &[Expected]) -> Result<(), String> {
        self.wait_until(|machine| !matches!(machine.child.try_wait(), Ok(None)))
            .map_err(|error| format!("{error}; gdb says: {said}"))?;
        let report = Report::parse(&self.read("report"));
        let report =
            report.map_err(|error| format!("{error}: {}; gdb says: {said}", self.read("console")))?;
        judge(self.bench, &report, said, expected)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    fn wait_until(&mut self, ready: impl Fn(&mut Self) -> bool) -> Result<(), String> {
        let until = Instant::now() + PATIENCE;
        while !ready(self) {
            if Instant::now() > until {
                return Err(format!("nothing more from the machine, which says: {}", self.read("console")));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Debugged<'_> {
    fn drop(&mut self) {
        // QEMU ends with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// This command, with folders for debuggers of its own. The link holds although Cargo may have built the command anew in the meantime, in the place of its file.
fn own(folder: &Path) -> Command {
    let mut command = Command::new("/proc/self/exe");
    command.env("XDG_RUNTIME_DIR", folder);
    command
}

/// What gdb says to these commands.
fn attach<T: AsRef<str>>(folder: &Path, options: &[&str], commands: &[T]) -> Result<String, String> {
    let output = gdb_output(folder, options, commands)?;
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Ok(said.into_owned())
}

fn gdb_output<T: AsRef<str>>(folder: &Path, options: &[&str], commands: &[T]) -> Result<Output, String> {
    let mut gdb = own(folder);
    gdb.arg("gdb").args(options).args(["--", "-nx", "-batch"]);
    for command in commands {
        gdb.args(["-ex", command.as_ref()]);
    }
    let child = gdb.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = told(child)?;
    // gdb waits for ever where nothing stops the machine.
    let (done, over) = std::sync::mpsc::channel::<()>();
    let id = rustix::process::Pid::from_child(&child);
    let watch = thread::spawn(move || {
        if over.recv_timeout(PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
        }
    });
    let output = told(child.wait_with_output());
    drop(done);
    let _ = watch.join();
    output
}

fn path(path: &Path) -> String {
    path.display().to_string()
}
