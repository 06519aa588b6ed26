//! Compares what the decoder says with what the disassembler says.

use landfall_inspect::decode::{Operation, decode};

use super::beyond;
use super::disassembler::Line;

/// Instructions that the disassembler knows with any extensions, and RV64GC lacks: debug
/// mode.
const BEYOND: [&str; 1] = ["dret"];

/// Instructions of the specification that the disassembler does not know: conversions between Q and
/// Zfhmin.
const UNHEARD: [&str; 2] = ["fcvt.h.q", "fcvt.q.h"];

/// Compares each line, and says how many were compared.
pub(crate) fn judge(lines: &[Line]) -> usize {
    let (mut compared, mut wrong) = (0, Vec::new());
    for line in lines {
        let word = line.bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        // It goes through what is reserved for 192 bits and more byte by byte.
        if has_ignored_fields(word) || line.bytes.len() == 1 {
            continue;
        }
        let Some(found) = decode(&line.bytes) else { panic!("{:x?} {}", line.bytes, line.text) };
        assert_eq!(usize::from(found.length), line.bytes.len(), "{word:#010x} {}", line.text);
        if BEYOND.contains(&line.text.as_str()) {
            assert_eq!(found.operation, Operation::Unknown, "{}", line.text);
        } else {
            let ours = found.operation.at(line.address).to_string();
            let theirs = match found.operation {
                Operation::Extension(_) => beyond::shortened(&line.text),
                _ => without_csr(&line.text),
            };
            if without_csr(&ours) != theirs && !UNHEARD.contains(&ours.as_str()) {
                wrong.push(format!(
                    "{:#x}: {word:#010x} {ours}, and the disassembler: {theirs}",
                    line.address
                ));
            }
        }
        compared += 1;
    }
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    compared
}

/// The disassembler has names for CSRs, which say nothing that their numbers do not: the numbers
/// have a test of their own.
fn without_csr(text: &str) -> String {
    let mut parts: Vec<&str> = text.split(", ").collect();
    if text.starts_with("csrr") && parts.len() == 3 {
        parts[1] = "CSR";
    }
    parts.join(", ")
}

/// Fences whose reserved fields are not 0: "implementations shall ignore these fields"
/// (unprivileged, "Memory Ordering Instructions" and "Zifencei"), but this disassembler does not
/// know them.
fn has_ignored_fields(word: u32) -> bool {
    let funct3 = word >> 12 & 7;
    word & 0x7f == 0x0f
        && (funct3 == 1 && word != 0x100f
            || funct3 == 0 && (word & 0x000f_8f80 != 0 || !matches!(word >> 20, 0..=0xff | 0x833)))
}
