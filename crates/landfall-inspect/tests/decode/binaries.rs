//! Every instruction of real binaries.

use std::path::PathBuf;
use std::process::Command;

use landfall_inspect::decode::{Operation, decode};

use super::disassembler::{disassemble, run};
use super::judge::judge;

/// Rust's own core library for the target: floating point included.
#[test]
#[ignore = "needs a disassembler: cargo test -- --include-ignored"]
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

/// Features that compilers choose instructions of, without being asked for any by name.
const FEATURES: &str = "+v,+zba,+zbb,+zbc,+zbs,+zbkb,+zcb,+zicond,+zabha,+zacas,+zfa,+zvbb";

/// Code as Rust compiles it for RVA23 and more.
#[test]
#[ignore = "needs a disassembler: cargo test -- --include-ignored"]
fn every_instruction_of_code_with_extensions() {
    let folder = tempfile::tempdir().unwrap();
    let (source, object) = (folder.path().join("extended.rs"), folder.path().join("extended.o"));
    std::fs::write(&source, include_str!("extended.rs.in")).unwrap();
    run(Command::new("rustc")
        .args(["--edition=2024", "--crate-type=lib", "--emit=obj", "-Copt-level=3"])
        .args(["--target=riscv64gc-unknown-none-elf", &format!("-Ctarget-feature={FEATURES}"), "-o"])
        .args([&object, &source]));
    let lines = disassemble(&object);
    judge(&lines);
    let is_beyond = |bytes: &[u8]| matches!(decode(bytes).unwrap().operation, Operation::Extension(_));
    let beyond = lines.iter().filter(|line| is_beyond(&line.bytes)).count();
    assert!(beyond > 40, "{beyond} of {} instructions", lines.len());
}
