//! The oracle: `llvm-objdump` of Rust's component `llvm-tools`.

use std::path::PathBuf;
use std::process::Command;

/// One line of its output.
pub(super) struct Line {
    pub(super) address: u64,
    pub(super) bits: u32,
    /// The length in bytes.
    pub(super) len: usize,
    /// The instruction without aliases; a compressed one as the one that it stands for.
    pub(super) text: String,
}

/// The extensions of the harts.
const EXTENSIONS: &str = "--mattr=+m,+a,+f,+d,+c,+zicsr,+zifencei,+zicbom,+zicboz,+svinval";

/// Instructions that the disassembler knows with any of its extensions: those of machine and debug
/// mode, and the hypervisor's of Svinval.
const OTHERS: [&str; 5] = ["mret", "mnret", "dret", "hinval.vvma", "hinval.gvma"];

fn tool(name: &str) -> PathBuf {
    let output = Command::new("rustc").args(["--print", "target-libdir"]).output().expect("rustc runs");
    let libraries = PathBuf::from(String::from_utf8(output.stdout).expect("a path").trim());
    let tool = libraries.parent().expect("a folder of libraries").join("bin").join(name);
    assert!(tool.exists(), "{} is missing: rustup component add llvm-tools", tool.display());
    tool
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("the tool runs");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Returns its listing of code that begins at address 0.
pub(super) fn disassemble(code: &[u8]) -> Vec<Line> {
    let folder = tempfile::tempdir().expect("a folder");
    let (raw, elf) = (folder.path().join("raw"), folder.path().join("elf"));
    std::fs::write(&raw, code).expect("a file");
    run(Command::new(tool("llvm-objcopy"))
        .args(["-I", "binary", "-O", "elf64-littleriscv"])
        .arg("--rename-section=.data=.text,alloc,code")
        .args([&raw, &elf]));
    let listing = run(Command::new(tool("llvm-objdump"))
        .args(["-d", "-z", "-M", "no-aliases,numeric", "--no-print-imm-hex"])
        .args(["--no-leading-headers", EXTENSIONS])
        .arg(elf));
    listing.lines().filter_map(parse).collect()
}

/// `80200000: 00150513     \taddi\tx10, x10, 1`: the address, the encoding, and the instruction.
/// Other lines are headings.
fn parse(line: &str) -> Option<Line> {
    let mut columns = line.split('\t');
    let (address, raw) = columns.next()?.trim_start().split_once(": ")?;
    let address = u64::from_str_radix(address, 16).ok()?;
    let raw = raw.trim();
    let bits = u32::from_str_radix(raw, 16).ok()?;
    let name = columns.next()?.trim();
    // The name of a jump's target, and other remarks.
    let operands = columns.next().unwrap_or_default();
    let end = operands.find(['<', '#']).unwrap_or(operands.len());
    let operands = operands[..end].trim();
    let mut operands: Vec<&str> = operands.split(", ").filter(|text| !text.is_empty()).collect();
    if name.starts_with("csrr") && operands.len() == 3 {
        // The CSR's name stands for its number, which has a test of its own.
        operands[1] = "CSR";
    }
    let text = if OTHERS.contains(&name) { "<unknown>".into() } else { expanded(name, &operands) };
    Some(Line { address, bits, len: raw.len() / 2, text })
}

/// Returns what an instruction stands for, by the listings of the unprivileged specification,
/// chapter "C".
fn expanded(name: &str, operands: &[&str]) -> String {
    let [a, b, c] = [0, 1, 2].map(|index| operands.get(index).copied().unwrap_or_default());
    let Some(short) = name.strip_prefix("c.") else {
        return if operands.is_empty() { name.into() } else { format!("{name} {}", operands.join(", ")) };
    };
    match short {
        // Illegal for ever.
        "unimp" => "<unknown>".into(),
        "ebreak" => "ebreak".into(),
        "nop" => format!("addi x0, x0, {}", if a.is_empty() { "0" } else { a }),
        "addi4spn" => format!("addi {a}, {b}, {c}"),
        "addi16sp" => format!("addi x2, x2, {b}"),
        "li" => format!("addi {a}, x0, {b}"),
        "lui" => format!("lui {a}, {b}"),
        "slli64" | "srli64" | "srai64" => format!("{} {a}, {a}, 0", &short[..4]),
        "mv" => format!("add {a}, x0, {b}"),
        "jr" => format!("jalr x0, 0({a})"),
        "jalr" => format!("jalr x1, 0({a})"),
        "j" => format!("jal x0, {a}"),
        "beqz" => format!("beq {a}, x0, {b}"),
        "bnez" => format!("bne {a}, x0, {b}"),
        _ if b.ends_with(')') => format!("{} {a}, {b}", short.trim_end_matches("sp")),
        _ => format!("{short} {a}, {a}, {b}"),
    }
}
