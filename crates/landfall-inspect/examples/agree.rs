//! Compares the decoder with `llvm-objdump` over every instruction of files: `cargo run -p
//! landfall-inspect --example agree FILE...`. It stops at the first difference.

#![expect(clippy::unwrap_used, reason = "the judge is that of the tests")]

#[path = "../tests/decode/beyond.rs"]
mod beyond;
#[path = "../tests/decode/disassembler.rs"]
mod disassembler;
#[path = "../tests/decode/expanded.rs"]
mod expanded;
#[path = "../tests/decode/judge.rs"]
mod judge;

use std::path::Path;

fn main() {
    for file in std::env::args_os().skip(1) {
        let file = Path::new(&file);
        println!("{}: {} instructions agree", file.display(), judge::judge(&disassembler::disassemble(file)));
    }
}
