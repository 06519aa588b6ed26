//! Filling a field of code or data (RISC-V unprivileged architecture, "Immediate Encoding
//! Variants"; psABI, "Relocations").

use crate::relocation::{Field, MOST_LEB};

/// A value that its field cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DoesNotFit;

/// Fills the field at the start of `bytes`, which has its size, with `value`.
pub(crate) fn fill(field: Field, bytes: &mut [u8], value: u64) -> Result<(), DoesNotFit> {
    match field {
        Field::Set(_) => combine(bytes, |_| value),
        Field::Add(_) => combine(bytes, |word| word.wrapping_add(value)),
        Field::Subtract(_) => combine(bytes, |word| word.wrapping_sub(value)),
        Field::Set6 => combine(bytes, |byte| byte & !0x3f | value & 0x3f),
        Field::Subtract6 => combine(bytes, |byte| byte & !0x3f | byte.wrapping_sub(value) & 0x3f),
        Field::Leb => return fill_leb(bytes, value),
        Field::Signed32 => {
            let value = fit(value, 32, 1)?;
            combine(bytes, |_| value);
        }
        Field::Branch => {
            let offset = fit(value, 13, 2)?;
            combine(bytes, |word| word & !0xfe00_0f80 | b_type(offset));
        }
        Field::Jump => {
            let offset = fit(value, 21, 2)?;
            combine(bytes, |word| word & !0xffff_f000 | j_type(offset));
        }
        Field::CompressedBranch => {
            let offset = fit(value, 9, 2)?;
            combine(bytes, |word| word & !0x1c7c | cb_type(offset));
        }
        Field::CompressedJump => {
            let offset = fit(value, 12, 2)?;
            combine(bytes, |word| word & !0x1ffc | cj_type(offset));
        }
        Field::Upper => {
            let upper = upper(value)?;
            combine(bytes, |word| word & !0xffff_f000 | upper);
        }
        Field::Pair => {
            let upper = upper(value)?;
            let (high, low) = bytes.split_at_mut_checked(4).ok_or(DoesNotFit)?;
            combine(high, |word| word & !0xffff_f000 | upper);
            combine(low, |word| word & !0xfff0_0000 | (value & 0xfff) << 20);
        }
        Field::LowerLoad => combine(bytes, |word| word & !0xfff0_0000 | (value & 0xfff) << 20),
        Field::LowerStore => {
            combine(bytes, |word| word & !0xfe00_0f80 | (value >> 5 & 0x7f) << 25 | (value & 0x1f) << 7);
        }
    }
    Ok(())
}

/// Replaces a word, of as many bytes as there are, little-endian.
fn combine(bytes: &mut [u8], new: impl FnOnce(u64) -> u64) {
    let mut word = [0; 8];
    let size = bytes.len().min(8);
    word[..size].copy_from_slice(&bytes[..size]);
    let word = new(u64::from_le_bytes(word)).to_le_bytes();
    bytes[..size].copy_from_slice(&word[..size]);
}

/// Returns a signed value of `bits` bits that is a multiple of `unit`.
fn fit(value: u64, bits: u32, unit: u64) -> Result<u64, DoesNotFit> {
    let half = 1 << (bits - 1);
    let fits = value.wrapping_add(half) < half << 1 && value.is_multiple_of(unit);
    if fits { Ok(value) } else { Err(DoesNotFit) }
}

/// The upper 20 bits, for an instruction whose fellow adds the lower 12 as a signed number.
fn upper(value: u64) -> Result<u64, DoesNotFit> {
    fit(value.wrapping_add(0x800), 32, 1).map(|value| value & 0xffff_f000)
}

const fn b_type(offset: u64) -> u64 {
    (offset >> 12 & 1) << 31 | (offset >> 5 & 0x3f) << 25 | (offset >> 1 & 0xf) << 8 | (offset >> 11 & 1) << 7
}

const fn j_type(offset: u64) -> u64 {
    (offset >> 20 & 1) << 31
        | (offset >> 1 & 0x3ff) << 21
        | (offset >> 11 & 1) << 20
        | (offset >> 12 & 0xff) << 12
}

const fn cb_type(offset: u64) -> u64 {
    (offset >> 8 & 1) << 12
        | (offset >> 3 & 3) << 10
        | (offset >> 6 & 3) << 5
        | (offset >> 1 & 3) << 3
        | (offset >> 5 & 1) << 2
}

const fn cj_type(offset: u64) -> u64 {
    (offset >> 11 & 1) << 12
        | (offset >> 4 & 1) << 11
        | (offset >> 8 & 3) << 9
        | (offset >> 10 & 1) << 8
        | (offset >> 6 & 1) << 7
        | (offset >> 7 & 1) << 6
        | (offset >> 1 & 7) << 3
        | (offset >> 5 & 1) << 2
}

/// Replaces a number of seven bits a byte, and keeps its bytes: linkers cannot move what follows.
fn fill_leb(bytes: &mut [u8], mut number: u64) -> Result<(), DoesNotFit> {
    let length = bytes.iter().take(MOST_LEB).position(|byte| byte & 0x80 == 0).ok_or(DoesNotFit)? + 1;
    for (index, byte) in bytes[..length].iter_mut().enumerate() {
        let more = if index + 1 < length { 0x80 } else { 0 };
        *byte = (number & 0x7f) as u8 | more;
        number >>= 7;
    }
    if number == 0 { Ok(()) } else { Err(DoesNotFit) }
}
