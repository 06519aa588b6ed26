//! Runs the matrix of boots.

use std::process::ExitCode;

use clap::Parser;
use landfall_boots::{Extent, Options, run};
use landfall_host::output;
use landfall_host::setup::{self, Consent};
use landfall_predict::units::Seed;

/// Test landfall: host tests, then a matrix of boots
#[derive(Debug, Parser)]
struct Arguments {
    /// Thousands of boots
    #[arg(long)]
    soak: bool,

    /// 16 hex digits that choose the fresh batch, as an earlier run printed them
    #[arg(long, value_name = "HEX")]
    matrix_seed: Option<Seed>,

    /// Only boots whose name contains this, and no host tests
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
}

fn main() -> ExitCode {
    let Arguments { soak, matrix_seed, only } = Arguments::parse();
    setup::decide(Consent::Asked);
    let extent = if soak { Extent::Soak } else { Extent::Normal };
    match run(&Options { extent, seed: matrix_seed, only }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(format_args!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
