//! Kernels for a target of their own: a specification in JSON, with another OS than `none`.
//!
//! It takes a nightly compiler with the sources of `core`: `rustup toolchain install nightly
//! --component rust-src`.

use std::fs;
use std::path::Path;
use std::process::Command;

use landfall_boots::command;
use landfall_host::build::{Built, Sealed};
use serde_json::{Value, json};

fn output(command: &mut Command) -> String {
    let output = command.output().expect("a program");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Returns true if the crates take a target for one of kernels: the `cfg` that they all have.
fn is_bare(target: &str) -> bool {
    let cfg = output(Command::new("rustc").args(["--print", "cfg", "--target", target]));
    cfg.lines().all(|line| line != "unix" && line != "windows")
}

#[test]
fn every_target_without_a_family_of_systems_is_one_of_kernels() {
    let targets = output(Command::new("rustc").args(["--print", "target-list"]));
    let bare: Vec<_> =
        targets.lines().filter(|target| target.starts_with("riscv64") && is_bare(target)).collect();
    assert!(bare.contains(&"riscv64gc-unknown-none-elf"), "{bare:?}");
    for system in ["linux", "freebsd", "netbsd", "openbsd", "fuchsia", "android"] {
        assert!(!bare.iter().any(|target| target.contains(system)), "{bare:?}");
    }
}

/// Writes a specification like that of the kernels' target, for the OS `mykernel`.
fn specification(folder: &Path) -> std::path::PathBuf {
    let arguments =
        ["-Zunstable-options", "--print", "target-spec-json", "--target", "riscv64gc-unknown-none-elf"];
    let text = output(Command::new("rustc").args(["+nightly"]).args(arguments));
    let mut specification: Value = serde_json::from_str(&text).expect("JSON");
    specification["os"] = json!("mykernel");
    let path = folder.join("riscv64-mykernel.json");
    fs::write(&path, specification.to_string()).expect("a file");
    path
}

#[test]
#[ignore = "needs a nightly compiler with rust-src, and QEMU"]
fn a_kernel_for_an_os_of_its_own_lands() {
    let folder = landfall_host::private::folder("landfall-").expect("a folder");
    output(
        Command::new("cargo")
            .args(["+nightly", "build", "--release", "--package", "hello", "--target"])
            .arg(specification(folder.path()))
            .args(["-Zbuild-std=core,compiler_builtins", "-Zbuild-std-features=compiler-builtins-mem"])
            .arg("-Zjson-target-spec")
            .env("CARGO_TARGET_DIR", folder.path())
            .env_remove("CARGO")
            .env_remove("RUSTUP_TOOLCHAIN"),
    );
    let linked = folder.path().join("riscv64-mykernel/release/hello");
    let built = Built::beside(&linked);
    built.write(&Sealed::of(&linked, &[]).expect("a kernel")).expect("files");
    output(Command::new(command::path().expect("the command")).arg("run").arg(&built.elf));
}
