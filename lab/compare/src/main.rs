//! Prints the tables of one comparison, or of all.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use landfall_compare::{Comparison, ComparisonRequest, TableFormat, landing, run};
use landfall_host::output;
use landfall_host::setup::{self, Consent};

/// Compare designs: placements, code models, conversions of addresses, the mode, boot paths
///
/// Builds and boots kernels that measure, one hart under QEMU's `-icount`, and prints a table for
/// each comparison. Every measured result is also checked. The comparison `split` runs on the
/// simulator.
#[derive(Debug, Parser)]
#[command(version, after_help = "Examples:\n  cargo compare\n  cargo compare conversions --format json")]
struct Arguments {
    /// The comparison [default: all]
    #[arg(value_enum)]
    comparison: Option<Comparison>,

    /// The form of the result
    #[arg(long, value_enum, default_value = "text")]
    format: TableFormat,

    /// Show the result of an earlier `cargo compare split --format json` instead of measuring
    #[arg(long, value_name = "FILE")]
    earlier: Option<PathBuf>,

    /// Write the result of `landing` to docs/performance.json, and its tables to the page
    /// performance
    #[arg(long)]
    record: bool,
}

fn main() -> ExitCode {
    let Arguments { comparison, format, earlier, record } = Arguments::parse();
    setup::decide(Consent::Asked);
    let done =
        if record { landing::record() } else { run(&ComparisonRequest { comparison, format, earlier }) };
    match done.and_then(|()| Ok(output::written()?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(format_args!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
