//! Commands of earlier versions: each says which command replaces it.

use std::process::Command;

/// The removed commands, and the words that replace them.
const REMOVED: [(&str, &str); 1] = [("compare", "run `cargo compare` in a checkout of Landfall")];

#[test]
fn a_removed_command_names_its_replacement_whatever_follows_it() {
    for (name, replacement) in REMOVED {
        for arguments in [&[name][..], &[name, "code", "--format", "json"], &["landfall", name, "--help"]] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
            let output = command.args(arguments).output().expect("it runs");
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}: {stderr}");
            assert!(stderr.starts_with(&format!("error: `{name}` is not")), "{stderr}");
            assert!(stderr.contains(replacement), "{stderr}");
        }
    }
}
