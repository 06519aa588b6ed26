//! Instructions that load from a global offset table: `auipc` makes an address in a register, and
//! `ld` loads from it.
//!
//! The two need not stand together, since the compiler moves the first ahead. So registers are
//! followed: each that `auipc` has written, until another instruction writes it. At joins of paths
//! this may be wrong about a register, but hardly ever by an address within the table.

use std::ops::Range;

const REGISTERS: usize = 32;

/// A load from the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Load {
    /// The address of the `ld`.
    pub(super) at: u64,
    /// The entry that it loads.
    pub(super) entry: u64,
}

/// All loads from `got` in `text`, which was linked at `base`.
pub(super) fn loads(text: &[u8], base: u64, got: &Range<u64>) -> Vec<Load> {
    let mut known = [None; REGISTERS];
    let (mut at, mut found) = (base, Vec::new());
    let mut rest = text;
    while let Some(half) = rest.first_chunk().map(|half| u16::from_le_bytes(*half)) {
        let step = match rest.first_chunk().map(|word| u32::from_le_bytes(*word)) {
            Some(word) if half & 3 == 3 => full(word, at),
            _ => compressed(half),
        };
        if let Some(Base { register, offset }) = step.loads {
            let entry = known[register].map(|value: u64| value.wrapping_add_signed(offset));
            found.extend(entry.filter(|entry| got.contains(entry)).map(|entry| Load { at, entry }));
        }
        if let Some(register) = step.writes {
            known[register] = step.address;
        }
        let length = if half & 3 == 3 { 4 } else { 2 };
        at += length as u64;
        rest = rest.get(length..).unwrap_or_default();
    }
    found
}

/// A register and an offset, from which an `ld` loads.
struct Base {
    register: usize,
    offset: i64,
}

/// The effect of an instruction on the followed registers.
#[derive(Default)]
struct Step {
    loads: Option<Base>,
    writes: Option<usize>,
    /// The written address, if it depends on nothing else.
    address: Option<u64>,
}

fn full(word: u32, at: u64) -> Step {
    let destination = field(word, 7, 5);
    match word & 0x7f {
        // auipc
        0x17 => {
            let upper = (word & 0xffff_f000).cast_signed();
            let address = Some(at.wrapping_add_signed(upper.into()));
            Step { writes: Some(destination), address, ..Step::default() }
        }
        // ld
        0x03 if word >> 12 & 7 == 3 => {
            let offset = (word.cast_signed() >> 20).into();
            Step {
                loads: Some(Base { register: field(word, 15, 5), offset }),
                writes: Some(destination),
                address: None,
            }
        }
        // Branches and stores write no register.
        0x23 | 0x27 | 0x63 => Step::default(),
        // Calls: what callees may change is lost.
        _ => Step { writes: Some(destination), ..Step::default() },
    }
}

fn compressed(half: u16) -> Step {
    let word = u32::from(half);
    let writes = |register| Step { writes: Some(register), ..Step::default() };
    match (half & 3, half >> 13) {
        // c.ld: bits 12:10 are offset 5:3, bits 6:5 are offset 7:6.
        (0, 3) => {
            let offset = (word >> 10 & 7) << 3 | (word >> 5 & 3) << 6;
            let loads = Some(Base { register: 8 + field(word, 7, 3), offset: offset.into() });
            Step { loads, ..writes(8 + field(word, 2, 3)) }
        }
        (0, 0..=2) => writes(8 + field(word, 2, 3)),
        (1, 4) => writes(8 + field(word, 7, 3)),
        // c.addi, c.addiw, c.li, c.lui; c.slli, loads from the stack, c.mv, c.add. Jumps by a
        // register write none, but name one.
        (1 | 2, 0..=3) => writes(field(word, 7, 5)),
        (2, 4) if field(word, 2, 5) != 0 => writes(field(word, 7, 5)),
        _ => Step::default(),
    }
}

/// `bits` bits of `word` from bit `from` on.
const fn field(word: u32, from: u32, bits: u32) -> usize {
    (word >> from & ((1 << bits) - 1)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `auipc rd, upper`, `ld rd, offset(rs)`.
    const fn auipc(rd: u32, upper: u32) -> u32 {
        upper << 12 | rd << 7 | 0x17
    }

    const fn ld(rd: u32, offset: u32, rs: u32) -> u32 {
        offset << 20 | rs << 15 | 3 << 12 | rd << 7 | 3
    }

    fn found(code: &[u8]) -> Vec<Load> {
        loads(code, 0x1000, &(0x3000..0x3100))
    }

    #[test]
    fn a_pair_is_found_whatever_stands_between() {
        let nop = 0x0001_u16.to_le_bytes();
        let code = [&auipc(10, 2).to_le_bytes()[..], &nop, &ld(10, 0x10, 10).to_le_bytes()].concat();
        assert_eq!(found(&code), [Load { at: 0x1006, entry: 0x3010 }]);
        // c.ld a0, 8(a0)
        let code = [&auipc(10, 2).to_le_bytes()[..], &0x6508_u16.to_le_bytes()].concat();
        assert_eq!(found(&code), [Load { at: 0x1004, entry: 0x3008 }]);
        // A negative offset.
        let code = [auipc(10, 3), ld(11, 0xff8, 10)].map(u32::to_le_bytes).concat();
        assert_eq!(found(&code), []);
        let code = [auipc(10, 3), ld(11, 0xf00 - 0x800, 10)].map(u32::to_le_bytes).concat();
        assert_eq!(found(&code), []);
    }

    #[test]
    fn what_only_looks_alike_is_none() {
        // The register is written in between: addi a0, a0, 8; c.li a0, 0; ld a0, 0(a0).
        for between in
            [&0x0085_0513_u32.to_le_bytes()[..], &0x4501_u16.to_le_bytes(), &ld(10, 0, 10).to_le_bytes()]
        {
            let code = [&auipc(10, 2).to_le_bytes()[..], between, &ld(10, 0x10, 10).to_le_bytes()].concat();
            assert!(found(&code).iter().all(|load| load.at == 0x1004), "{between:x?}");
        }
        // Another register, and another place.
        assert_eq!(found(&[auipc(10, 2), ld(10, 0x10, 11)].map(u32::to_le_bytes).concat()), []);
        assert_eq!(found(&[auipc(10, 2), ld(10, 0x100, 10)].map(u32::to_le_bytes).concat()), []);
        // sd and branches leave a register alone: sd a0, 0(a0).
        let code = [auipc(10, 2), 0x00a5_3023, ld(10, 0, 10)].map(u32::to_le_bytes).concat();
        assert_eq!(found(&code).len(), 1);
        assert_eq!(found(&[1]), []);
    }
}
