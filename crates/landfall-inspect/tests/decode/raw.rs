//! The oracle's word on code that no file holds.

use std::process::Command;

use super::disassembler::{Line, disassemble, run, tool};

/// Returns its listing of code that begins at address 0.
pub(crate) fn disassemble_bytes(code: &[u8]) -> Vec<Line> {
    let folder = tempfile::tempdir().unwrap();
    let (raw, elf) = (folder.path().join("raw"), folder.path().join("elf"));
    std::fs::write(&raw, code).unwrap();
    run(Command::new(tool("llvm-objcopy"))
        .args(["-I", "binary", "-O", "elf64-littleriscv", "--rename-section=.data=.text,alloc,code"])
        .args([&raw, &elf]));
    disassemble(&elf)
}
