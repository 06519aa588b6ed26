//! The command itself, outside any Cargo project.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use landfall_image::inner::{ALIGNMENT, Options, Part, PartKind, size, write};
use landfall_plan::Policy;
use serde_json::Value;
use tempfile::TempDir;

use crate::kernel::image;
use crate::writer::{Board, virt};

/// A directory with a kernel, two boards, and what is neither.
fn directory() -> TempDir {
    let directory = landfall_host::private::folder("landfall-").expect("a directory");
    let put = |name: &str, bytes: &[u8]| fs::write(directory.path().join(name), bytes).expect("a file");
    put("kernel.bin", &image(&Policy::new()));
    put("virt.dtb", &virt(1 << 30, "riscv,sv39"));
    put("bare.dtb", &Board::new().hart(0, Some("riscv,sv39")).dtb());
    put("cut.dtb", &virt(1 << 30, "riscv,sv39")[..200]);
    put("empty.dtb", b"");
    put("text", b"no tree and no kernel");
    directory
}

fn landfall(directory: &Path, arguments: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    command.args(arguments.split_whitespace()).current_dir(directory).output().expect("the command runs")
}

fn texts_of(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_plan_needs_no_cargo_project() {
    let directory = directory();
    let (code, stdout, stderr) = texts_of(&landfall(directory.path(), "plan ./kernel.bin --dtb virt.dtb"));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.starts_with("would land in sv39\n"), "{stdout}");
}

#[test]
fn json_and_svg_have_stdout_to_themselves() {
    let directory = directory();
    let json = "plan ./kernel.bin --dtb virt.dtb --seed 0123456789abcdef --format json";
    let (code, stdout, _) = texts_of(&landfall(directory.path(), json));
    let plan: Value = serde_json::from_str(&stdout).expect("one object");
    assert_eq!((code, &plan["outcome"]), (Some(0), &Value::from("landed")));
    assert_eq!(texts_of(&landfall(directory.path(), json)).1, stdout, "the same seed gives the same plan");
    let (_, stdout, _) =
        texts_of(&landfall(directory.path(), "plan ./kernel.bin --dtb virt.dtb --format svg"));
    assert!(stdout.starts_with("<svg") && stdout.trim_end().ends_with("</svg>"));
}

#[test]
fn a_refusal_is_status_1_and_a_sentence() {
    let directory = directory();
    let (code, stdout, stderr) =
        texts_of(&landfall(directory.path(), "plan ./kernel.bin --dtb bare.dtb --format json"));
    let object: Value = serde_json::from_str(&stdout).expect("one object");
    assert_eq!((code, &object["refusal"]["rule"]), (Some(1), &Value::from("R8")));
    assert!(stderr.contains("state the memory as BASE:SIZE with --memory"), "{stderr}");
    let supplied = "plan ./kernel.bin --dtb bare.dtb --memory 0x80000000:1G --policy stack=8K";
    assert_eq!(landfall(directory.path(), supplied).status.code(), Some(0));
}

#[test]
fn a_refused_inner_kernel_is_status_1_and_its_rule() {
    let parts = [Part { kind: PartKind::Kernel, bytes: b"no kernel" }];
    let mut record = vec![0; size(&parts)];
    write(&parts, Options::default(), &mut record).expect("a record");
    let mut wrapper = image(&Policy::new());
    wrapper.resize(wrapper.len().next_multiple_of(ALIGNMENT), 0);
    wrapper.extend(record);
    let directory = directory();
    fs::write(directory.path().join("wrapper.bin"), wrapper).expect("a file");
    let (code, stdout, stderr) = texts_of(&landfall(directory.path(), "plan ./wrapper.bin --dtb virt.dtb"));
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(stdout.starts_with("would land in sv39, and refuse the inner kernel by W1\n"), "{stdout}");
    assert!(stderr.starts_with("error: the wrapper would refuse the inner kernel, rule W1: "), "{stderr}");
    let (code, stdout, _) =
        texts_of(&landfall(directory.path(), "plan ./wrapper.bin --dtb virt.dtb --format json"));
    let object: Value = serde_json::from_str(&stdout).expect("one object");
    assert_eq!((code, &object["outcome"]), (Some(1), &Value::from("refused")));
    assert_eq!(
        (&object["refusal"]["rule"], &object["inner"]["rule"]),
        (&Value::from("W1"), &Value::from("W1"))
    );
    assert_eq!(object["mode"], "sv39");
}

#[test]
fn the_keys_of_a_policy_are_no_mistake() {
    let directory = directory();
    for arguments in ["plan --policy help", "run --policy help --policy kaslr=off"] {
        let (code, stdout, stderr) = texts_of(&landfall(directory.path(), arguments));
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments}");
        assert!(stdout.contains("\n  placement   own-region or linear-map"), "{stdout}");
    }
}

/// A disk without room, as a file.
#[cfg(target_os = "linux")]
#[test]
fn half_a_plan_is_an_error_unless_nobody_reads_it() {
    use std::process::Stdio;

    let directory = directory();
    let plan = |stdout: Stdio| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
        let command = command.args(["plan", "./kernel.bin", "--dtb", "virt.dtb", "--format", "svg"]);
        let child = command.current_dir(directory.path()).stdout(stdout).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("the command runs");
        drop(child.stdout.take());
        texts_of(&child.wait_with_output().expect("the command ends"))
    };
    let full = fs::File::options().write(true).open("/dev/full").expect("it is everywhere");
    let (code, _, stderr) = plan(full.into());
    assert!(code == Some(2) && stderr.contains("error: cannot write the result"), "{code:?} {stderr}");
    let (code, _, stderr) = plan(Stdio::piped());
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
}

#[test]
fn what_cannot_be_read_or_meant_is_status_2() {
    let directory = directory();
    for (arguments, words) in [
        ("plan ./kernel.bin --dtb text", "not a device tree"),
        ("plan ./kernel.bin --dtb nothing", "nothing"),
        ("plan ./kernel.bin --dtb empty.dtb", "is empty"),
        ("plan ./kernel.bin --dtb cut.dtb", "truncated"),
        ("plan ./text --dtb virt.dtb", "not a kernel"),
        ("plan --dtb virt.dtb", "no kernel is selected"),
        ("plan --facts text", "not a file of facts"),
        ("plan --facts virt.dtb --dtb virt.dtb", "--dtb"),
        ("plan ./kernel.bin --dtb virt.dtb --memory 1G", "BASE:SIZE"),
        ("plan ./kernel.bin --dtb virt.dtb --memory 0x80000000:1024", "whole page"),
        ("plan ./kernel.bin --dtb virt.dtb --memory 0xffffffff80000000:1G", "2^56"),
        ("plan ./kernel.bin --dtb virt.dtb --tree-at 0xfffffffffffff000", "no room for its"),
        ("plan ./kernel.bin --dtb virt.dtb --boot-hart 3", "no enabled hart 3"),
        ("plan ./kernel.bin --dtb virt.dtb --policy kernel=0xffffffff80001000", "multiple of 2 MiB"),
        ("plan ./kernel.bin --dtb virt.dtb --policy stack=5K", "multiple of 4 KiB"),
        ("plan ./kernel.bin --memory 0x80000000:1G", "--dtb"),
    ] {
        let (code, stdout, stderr) = texts_of(&landfall(directory.path(), arguments));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments}: {stderr}");
        assert!(stderr.contains(words), "{arguments}: {stderr}");
    }
}
