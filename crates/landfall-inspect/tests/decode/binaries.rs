//! Every instruction of real binaries.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::disassembler::disassemble;
use super::judge::judge;

/// Rust's own core library for the target: floating point included.
#[test]
fn every_instruction_of_the_core_library() {
    let output = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", "riscv64gc-unknown-none-elf"])
        .output()
        .unwrap();
    let folder = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim());
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rlib") {
            compared += judge(&disassemble(&path));
        }
    }
    assert!(compared > 80_000, "{compared} instructions");
}

/// Kernels and firmware of others: `LANDFALL_BINARIES=FILE:FILE cargo test -p landfall-inspect --test decode -- --ignored --nocapture`.
#[test]
#[ignore = "needs files that others built"]
fn every_instruction_of_the_given_files() {
    let files =
        std::env::var("LANDFALL_BINARIES").expect("LANDFALL_BINARIES names files, separated by colons");
    for file in files.split(':') {
        println!("{file}: {} instructions agree", judge(&disassemble(Path::new(file))));
    }
}
