//! Writes the listings of the public API to `docs/api`.

use std::process::ExitCode;

use landfall_api::{listings, toolchain};

fn main() -> ExitCode {
    if let Some(code) = toolchain::work() {
        return code;
    }
    let program = std::env::current_exe().expect("this program");
    let written = listings(&program).and_then(|listings| {
        listings.iter().try_for_each(|listing| {
            println!("{}", listing.path().display());
            listing.write()
        })
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
