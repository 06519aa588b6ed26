//! `wrap` refuses a kernel before it builds anything, by the number of the rule.

use std::fs;
use std::process::Command;

use landfall_plan::Policy;
use landfall_predict::sample::sealed;

/// Runs `wrap` in an empty folder, which no checkout contains, and returns status and messages.
fn wrap(arguments: &[&str]) -> (Option<i32>, String) {
    wrap_in_folder(b"no ELF at all", arguments)
}

/// Does the same, with this content of the file `text.elf`.
fn wrap_in_folder(content: &[u8], arguments: &[&str]) -> (Option<i32>, String) {
    let folder = landfall_host::private::folder("landfall-test-").expect("a folder");
    fs::write(folder.path().join("text.elf"), content).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    command.arg("wrap").args(arguments).current_dir(folder.path()).env_remove("LANDFALL_PATH");
    let output = command.output().expect("it runs");
    assert!(output.stdout.is_empty(), "{arguments:?} prints {output:?}");
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1, "{arguments:?} writes a file");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_kernel_that_breaks_a_rule_has_status_1_and_its_rule() {
    let (status, messages) = wrap(&["text.elf"]);
    assert_eq!(status, Some(1), "{messages}");
    assert!(messages.starts_with("error: text.elf breaks rule W1 of wrap: "), "{messages}");
}

#[test]
fn a_file_that_cannot_be_read_has_status_2() {
    let (status, messages) = wrap(&["missing.elf"]);
    assert_eq!(status, Some(2), "{messages}");
    assert!(messages.contains("missing.elf: "), "{messages}");
}

#[test]
fn a_result_never_replaces_the_kernel() {
    for (out, words) in
        [("text.bin", "would be replaced by the ELF of the result"), ("other.elf", "is the name of the ELF")]
    {
        let (status, messages) = wrap(&["text.elf", "--out", out]);
        assert_eq!(status, Some(2), "{messages}");
        assert!(messages.contains(words), "{messages}");
    }
}

#[test]
fn a_landfall_kernel_needs_no_wrapper() {
    let (status, messages) = wrap_in_folder(&sealed(&Policy::new()), &["text.elf"]);
    assert_eq!(status, Some(1), "{messages}");
    assert_eq!(messages, "error: text.elf is a landfall kernel already; boot it as it is\n");
}

#[test]
fn the_folder_of_the_result_must_exist() {
    let (status, messages) = wrap(&["text.elf", "--out", "missing/x.bin"]);
    assert_eq!(status, Some(2), "{messages}");
    assert!(messages.starts_with("error: the folder of missing/x.bin does not exist; "), "{messages}");
}
