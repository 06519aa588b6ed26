//! A boot that was written down, and its prediction: the same in everything. They need QEMU and
//! build a kernel, so a plain `cargo test` passes them over.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

/// The boot.
const BOOTS: [&str; 19] = [
    "",
    "--seed 0123456789abcdef --harts 4 --mode sv48",
    "--no-kaslr --memory 4G --mode sv39",
    "--at 0x9a3c5000 --append quiet",
    "--at 0xbffbf000",
    "--append landfall.mode=sv99",
    "--policy physical=pack --memory 16G --mode sv39",
    "--policy physical=random --policy placement=linear-map",
    "--policy alias=absent --policy stack=8K --policy near=0 --harts 3",
    "--policy kernel=0xffffffff80000000 --policy harts=2 --harts 4",
    "--policy linear-map=offset:0xffffffbf80000000@sv39 --mode sv39",
    "--mode sv39 --policy modes=sv48..sv57",
    "--at 0x80205004",
    "-- -cpu rv64,mmu=off",
    "--firmware u-boot --append quiet --initrd Cargo.toml --harts 2 --seed 0123456789abcdef",
    "--firmware uefi --mode sv39",
    "--firmware uefi --append quiet --initrd Cargo.toml --harts 2 --policy physical=random",
    "--board sifive-u --harts 2",
    "--board spike --mode sv39",
];

fn output(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    command.args(arguments).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    command.output().expect("the command runs")
}

fn landfall(arguments: &[&str]) -> (Output, Value) {
    let output = output(arguments);
    let object = serde_json::from_slice(&output.stdout);
    (output.clone(), object.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr))))
}

/// Removes the build ID, which no plan has, and the words of notes. They may be older or newer than
/// the command; the code stays.
fn without_words(mut report: Value) -> Value {
    report.as_object_mut().expect("an object").remove("build_id");
    for note in report["notes"].as_array_mut().into_iter().flatten() {
        note["text"] = Value::Null;
    }
    report
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn what_was_written_down_is_predicted_exactly() {
    let directory = landfall_host::private::folder("landfall-").expect("a directory");
    let file = directory.path().join("facts.json");
    let file = file.to_str().expect("a path");
    for boot in BOOTS {
        let arguments: Vec<_> = boot.split_whitespace().collect();
        let run = [&["run", "--format", "json", "--dump-facts", file][..], &arguments].concat();
        let (ran, report) = landfall(&run);
        let (planned, plan) = landfall(&["plan", "--facts", file, "--format", "json"]);
        assert_eq!(ran.status.code(), planned.status.code(), "{boot}");
        let plan = without_words(plan);
        for (key, value) in without_words(report).as_object().expect("an object") {
            assert_eq!(&plan[key], value, "{key} after `run {boot}`");
        }
    }
}

/// All keys of a report that a plan predicts. `/harts/boot` is not among them: OpenSBI lets the
/// harts race for the boot.
const PREDICTED: [&str; 8] =
    ["/mode", "/kernel", "/linear_map", "/near", "/dynamic", "/table_pages", "/kaslr", "/harts/online"];

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_seeded_machine_is_predicted_before_it_boots() {
    for (machine, boot_hart_varies) in
        [("--seed 0123456789abcdef --harts 2", true), ("--no-kaslr --memory 16G --mode sv39", false)]
    {
        let machine: Vec<_> = machine.split_whitespace().collect();
        let (_, report) = landfall(&[&["run", "--format", "json"][..], &machine].concat());
        let (_, plan) = landfall(&[&["plan", "--format", "json"][..], &machine].concat());
        for key in PREDICTED {
            assert_eq!(plan.pointer(key), report.pointer(key), "{key} with {machine:?}");
        }
        let notes = plan["notes"].as_array().expect("a list");
        let varies = notes.iter().any(|note| note["code"] == "boot-hart-varies");
        assert_eq!(varies, boot_hart_varies, "{machine:?}: {notes:?}");
    }
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_refusal_before_the_first_instruction_says_that_no_facts_are_written() {
    let directory = landfall_host::private::folder("landfall-").expect("a directory");
    let file = directory.path().join("facts.json");
    let run = ["run", "--firmware", "uefi", "--memory", "130G", "--mode", "sv39", "--format", "json"];
    let (output, report) = landfall(&[&run[..], &["--dump-facts", file.to_str().expect("a path")]].concat());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(report["outcome"], "refused", "{report}");
    assert_eq!(stderr.matches("note: no facts are written").count(), 1, "{stderr}");
    assert!(!file.exists());
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn arguments_that_qemu_refuses_end_a_plan_at_once() {
    // The kernel is built before.
    assert!(output(&["plan", "hello"]).status.success());
    let began = Instant::now();
    let output = output(&["plan", "hello", "--", "-no-such-argument"]);
    let (took, stderr) = (began.elapsed(), String::from_utf8_lossy(&output.stderr));
    assert!(stderr.contains("QEMU did not start the machine"), "{stderr}");
    assert!(took < Duration::from_secs(20), "it took {took:?}");
}
