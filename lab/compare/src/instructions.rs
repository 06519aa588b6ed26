//! Instructions, as far as comparisons distinguish them.

use landfall_judge::instruction::{Kind, decode};

/// The effect of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instruction {
    /// It returns.
    Return,
    /// It loads from the stack.
    LoadFromStack,
    /// It loads from elsewhere.
    Load,
    /// Anything else.
    Other,
}

/// Bytes of an instruction that begins with the byte `first`.
pub(super) const fn length(first: u8) -> usize {
    if first & 3 == 3 { 4 } else { 2 }
}

/// The instructions in `code`; half of one at the end is left out.
pub(super) fn read(code: &[u8]) -> Vec<Instruction> {
    let (mut found, mut rest) = (Vec::new(), code);
    while let Some(bytes) = rest.first().and_then(|first| rest.get(..length(*first))) {
        let kind = decode(bytes).ok().and_then(|kinds| kinds.first().copied());
        found.push(match kind {
            Some(Kind::Return) => Instruction::Return,
            Some(Kind::Load) if is_from_stack(bytes) => Instruction::LoadFromStack,
            Some(Kind::Load) => Instruction::Load,
            _ => Instruction::Other,
        });
        rest = &rest[bytes.len()..];
    }
    found
}

/// Returns true if a load's address is an offset from `sp`: c.ldsp and its like (quadrant 2), or
/// rs1 = x2.
fn is_from_stack(bytes: &[u8]) -> bool {
    match *bytes {
        [low, _] => low & 3 == 2,
        [_, middle, upper, _] => u16::from_le_bytes([middle, upper]) >> 7 & 31 == 2,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_from_the_stack_are_told_apart() {
        use Instruction::{Load, LoadFromStack, Other, Return};
        // ld a0, 0(a0); c.ld a0, 0(a0); ld a0, 8(sp); c.ldsp s0, 8(sp); c.sub a0, a1; ret
        let code = [
            &0x0005_3503_u32.to_le_bytes()[..],
            &0x6108_u16.to_le_bytes(),
            &0x0081_3503_u32.to_le_bytes(),
            &0x6422_u16.to_le_bytes(),
            &0x8d0d_u16.to_le_bytes(),
            &0x8082_u16.to_le_bytes(),
        ];
        let code = code.concat();
        assert_eq!(read(&code), [Load, Load, LoadFromStack, LoadFromStack, Other, Return]);
        assert_eq!(read(&code[..3]), []);
    }
}
