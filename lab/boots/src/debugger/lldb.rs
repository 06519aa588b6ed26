//! LLDB's tests.

use super::machines::{Debugged, Landed};
use super::{Bench, MAIN, On, Speaker, Test, Where, judge, vmmap};
use landfall_host::setup::Debugger;

pub(super) const STOP: &str =
    "script print('stop:', lldb.frame.pc, lldb.frame.register['satp'].unsigned, lldb.thread.idx)";

/// LLDB 19 finds `main` only without its path.
const SPEAKER: Speaker = Speaker { debugger: Debugger::Lldb, stop: STOP, main: "main" };

pub(super) const TESTS: [(&str, Test); 7] = [
    ("lldb/names-hit-before-and-after-the-landing", names_hit_before_and_after_the_landing),
    ("lldb/names-follow-a-move", names_follow_a_move),
    ("lldb/callers-are-known-before-the-landing", callers_are_known_before_the_landing),
    ("lldb/steps-lead-over-the-landing", steps_lead_over_the_landing),
    ("lldb/any-machine-that-runs", any_machine_that_runs),
    ("lldb/modules-are-known", modules_are_known),
    ("lldb/vmmap-equals-the-tables", vmmap_equals_the_tables),
];

fn names_hit_before_and_after_the_landing(bench: &Bench) -> Result<(), String> {
    super::names_hit_before_and_after_the_landing(bench, SPEAKER)
}

fn names_follow_a_move(bench: &Bench) -> Result<(), String> {
    super::names_follow_a_move(bench, SPEAKER)
}

fn callers_are_known_before_the_landing(bench: &Bench) -> Result<(), String> {
    let machine = Debugged::start(bench, &[])?;
    let transcript =
        machine.send(Debugger::Lldb, &["tbreak landfall_plan", "continue", "thread backtrace", "kill"])?;
    if is_in(&transcript, "make_plan", "land.rs") {
        Ok(())
    } else {
        Err(format!("the stop's backtrace has no make_plan in land.rs: {transcript}"))
    }
}

fn steps_lead_over_the_landing(bench: &Bench) -> Result<(), String> {
    let machine = Debugged::start(bench, &["--mode", "sv48"])?;
    // One step reaches the instruction that changes symbols, and ends behind the write to satp.
    let before = "script lldb.target.BreakpointCreateByAddress(\
        lldb.target.FindSymbols('landfall_leap_fence')[0].symbol.addr.GetLoadAddress(lldb.target) - 4)";
    let commands = [before, "continue", "stepi", STOP, "tbreak main", "continue", STOP, "continue"];
    let transcript = machine.send(Debugger::Lldb, &commands)?;
    machine.ends_with(
        &transcript,
        &[("landfall_landed", Where::Landed, On::BootHart), (MAIN, Where::Landed, On::BootHart)],
    )
}

fn vmmap_equals_the_tables(bench: &Bench) -> Result<(), String> {
    vmmap::equals_the_tables(bench, SPEAKER)
}

fn modules_are_known(bench: &Bench) -> Result<(), String> {
    let commands = [
        "tbreak space_between",
        "continue",
        "tbreak base_add",
        "continue",
        "thread backtrace",
        "landfall vmmap $pc",
        "kill",
    ];
    super::modules_are_known(bench, Debugger::Lldb, &commands)
}

fn any_machine_that_runs(bench: &Bench) -> Result<(), String> {
    let machine = Landed::start(bench)?;
    let transcript = machine.send(Debugger::Lldb, &["thread backtrace", STOP, "process kill"])?;
    if !is_in(&transcript, "main", "main.rs") {
        return Err(format!("LLDB does not know that the kernel is in main: {transcript}"));
    }
    judge(bench, &machine.report, &transcript, &[(MAIN, Where::Landed, On::BootHart)])
}

/// Returns true if a frame is in this function, whatever was inlined there.
fn is_in(transcript: &str, function: &str, file: &str) -> bool {
    let function = format!("`{function} ");
    transcript.lines().any(|line| line.contains("frame #") && line.contains(&function) && line.contains(file))
}
