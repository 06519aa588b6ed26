//! Makes a bootable image of this package, with the record of an inner kernel in it.
//!
//! `cargo landfall wrap` writes the record, and names its file in a variable. A build without the
//! variable has no inner kernel, and its boot ends with that message.

use std::path::PathBuf;
use std::{env, fs};

/// The variable with the path of the record.
const VARIABLE: &str = "LANDFALL_INNER";

fn main() {
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let place = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("inner");
    let record = match env::var_os(VARIABLE) {
        None => Vec::new(),
        Some(path) => {
            println!("cargo::rerun-if-changed={}", PathBuf::from(&path).display());
            fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", PathBuf::from(&path).display()))
        }
    };
    fs::write(&place, record).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
    landfall_build::Kernel::new().with_host_parts().link();
}
