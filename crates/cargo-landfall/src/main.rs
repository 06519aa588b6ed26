//! The command line of landfall: arguments, messages and the exit status.
//!
//! ```text
//! cli          the arguments
//! run, test, plan, board, check, audit   the verbs whose results are printed here
//! failure      errors
//! exit_status  the exit status of each error
//! ```

#![deny(unsafe_code)]

mod audit;
mod board;
mod check;
mod cli;
mod exit_status;
mod failure;
mod page;
mod plan;
mod run;
mod test;

use std::process::ExitCode;

fn main() -> ExitCode {
    let status = cli::main(std::env::args_os());
    landfall_host::scratch::interrupted().map_or(status, ExitCode::from)
}
