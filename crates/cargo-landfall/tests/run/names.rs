//! Names of addresses, and of traps.

use std::io::Write;
use std::process::Stdio;

use super::{Ended, command, run};

/// The kernel's ELF, after its build.
const ELF: &str = "target/riscv64gc-unknown-none-elf/release/console.elf";

fn symbolize(log: &str, options: &[&str]) -> Ended {
    let mut log_file = tempfile::tempfile().expect("a file");
    log_file.write_all(log.as_bytes()).expect("a log");
    std::io::Seek::rewind(&mut log_file).expect("the log's start");
    Ended::of(command("symbolize").arg(ELF).args(options).stdin(Stdio::from(log_file)))
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_trap_says_its_cause_hart_place_and_value() {
    for (words, cause, rest) in [
        ("load 1008", "load page fault (scause 0xd)", "stval 0x1008, ra 0xffffffff"),
        ("load ffffffff7fffffff", "load page fault (scause 0xd)", "stval 0xffffffff7fffffff, ra"),
        ("call", "instruction page fault (scause 0xc)", "sepc 0x0, stval 0x0, ra 0xffffffff"),
        ("illegal", "illegal instruction (scause 0x2)", "stval 0x0, ra"),
    ] {
        let ended = run(words, &[]);
        ended.ends_with(
            1,
            &format!(
                "error: the kernel panicked: a trap that the kernel does not handle: {cause}, hart 0, sepc 0x"
            ),
        );
        let line = ended.stdout.lines().find(|line| line.starts_with("landfall: panic")).expect("a panic");
        assert!(line.contains(rest), "{line}");
        assert_eq!(line.matches(" as linked").count(), if words == "call" { 1 } else { 2 }, "{line}");
    }
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_trap_withholds_addresses_with_its_policy() {
    let withheld = ["--policy", "addresses=withhold"];
    for (words, rest) in [
        ("load ffffffff7fffffff", "as linked, stval withheld, ra 0x"),
        ("load 1008", "stval 0x1008"),
        ("call", "sepc 0x0"),
    ] {
        let ended = run(words, &withheld);
        let line = ended.stdout.lines().find(|line| line.starts_with("landfall: panic")).expect("a panic");
        assert!(line.contains(rest), "{line}");
    }
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn addresses_are_named_as_they_are_and_as_linked() {
    let ended = run("addresses", &[]);
    ended.ends_with(0, "");
    let names: Vec<_> = ended.stderr.lines().filter(|line| line.starts_with("    0x")).collect();
    assert_eq!(names.len(), 2, "{ended:#?}");
    for name in &names {
        let rest = name.split_once(" = console::traps::load, ").expect("the function").1;
        assert!(rest.contains("kernels/console/src/traps.rs:"), "{name}");
    }
    // The same afterwards. The report for programs is not shown, so the log does not say where the
    // kernel was.
    let runs = ended.stdout.lines().find_map(|line| line.strip_prefix("runs at 0x")).expect("an address");
    let linked = ended.stdout.lines().find_map(|line| line.strip_prefix("linked at ")).expect("an address");
    let number = |text| u64::from_str_radix(text, 16).expect("hex");
    let base =
        format!("{:#x}", number(runs).wrapping_sub(number(linked)).wrapping_add(0xffff_ffff_0000_0000));
    let later = symbolize(&ended.stdout, &["--runs-at", &base]);
    later.ends_with(0, "");
    assert!(names.iter().all(|name| later.stdout.lines().any(|line| line == *name)), "{later:#?}");
    let without = symbolize(&ended.stdout, &[]);
    assert_eq!(without.stdout.lines().filter(|line| line.starts_with("    0x")).count(), 1, "{without:#?}");
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_trap_is_named_with_function_and_line() {
    let ended = run("load 1008", &[]);
    // The load itself is the standard library's, inlined into the function that the kernel's author
    // looks for.
    let line = ended.stderr.lines().find(|line| line.contains("inlined into load, "));
    assert!(line.is_some_and(|line| line.contains("kernels/console/src/traps.rs:")), "{ended:#?}");
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_hostile_log_is_copied_without_control_characters() {
    run("exit 0", &[]).ends_with(0, "");
    let log = "\u{1b}[2J\u{7} 0xffffffff00002000 0xffffffffffffffff\rlandfall: report {\nlandfall: report {\"kernel\":{\"virtual\":\"0x0\"}}\n  kernel      0xffffffffffffffff at 0\n0xfffffffffffffff8 0x0 0x1\n";
    let ended = symbolize(log, &[]);
    ended.ends_with(0, "");
    assert!(!ended.stdout.contains(|letter: char| letter.is_control() && letter != '\n'), "{ended:#?}");
    assert!(ended.stdout.starts_with(r"\x1b[2J\x07 0xffffffff00002000"), "{ended:#?}");
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_flat_image_has_no_names() {
    run("exit 0", &[]).ends_with(0, "");
    let flat = ELF.replace(".elf", ".bin");
    Ended::of(command("symbolize").arg(&flat).stdin(Stdio::null())).ends_with(2, "name its ELF");
}
