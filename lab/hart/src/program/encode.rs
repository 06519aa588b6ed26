//! Instructions with given operands.

use super::table::{self, Row};

/// `addi x0, x0, 0`.
pub const NOP: u32 = 0x13;

/// Returns an instruction with `rd`, `rs1` and an immediate.
#[must_use]
pub fn immediate(name: &str, rd: u32, rs1: u32, value: i32) -> u32 {
    with_base(table::named(name), rd << 7 | split(value.into(), &[(0, 20, 12)], 12), rs1)
}

/// Returns an instruction with `rd`, `rs1` and `rs2`.
#[must_use]
pub fn registers(name: &str, rd: u32, rs1: u32, rs2: u32) -> u32 {
    with_base(table::named(name), rd << 7 | rs2 << 20, rs1)
}

/// Returns a store.
#[must_use]
pub fn store(name: &str, rs2: u32, rs1: u32, offset: i32) -> u32 {
    let offset = split(offset.into(), &[(5, 25, 7), (0, 7, 5)], 12);
    with_base(table::named(name), rs2 << 20 | offset, rs1)
}

/// Returns a CSR instruction; `source` is `rs1` or the immediate.
#[must_use]
pub fn csr(name: &str, rd: u32, number: u32, source: u32) -> u32 {
    with_base(table::named(name), rd << 7 | number << 20, source)
}

fn with_base(row: &Row, fields: u32, rs1: u32) -> u32 {
    row.bits | (fields | rs1 << 15) & row.variable
}

/// Distributes a signed value over fields: first bit of the value, first bit of the field, bits.
///
/// # Panics
/// Panics if the value has more than `width` bits.
pub(super) fn split(value: i64, fields: &[(u32, u32, u32)], width: u32) -> u32 {
    let limit = 1_i64 << (width - 1);
    assert!((-limit..limit).contains(&value), "{value} does not fit into {width} bits");
    let bits = u64::from_le_bytes(value.to_le_bytes());
    let field = |&(from, to, count): &(u32, u32, u32)| (bits >> from & ((1 << count) - 1)) << to;
    let whole = fields.iter().map(field).fold(0, |whole, part| whole | part);
    u32::try_from(whole).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_and_csrs_have_their_fields() {
        // sd ra, -8(sp); csrrw t6, sscratch, t6; addi a0, a0, -1
        assert_eq!(store("sd", 1, 2, -8), 0xfe11_3c23);
        assert_eq!(csr("csrrw", 31, 0x140, 31), 0x140f_9ff3);
        assert_eq!(immediate("addi", 10, 10, -1), 0xfff5_0513);
    }

    #[test]
    #[should_panic(expected = "does not fit")]
    fn an_immediate_that_does_not_fit_is_refused() {
        let _ = immediate("addi", 1, 1, 2048);
    }
}
