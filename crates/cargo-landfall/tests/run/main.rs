//! `run` as its user meets it: a kernel runs until it ends, and its end is the verdict. Each boots
//! the test kernel `console`.
//!
//! They need QEMU, so a plain `cargo test` passes them over: `cargo test -p cargo-landfall --test
//! run -- --ignored`.

mod ends;
mod names;
mod terminal;
mod then;

use std::process::{Command, Output, Stdio};

/// Returns the output and the end of `run console`, with `words` for the kernel, without a
/// terminal.
fn run(words: &str, options: &[&str]) -> Ended {
    Ended::of(command("run").args(["console", "--append", words]).args(options).stdin(Stdio::null()))
}

fn command(verb: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-landfall"));
    command.arg(verb).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    command
}

/// The output of a command.
#[derive(Debug)]
struct Ended {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ended {
    fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().expect("the command runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { status: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    fn ends_with(&self, status: i32, words: &str) {
        assert_eq!(self.status, Some(status), "{self:#?}");
        assert!(self.stderr.contains(words), "no \"{words}\" in {self:#?}");
    }
}
