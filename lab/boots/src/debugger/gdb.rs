//! gdb's tests.

use std::fs;

use super::core;
use super::machines::{Debugged, Landed};
use super::{Bench, MAIN, On, Speaker, Test, Where, judge, lldb, output, path, vmmap};
use crate::icicle;
use crate::session::as_text;
use landfall_host::setup::{self, Debugger};

/// The least that QEMU gives this board.
const ICICLE_MEMORY: u64 = 1537 << 20;

const STOP: &str = r#"printf "stop: %lu %lu %d\n", $pc, $satp, $_thread"#;

const SPEAKER: Speaker = Speaker { debugger: Debugger::Gdb, stop: STOP, main: MAIN };

pub(super) const TESTS: [(&str, Test); 14] = [
    ("gdb/names-hit-before-and-after-the-landing", names_hit_before_and_after_the_landing),
    ("gdb/names-follow-a-move", names_follow_a_move),
    ("gdb/names-hit-where-uefi-puts-the-kernel", names_hit_where_uefi_puts_the_kernel),
    ("gdb/uefi-may-load-a-kernel-that-never-reports", uefi_may_load_a_kernel_that_never_reports),
    ("gdb/steps-lead-over-the-landing", steps_lead_over_the_landing),
    ("gdb/a-machine-is-left-and-found-again", a_machine_is_left_and_found_again),
    ("gdb/any-machine-that-runs", any_machine_that_runs),
    ("gdb/names-hit-on-harts-of-the-second-kind", names_hit_on_harts_of_the_second_kind),
    ("gdb/names-hit-on-an-icicle-kit", names_hit_on_an_icicle_kit),
    ("gdb/another-kernel-is-reported", another_kernel_is_reported),
    ("gdb/modules-are-known", modules_are_known),
    ("gdb/vmmap-equals-the-tables", vmmap_equals_the_tables),
    ("gdb/a-core-has-names-and-stacks", core::a_core_has_names_and_stacks),
    ("gdb/other-cores-are-refused", core::other_cores_are_refused),
];

fn names_hit_before_and_after_the_landing(bench: &Bench) -> Result<(), String> {
    super::names_hit_before_and_after_the_landing(bench, SPEAKER)
}

fn names_follow_a_move(bench: &Bench) -> Result<(), String> {
    super::names_follow_a_move(bench, SPEAKER)
}

/// And a debugger that comes later finds the kernel, still physical, and landed. The last one is
/// LLDB: two boots less.
fn names_hit_where_uefi_puts_the_kernel(bench: &Bench) -> Result<(), String> {
    let machine = Debugged::start(bench, &["--firmware", "uefi"])?;
    let mut transcript =
        machine.send(Debugger::Gdb, &["break landfall_land", "continue", STOP, "disconnect"])?;
    transcript
        .push_str(&machine.send(Debugger::Gdb, &["break hello::main", "continue", STOP, "disconnect"])?);
    as_text(setup::debugger(Debugger::Lldb))?;
    let last = ["tbreak landfall_power_off", "continue", lldb::STOP, "continue"];
    transcript.push_str(&machine.send(Debugger::Lldb, &last)?);
    machine.ends_with(
        &transcript,
        &[
            ("landfall_land", Where::Loaded, On::BootHart),
            (MAIN, Where::Landed, On::BootHart),
            ("landfall_power_off", Where::Landed, On::BootHart),
        ],
    )
}

fn uefi_may_load_a_kernel_that_never_reports(bench: &Bench) -> Result<(), String> {
    let machine = Debugged::start_kernel(bench, "panic", &["--firmware", "uefi"])?;
    let transcript = machine.send(Debugger::Gdb, &["info symbol $pc", "kill"])?;
    if transcript.contains("_start in section") {
        Ok(())
    } else {
        Err(format!("the machine does not stand at _start: {transcript}"))
    }
}

fn steps_lead_over_the_landing(bench: &Bench) -> Result<(), String> {
    let machine = Debugged::start(bench, &["--mode", "sv48"])?;
    let mut commands = vec!["tbreak landfall_build_tables", "continue", "tbreak landfall_walked", "continue"];
    // From the end of the walk through the tables on, through `csrw satp`.
    commands.extend(["stepi 5", STOP, "tbreak hello::main", "continue", STOP, "continue"]);
    let transcript = machine.send(Debugger::Gdb, &commands)?;
    machine.ends_with(
        &transcript,
        &[("landfall_landed", Where::Landed, On::BootHart), (MAIN, Where::Landed, On::BootHart)],
    )
}

fn a_machine_is_left_and_found_again(bench: &Bench) -> Result<(), String> {
    let machine = Debugged::start(bench, &["--seed", "0123456789abcdef"])?;
    let mut transcript = machine.send(Debugger::Gdb, &["break hello::main", "continue", "disconnect"])?;
    transcript.push_str(
        &machine.send(Debugger::Gdb, &[STOP, "break landfall_power_off", "continue", STOP, "continue"])?,
    );
    machine.ends_with(
        &transcript,
        &[(MAIN, Where::Landed, On::BootHart), ("landfall_power_off", Where::Landed, On::BootHart)],
    )
}

fn any_machine_that_runs(bench: &Bench) -> Result<(), String> {
    let machine = Landed::start(bench)?;
    let transcript = machine.send(Debugger::Gdb, &["info symbol $pc", STOP, "disconnect"])?;
    machine.can_be_released()?;
    if !transcript.contains("hello::main + ") {
        return Err(format!("gdb does not know that the kernel is in main: {transcript}"));
    }
    judge(bench, &machine.report, &transcript, &[(MAIN, Where::Landed, On::BootHart)])
}

fn names_hit_on_harts_of_the_second_kind(bench: &Bench) -> Result<(), String> {
    names_hit_on_a_board(bench, &["--board", "sifive-u", "--harts", "2"])
}

fn names_hit_on_an_icicle_kit(bench: &Bench) -> Result<(), String> {
    let folder = as_text(landfall_host::private::folder("landfall-"))?;
    let tree = folder.path().join("board.dtb");
    as_text(fs::write(&tree, icicle::tree(ICICLE_MEMORY)))?;
    let memory = ICICLE_MEMORY.to_string();
    let board = ["--board", "icicle", "--harts", "5", "--memory", &memory, "--", "-dtb", &path(&tree)];
    names_hit_on_a_board(bench, &board)
}

/// Harts of two kinds are two processes for gdb. These boards have no way to power off.
fn names_hit_on_a_board(bench: &Bench, board: &[&str]) -> Result<(), String> {
    let machine = Debugged::start(bench, board)?;
    let mut transcript =
        machine.send(Debugger::Gdb, &["break landfall_plan", "continue", STOP, "disconnect"])?;
    let rest = ["break hello::main", "break landfall_power_off", "continue", STOP, "continue", STOP, "kill"];
    transcript.push_str(&machine.send(Debugger::Gdb, &rest)?);
    machine.ends_with(
        &transcript,
        &[
            ("landfall_plan", Where::Loaded, On::BootHartFrom1),
            (MAIN, Where::Landed, On::BootHartFrom1),
            ("landfall_power_off", Where::Landed, On::BootHartFrom1),
        ],
    )
}

fn vmmap_equals_the_tables(bench: &Bench) -> Result<(), String> {
    vmmap::equals_the_tables(bench, SPEAKER)
}

/// At the first meeting of the harts one module is loaded.
fn modules_are_known(bench: &Bench) -> Result<(), String> {
    let commands = [
        "tbreak space_between",
        "continue",
        "tbreak base_add",
        "continue",
        "backtrace 1",
        "landfall vmmap $pc",
        "kill",
    ];
    super::modules_are_known(bench, Debugger::Gdb, &commands)
}

fn another_kernel_is_reported(bench: &Bench) -> Result<(), String> {
    let machine = Debugged::start(bench, &[])?;
    let rules = path(&bench.kernels.get("rules")?.elf);
    let output = output(Debugger::Gdb, machine.folder.path(), &[&rules], &["continue"])?;
    let transcript = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(1) && transcript.contains("no memory begins with its first bytes") {
        Ok(())
    } else {
        Err(format!("{}, and it says: {transcript}", output.status))
    }
}
