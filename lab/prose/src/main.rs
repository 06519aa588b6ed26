//! `cargo run -p landfall-prose -- FILE...` prints the faults of files.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use landfall_prose::faults;

const USAGE: &str = "usage: landfall-prose FILE...";

fn main() -> ExitCode {
    let files: Vec<String> = env::args().skip(1).collect();
    let result = if files.is_empty() { Err(io::Error::other(USAGE)) } else { print(&files) };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

/// Prints the faults of files. Exit status: 1 if there are any.
fn print(files: &[String]) -> io::Result<ExitCode> {
    let mut status = ExitCode::SUCCESS;
    for file in files {
        let text = fs::read_to_string(file)
            .map_err(|error| io::Error::new(error.kind(), format!("{file} cannot be read; {error}")))?;
        for fault in faults(Path::new(file), &text) {
            println!("{file}:{fault}");
            status = ExitCode::FAILURE;
        }
    }
    Ok(status)
}
