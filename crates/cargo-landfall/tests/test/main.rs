//! `cargo landfall test` as its user meets it: kernels that pass, kernels that fail, a kernel of
//! another project, and the forms of the result.
//!
//! Most boot machines, so a plain `cargo test` passes them over:
//! `cargo test -p cargo-landfall --test test -- --ignored`.

mod failures;
mod foreign;
mod forms;

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The answer of the command.
#[derive(Debug)]
struct Answer {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Runs `test` with these arguments in the checkout.
fn test(arguments: &[&str]) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    command.arg("test").args(arguments).stdin(Stdio::null());
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    let Output { status, stdout, stderr } = command.output().expect("the command runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Answer { status: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// A line of the answer that begins with this word.
fn line<'a>(answer: &'a Answer, word: &str) -> &'a str {
    let line = answer.stdout.lines().find(|line| line.split_whitespace().next() == Some(word));
    line.unwrap_or_else(|| panic!("no line of \"{word}\" in {answer:#?}"))
}

#[test]
#[ignore = "needs QEMU and firmware, and builds a kernel"]
fn a_kernel_that_lands_passes_on_every_axis() {
    // Some seeds load the image beyond the reach of a simulated machine in sv39.
    let answer = test(&["hello", "--seed", "0000000000000007"]);
    assert_eq!(answer.status, Some(0), "{answer:#?}");
    for axis in ["mode", "address", "harts", "memory", "seed", "firmware", "simulator"] {
        assert_eq!(line(&answer, axis).split_whitespace().nth(1), Some("ok"), "{answer:#?}");
    }
    assert!(answer.stdout.trim_end().ends_with("26 passed, 0 failed"), "{answer:#?}");
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn the_same_seed_draws_the_same_addresses() {
    let addresses = |seed| line(&test(&["hello", "--seed", seed, "--only", "address"]), "address").to_owned();
    let (first, again) = (addresses("0000000000000007"), addresses("0000000000000007"));
    assert_eq!(first, again);
    assert_ne!(first, addresses("0000000000000008"));
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_mode_that_the_policy_excludes_does_not_apply() {
    let answer = test(&["wants-sv48", "--only", "mode", "--mode", "sv39,sv48"]);
    assert_eq!(answer.status, Some(0), "{answer:#?}");
    assert_eq!(line(&answer, "mode"), "mode      ok      sv39 not applicable, sv48");
    assert!(answer.stdout.contains("the kernel refuses by rule R"), "{answer:#?}");
}

#[test]
fn a_list_builds_nothing() {
    let answer = test(&["no-such-kernel", "--list", "--only", "memory", "--memory", "64M,3G"]);
    assert_eq!((answer.status, answer.stdout.as_str()), (Some(0), "memory/64M\nmemory/3G\n"), "{answer:#?}");
}

#[test]
fn a_word_that_is_in_no_name_is_a_mistake() {
    let answer = test(&["no-such-kernel", "--only", "moon"]);
    assert_eq!(answer.status, Some(2), "{answer:#?}");
    assert!(answer.stderr.contains("contains \"moon\"; the boots are: mode/sv39"), "{answer:#?}");
}
