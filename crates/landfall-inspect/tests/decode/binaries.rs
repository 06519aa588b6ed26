//! Every instruction of real binaries.

use std::path::PathBuf;
use std::process::Command;

use super::disassembler::disassemble;
use super::judge::judge;

/// Rust's own core library for the target: floating point included.
#[test]
#[ignore = "needs a disassembler: cargo landfall test"]
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
