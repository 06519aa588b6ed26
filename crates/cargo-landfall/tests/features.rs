//! A kernel without some features of the crate `landfall`: what lands, and what is refused by name.
//!
//! The kernel is `lab/kernels/features`. The tests need QEMU and build it, so a plain `cargo test`
//! passes them over: `cargo test -p cargo-landfall --test features -- --ignored`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use landfall_image::record::Record;
use landfall_image::seal;
use landfall_plan::Policy;
use landfall_plan::policy::PhysicalPlacement;
use serde_json::{Value, json};

/// Sets of features, and the features that the image's record must list as compiled out.
const SETS: [(&str, &[&str]); 6] = [
    ("", &["efi", "acpi", "report", "relocate"]),
    ("report,relocate", &["efi", "acpi"]),
    ("efi,report,relocate", &["acpi"]),
    ("acpi,relocate", &["report"]),
    ("acpi,report", &["relocate"]),
    ("acpi,report,relocate", &[]),
];

/// All sets have one file at Cargo's place: one test at a time builds it and uses it.
static KERNEL: Mutex<()> = Mutex::new(());

#[derive(Debug)]
struct Ended {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ended {
    fn of(verb: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
        command.args(["landfall", verb]).args(arguments).stdin(Stdio::null()).current_dir(root());
        let output = command.output().expect("the command runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        Self { status: output.status.code(), stdout, stderr }
    }

    /// The command ends with `status`, and a line that it prints has `words`.
    fn ends_with(&self, status: i32, words: &str) {
        let mut lines = self.stdout.lines().chain(self.stderr.lines());
        assert!(self.status == Some(status) && lines.any(|line| line.contains(words)), "{words}: {self:#?}");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn kernel(verb: &str, features: &str, arguments: &[&str]) -> Ended {
    Ended::of(verb, &[&["features", "--features", features][..], arguments].concat())
}

fn alone() -> impl Drop {
    KERNEL.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn every_feature_can_be_left_out_and_the_record_lists_it() {
    let _alone = alone();
    let image = root().join("target/riscv64gc-unknown-none-elf/release/features.bin");
    for (features, missing) in SETS {
        kernel("run", features, &[]).ends_with(0, "landed in sv57");
        let checked = Ended::of("check", &[image.to_str().expect("a path"), "--format", "json"]);
        let checked: Value = serde_json::from_str(&checked.stdout).expect("one JSON object");
        assert_eq!((&checked["compiled_out"], &checked["findings"]), (&json!(missing), &json!(0)));
        let begins = fs::read(&image).expect("the image").starts_with(b"MZ");
        assert_eq!(begins, !missing.contains(&"efi"), "{features}");
    }
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn without_efi_the_kernel_boots_from_a_disk_and_uefi_is_refused() {
    let _alone = alone();
    kernel("run", "report", &["--firmware", "u-boot"]).ends_with(0, "landed in sv57");
    kernel("run", "report", &["--firmware", "uefi"]).ends_with(2, "without the feature `efi` of landfall");
    kernel("run", "efi,report", &["--firmware", "uefi"]).ends_with(0, "landed in sv57");
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn without_acpi_a_machine_without_a_tree_is_refused() {
    let _alone = alone();
    let options = ["--firmware", "uefi", "--", "-machine", "acpi=on"];
    kernel("run", "efi,report", &options)
        .ends_with(1, "rule R27: the firmware describes the machine by ACPI");
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn without_report_another_end_is_the_verdict() {
    let _alone = alone();
    kernel("run", "", &[]).ends_with(0, "note: the kernel prints no landing report");
    kernel("run", "", &["--until", "landed in", "--append", "hold"]).ends_with(0, "features: landed in sv57");
    let json = kernel("run", "", &["--format", "json"]);
    json.ends_with(2, "without the feature `report` of landfall");
    assert_eq!(json.stdout, "");
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn without_relocate_a_policy_that_moves_the_image_is_refused() {
    let _alone = alone();
    let moving = ["--policy", "physical=random"];
    kernel("run", "report", &moving).ends_with(2, "without the feature `relocate` of landfall");
    kernel("plan", "report", &moving).ends_with(1, "rule R27: the policy moves the image");
    kernel("run", "report,relocate", &moving).ends_with(0, "[image-moved]");
    kernel("build", "moving-policy", &[]).ends_with(1, "is built without its feature `relocate`");
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn without_relocate_a_policy_that_was_changed_in_the_file_is_refused_by_check_and_by_the_kernel() {
    let _alone = alone();
    kernel("build", "report", &[]).ends_with(0, "");
    let built = root().join("target/riscv64gc-unknown-none-elf/release/features.bin");
    let mut image = fs::read(built).expect("the image");
    let record = Record::read(&image).expect("a record");
    let at = record.policy.offset as usize;
    let policy = image[at..].first_chunk_mut::<{ Policy::RECORD_SIZE }>().expect("a policy");
    *policy = Policy::from_record(policy)
        .expect("a policy")
        .with_physical_placement(PhysicalPlacement::Pack)
        .record();
    seal::seal(&mut image).expect("a sound image");
    let directory = landfall_host::private::folder("landfall-").expect("a directory");
    let file = directory.path().join("changed.bin");
    fs::write(&file, image).expect("a file");
    let file = file.to_str().expect("a path");
    Ended::of("check", &[file]).ends_with(1, "policy-compiled-out");
    let run = Ended::of("run", &[file, "--allow", "policy-compiled-out=a test"]);
    run.ends_with(1, "rule R27: the policy moves the image in physical memory");
}
