//! The text that Spike logs with `--log-commits`, firmware's part included.
//!
//! ```text
//! core   0: 1 0x000000009a3c604c (0x0062a32f) x6  0x0000000000000000 mem 0x9a3fb000 mem 0x9a3fb000
//!           | |                   instruction   registers written      load; with a value: store
//!           | program counter                   c384_satp VALUE, c1_fflags VALUE
//!           privilege: 3 is M, 1 is S, 0 is U
//! ```
//!
//! A line holds what an instruction changed, so the states accumulate. An instruction that traps
//! has no line, and a trap's changes of CSRs are not logged.

use std::collections::BTreeMap;
use std::str::SplitAsciiWhitespace;

use crate::state::{Csr, Privilege, Record, SSTATUS, State};

/// The memory of OpenSBI.
const FIRMWARE: std::ops::Range<u64> = 0x8000_0000..0x8008_0000;

/// The start of RAM.
const RAM: u64 = 0x8000_0000;

/// The states of one hart in a log.
#[derive(Debug, Default)]
pub struct States {
    state: State,
    flags: u64,
    rounding: u64,
    /// `mstatus`, until the first record. Traps change it later without a line.
    status: Option<u64>,
    /// A record has been made.
    begun: bool,
    /// The bytes that firmware has stored since the last record.
    stored: BTreeMap<u64, u8>,
}

impl States {
    /// Takes a line. Returns the state before its instruction if that is below the firmware's mode.
    pub fn line(&mut self, line: &[u8]) -> Option<Record> {
        let line = std::str::from_utf8(line).ok()?.strip_prefix("core")?;
        let (_hart, rest) = line.split_once(':')?;
        let mut words = rest.split_ascii_whitespace();
        let privilege = match words.next()? {
            "0" => Some(Privilege::User),
            "1" => Some(Privilege::Supervisor),
            "3" => None,
            _ => return None,
        };
        let pc = hex(words.next()?)?.0;
        // The instruction's bits.
        words.next()?;
        let record = privilege.map(|privilege| self.record(pc, privilege));
        self.read_effects(words, privilege.is_none());
        record
    }

    fn record(&mut self, pc: u64, privilege: Privilege) -> Record {
        self.state.set_csr(Csr::Fcsr, self.rounding << 5 | self.flags);
        let mut state = State { pc, privilege, ..self.state.clone() };
        if let Some(status) = self.status.take() {
            state.set_csr(Csr::Sstatus, status & SSTATUS);
        }
        self.begun = true;
        Record { state, stored: ranges(std::mem::take(&mut self.stored)) }
    }

    fn read_effects(&mut self, words: SplitAsciiWhitespace<'_>, firmware: bool) -> Option<()> {
        let mut words = words.peekable();
        while let Some(name) = words.next() {
            let (value, _) = hex(words.next()?)?;
            if name == "mem" {
                let stored = words.next_if(|next| next.starts_with("0x")).and_then(hex);
                if let Some((bytes, width)) = stored.filter(|_| firmware) {
                    self.store(value, bytes, width);
                }
            } else {
                self.set(name, value);
            }
        }
        Some(())
    }

    fn store(&mut self, address: u64, value: u64, width: usize) {
        for (at, byte) in (address..).zip(value.to_le_bytes().into_iter().take(width)) {
            if at >= RAM && !FIRMWARE.contains(&at) {
                self.stored.insert(at, byte);
            }
        }
    }

    fn set(&mut self, name: &str, value: u64) {
        let register = |rest: &str| rest.parse::<usize>().ok().filter(|number| *number < 32);
        if let Some(number) = name.strip_prefix('x').and_then(register) {
            self.state.x[number] = value;
        } else if let Some(number) = name.strip_prefix('f').and_then(register) {
            self.state.f[number] = value;
        } else if let Some(csr) = name.strip_prefix('c') {
            match csr.split_once('_').map_or(csr, |(number, _name)| number) {
                "1" => self.flags = value,
                "2" => self.rounding = value,
                "3" => (self.flags, self.rounding) = (value & 31, value >> 5 & 7),
                "261" => self.state.set_csr(Csr::Stvec, value),
                "320" => self.state.set_csr(Csr::Sscratch, value),
                "768" if !self.begun => self.status = Some(value),
                "384" => self.state.set_csr(Csr::Satp, value),
                _ => {}
            }
        }
    }
}

/// Joins neighboring bytes.
fn ranges(bytes: BTreeMap<u64, u8>) -> Vec<(u64, Vec<u8>)> {
    let mut all: Vec<(u64, Vec<u8>)> = Vec::new();
    for (at, byte) in bytes {
        match all.last_mut() {
            Some((start, range)) if *start + range.len() as u64 == at => range.push(byte),
            _ => all.push((at, vec![byte])),
        }
    }
    all
}

/// Returns a number and its width in bytes.
fn hex(word: &str) -> Option<(u64, usize)> {
    let digits = word.strip_prefix("0x")?;
    Some((u64::from_str_radix(digits, 16).ok()?, digits.len().div_ceil(2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(lines: &[&str]) -> Vec<Record> {
        let mut states = States::default();
        lines.iter().filter_map(|line| states.line(line.as_bytes())).collect()
    }

    #[test]
    fn states_accumulate_what_instructions_write() {
        let records = records(&[
            "core   0: 3 0x0000000000001000 (0x00000297) x5  0x0000000000001000",
            "core   0: 1 0x0000000080200000 (0x00000297) x6  0x0000000000000007 f3  0xffffffff3f800000",
            "core   0: 1 0x0000000080200004 (0x18031073) c384_satp 0xa00000000009a3f6 c1_fflags 0x0000000000000010",
            "core   0: 0 0x0000000000001000 (0x00000013)",
        ]);
        let [first, second, third] = records.as_slice() else { panic!("{records:?}") };
        assert_eq!((first.state.x[5], first.state.x[6], second.state.x[6]), (0x1000, 0, 7));
        assert_eq!(second.state.f[3], 0xffff_ffff_3f80_0000);
        assert_eq!((second.state.csr(Csr::Satp), second.state.csr(Csr::Fcsr)), (None, Some(0)));
        let last = &third.state;
        assert_eq!((last.csr(Csr::Satp), last.csr(Csr::Fcsr)), (Some(0xa000_0000_0009_a3f6), Some(0x10)));
        assert_eq!(last.privilege, Privilege::User);
    }

    #[test]
    fn firmware_s_stores_behind_its_own_memory_are_kept() {
        let records = records(&[
            "core   0: 3 0x80000000 (0x0) mem 0x0000000082200000 0xd00dfeed mem 0x0000000080040000 0x01",
            "core   0: 3 0x80000000 (0x0) mem 0x0000000082200004 0x11",
            "core   0: 1 0x80200000 (0x0) mem 0x0000000090000000 0x11",
            "core   0: 1 0x80200004 (0x0)",
        ]);
        assert_eq!(records[0].stored, [(0x8220_0000, vec![0xed, 0xfe, 0x0d, 0xd0, 0x11])]);
        assert_eq!(records[1].stored, []);
    }

    #[test]
    fn other_lines_are_passed_over() {
        let lines =
            ["core   0: exception trap_illegal_instruction, epc 0x0", "core", "", "core   0: 1 0x (0x0)"];
        assert_eq!(records(&lines), []);
    }
}
