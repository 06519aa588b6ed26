//! The first hour of a user, without QEMU and without a kernel's build. The ignored tests have the
//! rest.

mod addresses;
mod checkout;
mod install;
mod new;
mod packages;

use std::path::Path;
use std::process::{Command, Output};

/// The command, to be run in `folder`.
fn landfall(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    command.args(arguments).current_dir(folder).env_remove("LANDFALL_PATH");
    command
}

/// The exit status, stdout and stderr.
fn texts_of(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// Writes a file, with the folders that it lies in.
fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}
