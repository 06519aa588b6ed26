//! A kernel without landfall.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{line, test};

/// Builds the kernel `other.rs` in `folder`.
fn other(folder: &Path) -> PathBuf {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/test");
    let elf = folder.join("other.elf");
    let script = format!("-Clink-arg=-T{}", sources.join("other.ld").display());
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition=2024", "--target=riscv64gc-unknown-none-elf", "-Cpanic=abort", "-O"]);
    rustc.args(["-Crelocation-model=static", &script, "-o"]).arg(&elf).arg(sources.join("other.rs"));
    assert!(rustc.status().expect("rustc runs").success());
    elf
}

#[test]
#[ignore = "needs QEMU and the Rust target"]
fn its_rights_are_reported_and_what_it_cannot_do_does_not_apply() {
    let folder = landfall_host::private::folder("landfall-test-").expect("a folder");
    let elf = other(folder.path());
    let path = elf.to_str().expect("UTF-8");
    let arguments = ["--until", "other: ready", "--addresses", "1", "--memory", "128M", "--harts", "2"];
    let answer = test(&[&[path][..], &arguments].concat());
    assert_eq!(answer.status, Some(0), "{answer:#?}");
    assert_eq!(line(&answer, "mode"), "mode      ok      sv39, sv48 (takes sv39), sv57 (takes sv39)");
    assert_eq!(line(&answer, "address"), "address   -       1 not applicable");
    assert!(answer.stdout.contains("its segments name 0x80200000"), "{answer:#?}");
    assert!(answer.stdout.contains("firmware/uefi is not applicable: it has no boot header"), "{answer:#?}");
    let rights = "mode/sv39: sv39, 1 GiB executable, 1 GiB writable, 1 GiB both";
    assert!(answer.stdout.contains(rights), "{answer:#?}");
    let silent = test(&[path, "--until", "never", "--only", "mode/sv39", "--timeout", "2"]);
    assert_eq!(silent.status, Some(1), "{silent:#?}");
    assert!(silent.stdout.contains("no line of the console contains \"never\"; 2 s are over"), "{silent:#?}");
}

#[test]
#[ignore = "needs QEMU and the Rust target"]
fn it_requires_a_text_for_its_verdict() {
    let folder = landfall_host::private::folder("landfall-test-").expect("a folder");
    let answer = test(&[other(folder.path()).to_str().expect("UTF-8")]);
    assert_eq!(answer.status, Some(2), "{answer:#?}");
    assert!(answer.stderr.contains("name the text of success with --until TEXT"), "{answer:#?}");
}
