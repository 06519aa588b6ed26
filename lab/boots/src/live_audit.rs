//! Audits of a landed kernel by each source: live by QMP, live by the debugger's stub, a core, and
//! the simulator.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use landfall_audit::Root;
use landfall_host::audit::{AuditRequest, Audited, Comparison, Entries, Hints, Source, audited};
use landfall_host::gdb::endpoint::Endpoint;
use landfall_host::machine::{Harts, Machine, Memory, Mode};
use landfall_host::qemu::{Next, Running};
use landfall_host::qmp::Client;
use landfall_image::console::REPORT;
use landfall_predict::units::Size;
use serde_json::{Value, json};

use super::bench::Bench;
use super::check::{Check, Outcome};
use super::command;
use super::session::as_text;

/// The time limit of a boot, on a busy host.
const PATIENCE: Duration = Duration::from_secs(240);

/// Returns the tests.
pub(super) fn checks() -> Vec<Check> {
    let modes = [Mode::Sv39, Mode::Sv48, Mode::Sv57];
    let live = |mode: Mode| Check::new(format!("audit/live/{}", mode.name()), move || live(mode)).always();
    let run = |(mode, machine): (Mode, &'static str)| {
        Check::new(format!("audit/{machine}/{}", mode.name()), move || run(mode, machine))
    };
    let machines = modes.into_iter().flat_map(|mode| [(mode, "run"), (mode, "simulator")]);
    let mut checks: Vec<_> = modes.map(live).into();
    checks.extend(machines.map(run));
    checks.push(Check::new("audit/run/panic", of_a_kernel_that_panics));
    checks
}

/// All sources of one landed machine give one audit. It has no findings, and no difference from the
/// plan that the machine's memory states. The machine runs on.
fn live(mode: Mode) -> Outcome {
    let bench = Bench::get()?;
    let folder = as_text(landfall_host::private::folder("landfall-"))?;
    let at = |name: &str| folder.path().join(name);
    let _running = landed(&bench, mode, folder.path())?;
    let qmp = audit(Source::Qmp(Endpoint::Socket(at("qmp"))), Vec::new())?;
    let root = qmp.audit.roots.first().ok_or("no hart has a root")?.root;
    let gdb = audit(Source::Gdb(Endpoint::Socket(at("gdb"))), Vec::new())?;
    save_core(&at("qmp"), &at("core"))?;
    let core = audit(Source::Core(at("core")), vec![root])?;
    for (name, other) in [("gdb", &gdb), ("core", &core)] {
        same(&qmp, other).map_err(|reason| format!("{name}: {reason}"))?;
    }
    let findings = qmp.audit.findings.kept();
    if !findings.is_empty() {
        return Err(format!("findings about hello: {findings:?}"));
    }
    if qmp.audit.roots[0].root.mode.name() != mode.name() || !qmp.without.is_empty() {
        return Err(format!("harts without a root of {}: {:?}", mode.name(), qmp.without));
    }
    for (name, audited) in [("qmp", &qmp), ("gdb", &gdb), ("core", &core)] {
        match &audited.compared {
            Some((_, compared)) if compared.len() == 1 && compared[0].count() == 0 => {}
            other => return Err(format!("{name}: differences from the plan: {other:x?}")),
        }
    }
    let pause = qmp.pause.ok_or("no pause is known")?;
    let tables = qmp.audit.roots[0].tables;
    // Tables lie side by side, so each level takes one command, or two if it is split.
    // The plan takes five more: the image's head and policy, its data, and the values.
    let most = 9 + 2 * u64::from(root.mode.levels());
    if pause.time.is_none() || pause.commands > most || pause.bytes < tables * 4096 {
        return Err(format!("{tables} tables took {pause:?}"));
    }
    let mut client = as_text(Client::connect(&Endpoint::Socket(at("qmp")), PATIENCE))?;
    match as_text(client.monitor("info status"))?.trim() {
        "VM status: running" => Ok(()),
        status => Err(format!("after the audits: {status}")),
    }
}

/// Boots `hello`, which stays after its landing.
fn landed(bench: &Bench, mode: Mode, folder: &Path) -> Result<Running, String> {
    let machine = Machine {
        kernel: Some(bench.kernels.get("hello")?.flat.clone()),
        append: Some("hold".into()),
        mode: Some(mode),
        harts: Harts::new(2).unwrap_or(Harts::MIN),
        memory: Memory::One(Size::mib(128)),
        ..Machine::default()
    };
    let mut arguments = machine.arguments();
    for option in ["qmp", "gdb"] {
        let socket = landfall_host::machine::escape_commas(folder.join(option).as_os_str());
        let mut place = std::ffi::OsString::from("unix:");
        place.push(socket);
        place.push(",server=on,wait=off");
        arguments.extend([format!("-{option}").into(), place]);
    }
    let mut running = as_text(bench.qemu.start(arguments))?;
    let until = Instant::now() + PATIENCE;
    loop {
        match running.next_line(until) {
            Next::Line(line) if line.starts_with(REPORT) => return Ok(running),
            Next::Line(_) => {}
            Next::End | Next::Late => return Err("hello does not land".to_owned()),
        }
    }
}

/// Audits a source. A core does not state the extensions of entries, so all get those of `rv64`.
fn audit(source: Source, roots: Vec<Root>) -> Result<Audited, String> {
    let entries = Entries {
        napot: Some(landfall_audit::Napot::Reserved),
        types: Some(landfall_audit::Types::Reserved),
        updates: Some(landfall_audit::Updates::Fault),
    };
    let hints = Hints { entries, ..Hints::default() };
    as_text(audited(&AuditRequest { source, roots, hints, against: Some(Comparison::Plan) }))
}

fn save_core(socket: &Path, core: &Path) -> Outcome {
    let mut client = as_text(Client::connect(&Endpoint::Socket(socket.to_owned()), PATIENCE))?;
    let file = format!("file:{}", core.display());
    as_text(client.execute("dump-guest-memory", &json!({ "paging": false, "protocol": file }))).map(drop)
}

/// Compares mappings, regions and findings.
fn same(one: &Audited, other: &Audited) -> Outcome {
    let (one, other) = (&one.audit, &other.audit);
    let [first, second] = [one, other].map(|audit| &audit.roots[0]);
    if first.runs != second.runs {
        return Err(format!("other mappings: {:x?} and {:x?}", first.runs, second.runs));
    }
    if first.regions != second.regions {
        return Err(format!("other regions: {:x?} and {:x?}", first.regions, second.regions));
    }
    if one.findings != other.findings {
        return Err(format!("other findings: {:?} and {:?}", one.findings, other.findings));
    }
    Ok(())
}

/// `run --audit` has no findings about `hello`, and no difference from the plan.
fn run(mode: Mode, machine: &str) -> Outcome {
    let mut command = std::process::Command::new(command::path()?);
    command.args(["run", "hello", "--audit=json", "--harts", "2", "--mode", mode.name()]);
    if machine == "simulator" {
        // Others draw machines whose image is beyond the reach of sv39 (R13).
        command.args(["--simulator", "worst", "--seed", "1"]);
    }
    let output = as_text(command.stdin(Stdio::null()).current_dir(checkout()).output())?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{}: {stderr}", output.status));
    }
    let audit: Value = as_text(serde_json::from_slice(&output.stdout))?;
    let differences = &audit["against"]["differences"][0]["count"];
    let harts = &audit["roots"][0]["origin"]["harts"];
    if audit["roots"][0]["mode"] != mode.name() && machine != "simulator" || differences != 0 {
        return Err(format!("the mode or the differences are wrong: {audit}"));
    }
    let is_right = harts.as_array().is_some_and(|harts| harts.len() == 2);
    let named = audit["roots"][0]["regions"].as_array().is_some_and(|regions| {
        regions.iter().any(|region| region["name"] == "stacks")
            && regions.iter().any(|region| region["name"] == "kernel")
    });
    if is_right && named { Ok(()) } else { Err(format!("harts or regions are missing: {audit}")) }
}

/// A kernel that fails after its `main` is audited all the same, and the run fails.
fn of_a_kernel_that_panics() -> Outcome {
    let mut command = std::process::Command::new(command::path()?);
    command.args(["run", "panic", "--audit"]).stdin(Stdio::null()).current_dir(checkout());
    let output = as_text(command.output())?;
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    let has_audit = stdout.contains("audit of the machine at main") && stdout.contains("no findings");
    if output.status.code() == Some(1) && has_audit && stderr.contains("error: the kernel panicked") {
        Ok(())
    } else {
        Err(format!("{}: {stdout}{stderr}", output.status))
    }
}

fn checkout() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
