//! Instructions beyond RV64GC: of the disassembler's text, what the decoder knows of them.

/// Their first operand is no destination.
const SOURCES: [&str; 8] = ["hsv.", "hfence.", "hinval.", "sinval.", "sb.", "sh.", "sw.", "sd."];

/// Registers of integers.
const REGISTERS: [&str; 32] = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6",
    "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
];

/// Name, integer destination, and the register that addresses memory.
pub(crate) fn shortened(text: &str) -> String {
    let (name, operands) = text.split_once(' ').unwrap_or((text, ""));
    // Shadow stacks are operations that may be defined later.
    match name {
        "c.sspush" | "c.sspopchk" | "sspush" => return "mop.rr zero, ...".to_owned(),
        "sspopchk" => return "mop.r zero, ...".to_owned(),
        "ssrdp" => return format!("mop.r {operands}, ..."),
        _ if name.starts_with("c.mop.") => return "mop.rr zero, ...".to_owned(),
        _ => {}
    }
    let operands: Vec<&str> = operands.split(", ").collect();
    let base = operands.iter().find_map(|operand| operand.strip_prefix('(')?.strip_suffix(')'));
    let is_destination = !SOURCES.iter().any(|start| name.starts_with(start));
    let destination = operands.first().filter(|first| is_destination && REGISTERS.contains(first));
    let name = plain(name);
    match (destination, base) {
        (Some(rd), Some(base)) => format!("{name} {rd}, ({base})"),
        (Some(rd), None) => format!("{name} {rd}, ..."),
        (None, Some(base)) => format!("{name} ..., ({base})"),
        (None, None) => name,
    }
}

/// The decoder has one name for any number of elements in a segment. It also has one for all
/// reserved operations, and one for any order of memory.
fn plain(name: &str) -> String {
    let name = match name.find("seg") {
        Some(at) if name.starts_with('v') => [&name[..at], &name[at + 4..]].concat(),
        _ => name.to_owned(),
    };
    for (whole, start) in [("mop.rr", "mop.rr."), ("mop.r", "mop.r.")] {
        if name.starts_with(start) {
            return whole.to_owned();
        }
    }
    match name.as_str() {
        "zext.h" => "packw".to_owned(),
        name => name.replace(".aqrl", if name.starts_with('l') { ".aq" } else { ".rl" }),
    }
}
