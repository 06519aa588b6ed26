//! The Rust that writes rustdoc's JSON.
//!
//! The format is unstable: stable Rust writes it only with `RUSTC_BOOTSTRAP` set. That variable
//! would also change how dependencies build, so only rustdoc gets it. Cargo runs this program in
//! place of rustdoc, and it starts the real one ([`work`]).

use std::path::Path;
use std::process::{Command, ExitCode};
use std::{env, io};

/// The version whose JSON the dependency `public-api` reads.
pub const TOOLCHAIN: &str = "1.95.0";

/// Set for the process that takes the place of rustdoc.
const WORKER: &str = "LANDFALL_API_RUSTDOC";

/// Returns Cargo of the right version, which documents by this program.
///
/// `program` is this package's binary.
#[must_use]
pub fn cargo(program: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    if !is_right() {
        // rustup's cargo obeys, and reports a version that is not installed.
        cargo.env("RUSTUP_TOOLCHAIN", TOOLCHAIN);
    }
    cargo.env("RUSTDOC", program).env(WORKER, "1");
    cargo
}

/// Returns true if the rustc in use has the right version.
fn is_right() -> bool {
    let output = Command::new("rustc").arg("--version").output();
    let version = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    version.is_ok_and(|version| version.split(' ').nth(1) == Some(TOOLCHAIN))
}

/// Does rustdoc's work if this process was started in its place.
#[must_use]
pub fn work() -> Option<ExitCode> {
    env::var_os(WORKER)?;
    Some(match rustdoc() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: rustdoc does not start; {error}; install Rust {TOOLCHAIN} by rustup");
            ExitCode::FAILURE
        }
    })
}

fn rustdoc() -> io::Result<ExitCode> {
    let mut rustdoc = Command::new("rustdoc");
    let status = rustdoc.args(env::args_os().skip(1)).env("RUSTC_BOOTSTRAP", "1").status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
