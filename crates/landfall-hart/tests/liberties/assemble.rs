//! Assembles a program: labels, constants, and the ways in which programs end.

use std::collections::BTreeMap;

use crate::encode::*;

/// The extension of the SBI for reset.
const SRST: u64 = 0x5352_5354;

/// The way in which an instruction refers to a label.
enum Reference {
    Jump(u32),
    Branch(u32, u32, u32),
    /// `auipc` and `addi`.
    Address(u32),
}

/// A program in the making.
#[derive(Default)]
pub(crate) struct Code {
    words: Vec<u32>,
    labels: BTreeMap<&'static str, usize>,
    references: Vec<(usize, &'static str, Reference)>,
}

impl Code {
    /// Appends instructions.
    pub(crate) fn put(&mut self, words: &[u32]) {
        self.words.extend(words);
    }

    /// Names the next instruction.
    pub(crate) fn label(&mut self, name: &'static str) {
        assert!(self.labels.insert(name, self.words.len()).is_none(), "label {name} exists");
    }

    /// Loads a constant.
    pub(crate) fn li(&mut self, rd: u32, value: u64) {
        let value = value.cast_signed();
        let low = i32::try_from((value << 52) >> 52).expect("12 bits");
        if let Ok(small) = i32::try_from(value) {
            let high = small.wrapping_sub(low).cast_unsigned() >> 12;
            if high == 0 {
                self.put(&[addi(rd, ZERO, low)]);
            } else {
                self.put(&[lui(rd, high), addiw(rd, rd, low)]);
            }
        } else {
            self.li(rd, (value.wrapping_sub(i64::from(low)) >> 12).cast_unsigned());
            self.put(&[slli(rd, rd, 12), addi(rd, rd, low)]);
        }
    }

    /// Loads the address of a label.
    pub(crate) fn la(&mut self, rd: u32, label: &'static str) {
        self.refer(label, Reference::Address(rd));
        self.put(&[0]);
    }

    pub(crate) fn jump(&mut self, label: &'static str) {
        self.refer(label, Reference::Jump(ZERO));
    }

    pub(crate) fn call(&mut self, label: &'static str) {
        self.refer(label, Reference::Jump(RA));
    }

    /// Branches by a function such as [`BEQ`].
    pub(crate) fn branch(&mut self, function: u32, rs1: u32, rs2: u32, label: &'static str) {
        self.refer(label, Reference::Branch(function, rs1, rs2));
    }

    fn refer(&mut self, label: &'static str, reference: Reference) {
        self.references.push((self.words.len(), label, reference));
        self.put(&[0]);
    }

    /// Fails unless a register holds a value.
    pub(crate) fn expect(&mut self, register: u32, value: u64) {
        self.li(T6, value);
        self.put(&[branch(BEQ, register, T6, 8)]);
        self.jump("fail");
    }

    /// Lets traps lead to a label.
    pub(crate) fn trap_to(&mut self, label: &'static str) {
        self.la(T6, label);
        self.put(&[csrrw(ZERO, STVEC, T6)]);
    }

    /// Calls the SBI with up to three arguments.
    pub(crate) fn sbi(&mut self, extension: u64, function: u64, arguments: &[u64]) {
        for (register, &argument) in (A0..).zip(arguments) {
            self.li(register, argument);
        }
        self.li(A6, function);
        self.li(A7, extension);
        self.put(&[ECALL]);
    }

    /// Appends a trap handler that skips the instruction which trapped.
    pub(crate) fn skipping_handler(&mut self, label: &'static str) {
        self.label(label);
        self.put(&[csrr(T5, SEPC), addi(T5, T5, 4), csrrw(ZERO, SEPC, T5), SRET]);
    }

    /// Passes here, and appends the ends `pass` and `fail`.
    ///
    /// Returns the bytes, and the offsets of the labels.
    pub(crate) fn finish(mut self) -> (Vec<u8>, BTreeMap<&'static str, u64>) {
        for (end, failed) in [("pass", 0), ("fail", 1)] {
            self.label(end);
            self.sbi(SRST, 0, &[0, failed]);
        }
        for (at, label, reference) in std::mem::take(&mut self.references) {
            let target = *self.labels.get(label).unwrap_or_else(|| panic!("no label {label}"));
            let offset = 4 * (target.cast_signed() - at.cast_signed());
            let offset = i32::try_from(offset).expect("a near label");
            match reference {
                Reference::Jump(rd) => self.words[at] = jal(rd, offset),
                Reference::Branch(function, rs1, rs2) => {
                    assert!((-4096..4096).contains(&offset), "label {label} is far");
                    self.words[at] = branch(function, rs1, rs2, offset);
                }
                Reference::Address(rd) => {
                    assert!((-2048..2048).contains(&offset), "label {label} is far");
                    self.words[at] = auipc(rd, 0);
                    self.words[at + 1] = addi(rd, rd, offset);
                }
            }
        }
        let bytes = self.words.iter().flat_map(|word| word.to_le_bytes()).collect();
        (bytes, self.labels.into_iter().map(|(name, at)| (name, 4 * at as u64)).collect())
    }
}
