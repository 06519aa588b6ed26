//! The end of a kernel.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::run;

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_kernel_that_goes_on_after_its_report_runs_until_it_ends() {
    // Two seconds after its report, which is twice what a machine gets to power off.
    run("panic", &[]).ends_with(1, "error: the kernel panicked: on purpose, after the report");
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_panic_behind_an_unfinished_line_is_seen() {
    let ended = run("unfinished", &[]);
    ended.ends_with(1, "error: the kernel panicked: behind half a line");
    assert!(ended.stdout.lines().any(|line| line == "half a line"), "{ended:#?}");
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_panic_with_lines_is_told_in_one() {
    run("lines", &[]).ends_with(1, "failed: three lines; left: 5; right: 6, at kernels/console/src/main.rs");
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn the_code_of_an_exit_is_the_verdict() {
    run("exit 0", &[]).ends_with(0, "");
    run("exit 3", &[]).ends_with(1, "error: the kernel ended with exit code 3");
    // Success without a report is success, unless the report is what the user wants.
    run("silent", &[]).ends_with(0, "");
    run("silent", &["--format", "json"]).ends_with(1, "error: the console has no report");
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_report_is_whole_while_all_other_harts_print() {
    let ended = run("chatter", &["--harts", "4", "--format", "json", "--timeout", "60"]);
    ended.ends_with(0, " has nothing to say, and says it; ");
    let report: Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
    assert_eq!(report["harts"]["online"], 4);
    // All that the other harts say is whole too, but for the last words when the machine ends.
    let ended: Vec<_> = ended.stderr.lines().filter(|line| line.starts_with("hart ")).collect();
    assert!(ended.len() >= 10, "{ended:?}");
    for text in ended.split_last().expect("lines").1 {
        let rest = ["1", "2", "3"].iter().fold((*text).to_owned(), |text, hart| {
            text.replace(&format!("hart {hart} has nothing to say, and says it; "), "")
        });
        assert_eq!(rest, "", "{text}");
    }
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_display_that_prints_does_not_hang() {
    let ended = run("nested", &[]);
    ended.ends_with(0, "");
    assert!(ended.stdout.contains("outside inside\nand back\n"), "{ended:#?}");
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_kernel_that_never_ends_is_ended_in_time_and_the_user_told_what_to_do() {
    let before = Instant::now();
    let ended = run("forever", &["--timeout", "3"]);
    ended.ends_with(1, "did not end within 3 s; wait for a line with --until TEXT");
    assert!(ended.stderr.contains("--timeout SECONDS"), "{ended:#?}");
    assert!(before.elapsed() > Duration::from_secs(3));
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_text_ends_a_kernel_that_never_ends() {
    run("forever", &["--until", "\"outcome\":\"landed\""]).ends_with(0, "");
    // A prompt has no end of a line.
    run("shell", &["--until", "> "]).ends_with(0, "");
    run("forever", &["--until", "no such", "--timeout", "2"])
        .ends_with(1, "error: no line of the console contains \"no such\"; 2 s are over");
    run("exit 0", &["--until", "no such"])
        .ends_with(1, "contains \"no such\"; the machine ended (exit status: 0)");
    run("unfinished", &["--until", "behind"]).ends_with(1, "error: the kernel panicked");
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_machine_that_qemu_prepares_for_long_has_its_whole_time_limit() {
    // QEMU writes 800 MiB before the machine starts, in 3 s or more.
    let ended = run("exit 0", &["--memory", "8T", "--timeout", "2"]);
    ended.ends_with(
        0,
        "note: QEMU prepares 8 TiB of RAM before the machine starts; the time limit is 8 s longer",
    );
    run("exit 0", &["--memory", "1024T"]).ends_with(2, "QEMU");
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn facts_that_cannot_be_written_are_an_error_before_the_boot() {
    let ended = run("exit 0", &["--dump-facts", "/proc/facts"]);
    ended.ends_with(2, "error: cannot write the facts to /proc/facts: ");
    assert_eq!(ended.stdout, "", "the machine has not started");
}
