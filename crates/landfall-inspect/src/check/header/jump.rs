//! `code0` and `code1`: instructions that lead over the header.

use super::Header;
use crate::subject::Subject;

/// Bytes that `code0` and `code1` take.
const CODE: usize = 8;
/// landfall's entry behind header and record.
const OWN_ENTRY: &str = "landfall_enter";

/// Checks the target of the first jump of `code0` and `code1`.
pub(super) fn check(header: &Header<'_>, subject: &Subject<'_>) -> Result<(), String> {
    let offset = target(&header.bytes[..CODE])?;
    let target = header.base.wrapping_add(offset.cast_unsigned());
    let behind = if subject.kind().is_landfall() { 0x80 } else { 0x40 };
    if offset < behind {
        return Err(format!(
            "the first jump leads to offset {offset:#x}, and code begins behind {behind:#x}"
        ));
    }
    if !subject.holds_code(target) {
        return Err(format!("the first jump leads to {target}, where no code is"));
    }
    let own = subject.symbols().find(OWN_ENTRY).map(|symbol| symbol.address);
    match own.filter(|_| subject.kind().is_landfall()) {
        Some(entry) if entry != target => {
            Err(format!("the first jump leads to {target}, and {OWN_ENTRY} is at {entry}"))
        }
        _ => Ok(()),
    }
}

/// Returns the offset to which `code` jumps by `j` or `c.j`.
///
/// Instructions that change a register alone may precede it, such as `c.li s4, -13`, whose bytes
/// are "MZ".
fn target(code: &[u8]) -> Result<i64, String> {
    let mut at = 0;
    while at < code.len() {
        let behind = |offset: i64| offset.wrapping_add_unsigned(at as u64);
        let low = code.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |low| u16::from_le_bytes(*low));
        if low & 3 == 3 {
            let Some(word) = code.get(at..).and_then(<[u8]>::first_chunk) else { break };
            match u32::from_le_bytes(*word) {
                jump if jump & 0xfff == 0x6f => return Ok(behind(jal(jump))),
                0x13 => at += 4,
                other => {
                    return Err(format!(
                        "code0 and code1 hold {other:#010x}, which is neither a jump nor a no-op"
                    ));
                }
            }
        } else {
            match low {
                jump if jump & 0xe003 == 0xa001 => return Ok(behind(compressed(jump))),
                // c.nop, c.li
                other if other == 0x0001 || other & 0xe003 == 0x4001 => at += 2,
                other => {
                    return Err(format!(
                        "code0 and code1 hold {other:#06x}, which is neither a jump nor a no-op"
                    ));
                }
            }
        }
    }
    Err("code0 and code1 hold no jump".to_owned())
}

/// The offset of `jal` (unprivileged specification, J-type).
const fn jal(word: u32) -> i64 {
    let sign = word.cast_signed() >> 31;
    let offset = (word >> 20 & 0x7fe) | (word >> 9 & 0x800) | (word & 0xf_f000);
    (sign << 20) as i64 | offset as i64
}

/// The offset of `c.j` (unprivileged specification, CJ-type: imm[11|4|9:8|10|6|7|3:1|5]).
const fn compressed(half: u16) -> i64 {
    let half = half as i64;
    let offset = (half >> 3 & 7) << 1
        | (half >> 11 & 1) << 4
        | (half >> 2 & 1) << 5
        | (half >> 7 & 1) << 6
        | (half >> 6 & 1) << 7
        | (half >> 9 & 3) << 8
        | (half >> 8 & 1) << 10;
    if half >> 12 & 1 != 0 { offset - 0x800 } else { offset }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_are_read_as_the_assembler_wrote_them() {
        // llvm-mc: j .+0x80; j .-2; j .+0x80000; nop, j .+0x100; c.li s4, -13, c.j .+0x7c.
        assert_eq!(target(&[0x6f, 0x00, 0x00, 0x08, 0x13, 0, 0, 0]), Ok(0x80));
        assert_eq!(target(&[0x6f, 0xf0, 0xff, 0xff, 0, 0, 0, 0]), Ok(-2));
        assert_eq!(target(&[0x6f, 0x00, 0x08, 0x00, 0, 0, 0, 0]), Ok(0x8_0000));
        assert_eq!(target(&[0x13, 0, 0, 0, 0x6f, 0x00, 0x00, 0x10]), Ok(0x104));
        assert_eq!(target(&[0x4d, 0x5a, 0xb5, 0xa8, 0, 0, 0, 0]), Ok(0x7e));
    }

    #[test]
    fn what_does_not_jump_is_named() {
        assert!(target(&[0; 8]).is_err_and(|error| error.contains("0x0000")));
        assert!(target(&[0x13, 0, 0, 0, 0x13, 0, 0, 0]).is_err_and(|error| error.contains("no jump")));
        assert!(target(&[0xef, 0, 0, 8, 0, 0, 0, 0]).is_err(), "jal ra would be a call");
    }
}
