//! Makes a kernel of one source, with rustc: assembly or Rust, whose `early` is called before
//! relocation.

use std::fs;
use std::path::Path;
use std::process::Command;

const HEAD: &str = "
#![no_std]
#![no_main]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }
";

/// The function that calls `early`, with a stack.
const START: &str = r#"
core::arch::global_asm!(
    ".section .text.start, \"ax\", @progbits",
    ".global _start",
    "_start: lla sp, stack_top",
    "call early",
    "call relocate",
    "1: j 1b",
    "relocate: ret",
    ".section .bss.stack, \"aw\", @nobits",
    ".space 4096",
    "stack_top:",
);
"#;

/// The linked kernel.
pub(crate) fn kernel(source: &Path) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let text = fs::read_to_string(source).expect("a source");
    let program = if source.extension().is_some_and(|extension| extension == "rs") {
        format!("{HEAD}{START}{text}")
    } else {
        let start = if text.contains("_start:") { "" } else { START };
        format!("{HEAD}{start}core::arch::global_asm!(r#\"{text}\"#);")
    };
    let (main, elf) = (folder.path().join("main.rs"), folder.path().join("kernel"));
    fs::write(&main, program).expect("a file");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/code/kernel.ld");
    let mut rustc = Command::new("rustc");
    rustc.args(["--target=riscv64gc-unknown-none-elf", "--edition=2024", "-Copt-level=3", "-Cpanic=abort"]);
    rustc.arg("-o").arg(&elf).arg(&main).arg(format!("-Clink-arg=-T{}", script.display()));
    for argument in [
        "-pie",
        "--no-dynamic-linker",
        "-znotext",
        "-zpack-relative-relocs",
        "-zmax-page-size=4096",
        "-Bsymbolic",
        "--no-relax",
    ] {
        rustc.arg(format!("-Clink-arg={argument}"));
    }
    let output = rustc.output().expect("rustc");
    assert!(output.status.success(), "{}: {}", source.display(), String::from_utf8_lossy(&output.stderr));
    fs::read(&elf).expect("the kernel")
}
