//! One line of Spike's log of committed instructions.
//!
//! ```text
//! core   0: 1 0x000000009a3c604c (0x0062a32f) x6  0x0000000000000000 mem 0x000000009a3fb000
//!        |  | |                   instruction   registers written      mem ADDRESS: a load
//!        |  | program counter                   c384_satp VALUE        mem ADDRESS VALUE: a store
//!        |  privilege: 3 is M, 1 is S, 0 is U
//!        hart
//! ```

use std::str::SplitAsciiWhitespace;

/// A store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Store {
    /// The address as the instruction has it.
    pub address: u64,
    /// The value.
    pub value: u64,
    /// Bytes: 1, 2, 4 or 8.
    pub width: u8,
}

/// An instruction below M-mode, as far as memory and translation are concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// The hart.
    pub hart: u64,
    /// The address of the instruction.
    pub pc: u64,
    /// Its stores.
    pub stores: Vec<Store>,
    /// The value that `satp` has afterwards, if the instruction wrote it.
    pub satp: Option<u64>,
}

impl Commit {
    /// Reads a line. Returns `None` for an instruction in M-mode, and for a line of another kind.
    #[must_use]
    pub fn read(line: &[u8]) -> Option<Self> {
        let line = std::str::from_utf8(line).ok()?.strip_prefix("core")?;
        let (hart, rest) = line.split_once(':')?;
        let mut words = rest.split_ascii_whitespace();
        if !matches!(words.next()?, "0" | "1") {
            return None;
        }
        let pc = hex(words.next()?)?.0;
        // The instruction's bits.
        words.next()?;
        let mut commit = Self { hart: hart.trim().parse().ok()?, pc, ..Self::default() };
        commit.read_effects(words)?;
        Some(commit)
    }

    fn read_effects(&mut self, words: SplitAsciiWhitespace<'_>) -> Option<()> {
        let mut words = words.peekable();
        while let Some(word) = words.next() {
            let (value, _) = hex(words.next()?)?;
            match word {
                "mem" => {
                    if let Some((stored, width)) = words.next_if(|next| next.starts_with("0x")).and_then(hex)
                    {
                        self.stores.push(Store { address: value, value: stored, width });
                    }
                }
                "c384_satp" => self.satp = Some(value),
                _ => {}
            }
        }
        Some(())
    }
}

/// Returns a number and its width in bytes.
fn hex(word: &str) -> Option<(u64, u8)> {
    let digits = word.strip_prefix("0x")?;
    Some((u64::from_str_radix(digits, 16).ok()?, u8::try_from(digits.len().div_ceil(2)).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_have_a_value_and_loads_have_none() {
        let line = b"core   1: 1 0xffffffff001cdf88 (0x0107272f) x14 0x0000000000000000 mem 0xffffffff001fb844 mem 0xffffffff001fb844 0x00000001\n";
        let store = Store { address: 0xffff_ffff_001f_b844, value: 1, width: 4 };
        let right = Commit { hart: 1, pc: 0xffff_ffff_001c_df88, stores: vec![store], satp: None };
        assert_eq!(Commit::read(line), Some(right));
    }

    #[test]
    fn a_write_to_satp_is_found_among_registers() {
        let line = b"core   0: 1 0x000000009a3c74dc (0x18031073) x5 0x0000000000000000 c384_satp 0xa00000000009a3f6\n";
        let commit = Commit::read(line).expect("an instruction");
        assert_eq!((commit.satp, commit.stores.len()), (Some(0xa000_0000_0009_a3f6), 0));
    }

    #[test]
    fn machine_mode_and_other_lines_are_passed_over() {
        for line in [
            &b"core   0: 3 0x0000000000001000 (0x00000297) x5  0x0000000000001000"[..],
            b"core   0: exception trap_illegal_instruction, epc 0x0000000080000000",
            b"core",
            b"",
            b"core   0: 1 0x (0x0) mem",
        ] {
            assert_eq!(Commit::read(line), None, "{}", String::from_utf8_lossy(line));
        }
    }
}
