//! The command line of landfall; everything it does lies in the library of this package.

use std::process::ExitCode;

fn main() -> ExitCode {
    cargo_landfall::cli::main(std::env::args_os())
}
