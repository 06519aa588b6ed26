//! `run --then`: a kernel that starts the next one. The kernel `kexec` does; `hello` does not.

use std::fs;
use std::process::Stdio;

use super::{Ended, command};

/// Returns the end of `run KERNEL --then ...`.
fn then(kernel: &str, options: &[&str]) -> Ended {
    Ended::of(command("run").args([kernel, "--timeout", "60"]).args(options).stdin(Stdio::null()))
}

#[test]
#[ignore = "needs QEMU, and builds kernels"]
fn the_verdict_is_that_of_the_second_kernel() {
    let ended = then("kexec", &["--then", "console", "--then-append", "exit 3"]);
    ended.ends_with(1, "error: the kernel ended with exit code 3");
    let ended = then("kexec", &["--then", "hello", "--harts", "2", "--format", "json"]);
    ended.ends_with(0, "");
    let report: serde_json::Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
    assert_eq!(report["harts"]["online"], 2);
}

#[test]
#[ignore = "needs QEMU, and builds kernels"]
fn addresses_of_the_second_kernel_have_names() {
    let ended = then("kexec", &["--then", "console", "--then-append", "addresses"]);
    ended.ends_with(0, "");
    // The kernel prints the address of a function as it runs, and as it was linked.
    assert_eq!(ended.stderr.matches(" = console::traps::load").count(), 2, "{ended:#?}");
}

#[test]
#[ignore = "needs QEMU, and builds kernels"]
fn a_kernel_that_starts_no_other_is_a_failure() {
    then("hello", &["--then", "hello"]).ends_with(1, "error: the kernel landed but did not start the next");
    // The text is not looked for in what the first kernel prints up to its report.
    then("hello", &["--then", "hello", "--until", "landed in"])
        .ends_with(1, "error: no line of the console contains \"landed in\"");
}

#[test]
#[ignore = "builds a kernel"]
fn what_cannot_be_the_initrd_is_refused_before_the_boot() {
    let folder = landfall_host::private::folder("landfall-").expect("a folder");
    let (file, missing) = (folder.path().join("file"), folder.path().join("missing"));
    fs::write(&file, "no archive").expect("a file");
    let [file, missing] = [file, missing].map(|path| path.display().to_string());
    let refused = |options: &[&str], words: &str| then("kexec", options).ends_with(2, words);
    refused(&["--then", "hello", "--initrd", &file], "is not a cpio archive in the format newc");
    refused(&["--then", "hello", "--then-initrd", &missing], "cannot read the initrd");
    refused(&["--then", &missing], "cannot read");
    refused(&["--then", "hello", "--", "-initrd", &file], "--then conflicts with QEMU's -initrd");
}
