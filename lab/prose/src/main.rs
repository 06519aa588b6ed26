//! `cargo run -p landfall-prose -- FILE...` prints the faults of files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use landfall_prose::faults;
use landfall_prose::register::{LIST, Register};

const USAGE: &str = "usage: landfall-prose FILE... | --shrink";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [] => Err(io::Error::other(USAGE)),
        [option] if option == "--shrink" => shrink(),
        files => print(files),
    };
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

/// Writes the shorter list of files that are not converted.
fn shrink() -> io::Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let register = Register::of_checkout(&root)?;
    let list: PathBuf = root.join(LIST);
    fs::write(&list, register.shrunk())?;
    println!("{LIST}: {} files to convert", register.shrunk().lines().count());
    Ok(ExitCode::SUCCESS)
}
