//! The oracle: `llvm-objdump`, which shares no code with the decoder. Rust's `llvm-tools` component
//! has it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// One line of its output.
pub(crate) struct Line {
    pub(crate) address: u64,
    pub(crate) bytes: Vec<u8>,
    /// The instruction without aliases, compressed ones as what they stand for, numbers in decimal
    /// or with 0x.
    pub(crate) text: String,
}

pub(crate) fn tool(name: &str) -> PathBuf {
    let output = Command::new("rustc").args(["--print", "target-libdir"]).output().unwrap();
    let libraries = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim());
    let tool = libraries.parent().unwrap().join("bin").join(name);
    assert!(tool.exists(), "{} is missing: rustup component add llvm-tools", tool.display());
    tool
}

pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The decoder's extensions. Without Zicbop, whose prefetches are `ori` on `zero`; without Zicfilp,
/// whose `lpad` is `auipc` on `zero`.
const EXTENSIONS: &str = "+m,+a,+f,+d,+q,+c,+h,+v,+zicsr,+zifencei,\
    +zba,+zbb,+zbs,+zbc,+zbkb,+zbkx,+zicond,+zimop,+zcmop,+zcb,+zknd,+zkne,+zknh,+zksed,+zksh,\
    +zicbom,+zicboz,+zabha,+zacas,+zalasr,+experimental-zicfiss,+svinval,+zawrs,+ssctr,\
    +zfh,+zfa,+zfbfmin,+zvfh,+zvbb,+zvbc,+zvkg,+zvkned,+zvknhb,+zvksed,+zvksh,+zvfbfmin,+zvfbfwma";

/// Returns its listing of the sections of code of an ELF file, or of an archive of such. Bytes that
/// it takes for data is left out.
pub(crate) fn disassemble(elf: &Path) -> Vec<Line> {
    let text = run(Command::new(tool("llvm-objdump"))
        .args(["-d", "-z", "-M", "no-aliases", "--no-print-imm-hex", "--no-leading-headers"])
        .arg(format!("--mattr={EXTENSIONS}"))
        .arg(elf));
    text.lines().filter_map(parse).collect()
}

/// `80200000: 00150513     \taddi\ta0, a0, 1`: address, then 16- and 32-bit instructions as one
/// number, longer ones as several. Other lines are headings.
fn parse(line: &str) -> Option<Line> {
    let mut columns = line.split('\t');
    let (address, raw) = columns.next()?.trim_start().split_once(": ")?;
    let address = u64::from_str_radix(address, 16).ok()?;
    let (name, operands) = (columns.next()?.trim(), columns.next().unwrap_or_default());
    if name.starts_with('.') {
        return None;
    }
    let bytes = raw.split_whitespace().flat_map(little_endian).collect();
    // The name of a jump's target, and other remarks.
    let operands = operands.split('<').next().unwrap().split('#').next().unwrap().trim();
    let operands: Vec<&str> = operands.split(", ").filter(|operand| !operand.is_empty()).collect();
    Some(Line { address, bytes, text: super::expanded::expand(name, &operands) })
}

fn little_endian(number: &str) -> Vec<u8> {
    let digits: Vec<char> = number.chars().collect();
    digits.rchunks(2).map(|byte| u8::from_str_radix(&byte.iter().collect::<String>(), 16).unwrap()).collect()
}
