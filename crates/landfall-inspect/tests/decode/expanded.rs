//! The expansions of compressed instructions, as text: from the listings of the unprivileged
//! specification, chapter "C".

/// `c.addi a0, 1` is `addi a0, a0, 1`.
pub(crate) fn expand(name: &str, operands: &[&str]) -> String {
    let operand = |index: usize| operands.get(index).copied().unwrap_or_default();
    let (a, b, c) = (operand(0), operand(1), operand(2));
    match name {
        "c.nop" if operands.is_empty() => "addi zero, zero, 0".into(),
        "c.nop" => format!("addi zero, zero, {a}"),
        "c.addi4spn" => format!("addi {a}, {b}, {c}"),
        "c.addi16sp" => format!("addi sp, sp, {b}"),
        "c.li" => format!("addi {a}, zero, {b}"),
        // The upper 20 bits, as a number without sign.
        "c.lui" | "lui" | "auipc" => {
            let upper: u32 = b.parse().unwrap();
            format!("{} {a}, {upper:#x}", name.trim_start_matches("c."))
        }
        "c.addi" | "c.addiw" | "c.andi" | "c.slli" | "c.srli" | "c.srai" | "c.and" | "c.or" | "c.xor"
        | "c.sub" | "c.addw" | "c.subw" | "c.add" => format!("{} {a}, {a}, {b}", &name[2..]),
        "c.slli64" | "c.srli64" | "c.srai64" => format!("{} {a}, {a}, 0", &name[2..6]),
        "c.mv" => format!("add {a}, zero, {b}"),
        "c.jr" => format!("jalr zero, 0({a})"),
        "c.jalr" => format!("jalr ra, 0({a})"),
        "c.j" => format!("jal zero, {a}"),
        "c.beqz" => format!("beq {a}, zero, {b}"),
        "c.bnez" => format!("bne {a}, zero, {b}"),
        "c.ebreak" => "ebreak".into(),
        "c.lwsp" | "c.ldsp" | "c.swsp" | "c.sdsp" | "c.fldsp" | "c.fsdsp" => {
            format!("{} {a}, {b}", name[2..].trim_end_matches("sp"))
        }
        "c.lw" | "c.ld" | "c.sw" | "c.sd" | "c.fld" | "c.fsd" | "c.lbu" | "c.lhu" | "c.lh" | "c.sb"
        | "c.sh" => format!("{} {a}, {b}", &name[2..]),
        "c.zext.b" => format!("andi {a}, {a}, 255"),
        "c.not" => format!("xori {a}, {a}, -1"),
        "c.zext.w" => format!("add.uw {a}, {a}, zero"),
        "c.zext.h" => format!("packw {a}, {a}, zero"),
        "c.mul" => format!("mul {a}, {a}, {b}"),
        "c.sext.b" | "c.sext.h" => format!("{} {a}, {a}", &name[2..]),
        // Both are illegal for ever; they are no instructions of RV64GC.
        "c.unimp" => "<unknown>".into(),
        _ if operands.is_empty() => name.into(),
        _ => format!("{name} {}", operands.join(", ")),
    }
}
