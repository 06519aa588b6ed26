//! The text of an instruction, as the disassembler prints it.

use crate::isa::{FloatFields, Inst, Op};

const ROUNDING: [&str; 8] = ["rne", "rtz", "rdn", "rup", "rmm", "", "", "dyn"];

/// Returns the text of an instruction at an address.
pub(super) fn of(inst: Inst, address: u64) -> String {
    let Inst { op, rd, rs1, rs2, imm, .. } = inst;
    let name = name(op);
    let target = || address.wrapping_add_signed(imm.into());
    match op {
        Op::Illegal => "<unknown>".into(),
        Op::Lui | Op::Auipc => format!("{name} x{rd}, {}", imm.cast_unsigned() >> 12),
        Op::Jal => format!("{name} x{rd}, {:#x}", target()),
        Op::Beq | Op::Bne | Op::Blt | Op::Bge | Op::Bltu | Op::Bgeu => {
            format!("{name} x{rs1}, x{rs2}, {:#x}", target())
        }
        Op::Jalr | Op::Lb | Op::Lh | Op::Lw | Op::Ld | Op::Lbu | Op::Lhu | Op::Lwu => {
            format!("{name} x{rd}, {imm}(x{rs1})")
        }
        Op::Sb | Op::Sh | Op::Sw | Op::Sd => format!("{name} x{rs2}, {imm}(x{rs1})"),
        Op::Addi
        | Op::Slti
        | Op::Sltiu
        | Op::Xori
        | Op::Ori
        | Op::Andi
        | Op::Slli
        | Op::Srli
        | Op::Srai
        | Op::Addiw
        | Op::Slliw
        | Op::Srliw
        | Op::Sraiw => {
            format!("{name} x{rd}, x{rs1}, {imm}")
        }
        Op::Fence if imm == 0x833 => "fence.tso".into(),
        Op::Fence => format!("{name} {}, {}", accesses(imm >> 4), accesses(imm)),
        Op::Ecall | Op::Ebreak | Op::FenceI | Op::Sret | Op::Wfi | Op::SfenceWInval | Op::SfenceInvalIr => {
            name
        }
        Op::CboInval | Op::CboClean | Op::CboFlush | Op::CboZero => format!("{name} (x{rs1})"),
        Op::SfenceVma | Op::SinvalVma => format!("{name} x{rs1}, x{rs2}"),
        Op::LrW | Op::LrD => format!("{name}{} x{rd}, (x{rs1})", order(imm)),
        _ if op.is_atomic() => format!("{name}{} x{rd}, x{rs2}, (x{rs1})", order(imm)),
        Op::Csrrw | Op::Csrrs | Op::Csrrc => format!("{name} x{rd}, CSR, x{rs1}"),
        Op::Csrrwi | Op::Csrrsi | Op::Csrrci => format!("{name} x{rd}, CSR, {}", imm >> 16),
        Op::Flw | Op::Fld | Op::Fsw | Op::Fsd => {
            format!("{name} f{}, {}(x{rs1})", imm & 31, imm >> 5)
        }
        _ if op.is_float() => float(inst, &name),
        _ => format!("{name} x{rd}, x{rs1}, x{rs2}"),
    }
}

/// Returns the name that the variant spells: `SfenceVma` is `sfence.vma`.
fn name(op: Op) -> String {
    let mut name = String::new();
    for (index, letter) in format!("{op:?}").chars().enumerate() {
        if index > 0 && letter.is_uppercase() {
            name.push('.');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// Returns the suffix of an atomic instruction.
fn order(imm: i32) -> &'static str {
    ["", ".rl", ".aq", ".aqrl"][imm.cast_unsigned() as usize]
}

/// Returns a set of accesses that a fence orders.
fn accesses(imm: i32) -> String {
    let letters = [(8, 'i'), (4, 'o'), (2, 'r'), (1, 'w')];
    let set: String = letters.iter().filter(|(bit, _)| imm & bit != 0).map(|(_, c)| c).collect();
    if set.is_empty() { "0".into() } else { set }
}

fn float(inst: Inst, name: &str) -> String {
    let Inst { op, rd: xd, rs1: x1, imm, .. } = inst;
    let FloatFields { rounding, rs3, rs2, rs1, rd, double } = FloatFields::of(imm);
    let rounding = ROUNDING[usize::from(rounding)];
    let suffix = if double { "d" } else { "s" };
    let name = format!("{name}.{suffix}");
    match op {
        Op::Fmadd | Op::Fmsub | Op::Fnmsub | Op::Fnmadd => {
            format!("{name} f{rd}, f{rs1}, f{rs2}, f{rs3}, {rounding}")
        }
        Op::Fadd | Op::Fsub | Op::Fmul | Op::Fdiv => {
            format!("{name} f{rd}, f{rs1}, f{rs2}, {rounding}")
        }
        Op::Fsqrt => format!("{name} f{rd}, f{rs1}, {rounding}"),
        Op::Feq | Op::Flt | Op::Fle => format!("{name} x{xd}, f{rs1}, f{rs2}"),
        Op::Fclass => format!("{name} x{xd}, f{rs1}"),
        Op::FcvtToW | Op::FcvtToWu | Op::FcvtToL | Op::FcvtToLu => {
            format!("{} x{xd}, f{rs1}, {rounding}", name.replace("to.", ""))
        }
        Op::FcvtFromW | Op::FcvtFromWu | Op::FcvtFromL | Op::FcvtFromLu => {
            let integer = name.split('.').nth(2).unwrap_or_default();
            let text = format!("fcvt.{suffix}.{integer} f{rd}, x{x1}");
            let exact = double && matches!(op, Op::FcvtFromW | Op::FcvtFromWu);
            if exact { unrounded(text, rounding) } else { format!("{text}, {rounding}") }
        }
        Op::FcvtFloat if double => unrounded(format!("fcvt.d.s f{rd}, f{rs1}"), rounding),
        Op::FcvtFloat => format!("fcvt.s.d f{rd}, f{rs1}, {rounding}"),
        Op::FmvToX => format!("fmv.x.{} x{xd}, f{rs1}", if double { "d" } else { "w" }),
        Op::FmvFromX => format!("fmv.{}.x f{rd}, x{x1}", if double { "d" } else { "w" }),
        _ => format!("{name} f{rd}, f{rs1}, f{rs2}"),
    }
}

/// Returns the text of a conversion that is exact: the usual mode is not printed.
fn unrounded(text: String, rounding: &str) -> String {
    if rounding == "rne" { text } else { format!("{text}, {rounding}") }
}
