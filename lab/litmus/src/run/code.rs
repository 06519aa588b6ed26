//! Instructions of the code around the columns, with labels.

use crate::assemble;
use crate::inst::Reg;

/// A label, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label(usize);

/// An instruction whose target is not known yet.
#[derive(Clone, Copy, Debug)]
struct Fixup {
    /// The instruction's index.
    at: usize,
    /// The target.
    label: Label,
    /// `funct3` and the operands of a branch.
    branch: (u32, Reg, Reg),
}

/// Machine code under construction.
#[derive(Debug, Default)]
pub(super) struct Code {
    words: Vec<u32>,
    labels: Vec<Option<usize>>,
    fixups: Vec<Fixup>,
}

/// Register a0.
pub(super) const A0: Reg = Reg::new(10);
/// Register a1.
pub(super) const A1: Reg = Reg::new(11);
/// Register a2.
pub(super) const A2: Reg = Reg::new(12);
/// Register a6.
const A6: Reg = Reg::new(16);
/// Register a7.
const A7: Reg = Reg::new(17);

/// `fence rw,rw`.
const FENCE: u32 = 0x0330_000f;
/// `ecall`.
const ECALL: u32 = 0x0000_0073;
/// `wfi`.
pub(super) const WFI: u32 = 0x1050_0073;

impl Code {
    /// Returns the instruction words.
    pub(super) fn finish(mut self) -> Vec<u32> {
        for fixup in std::mem::take(&mut self.fixups) {
            let target = self.labels[fixup.label.0].unwrap_or_default();
            let distance = 4 * target.cast_signed().wrapping_sub(fixup.at.cast_signed());
            let (funct3, rs1, rs2) = fixup.branch;
            self.words[fixup.at] =
                assemble::branch(funct3, rs1, rs2, i32::try_from(distance).unwrap_or_default());
        }
        self.words
    }

    /// Returns a new label.
    pub(super) fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    /// Puts a label here.
    pub(super) fn bind(&mut self, label: Label) {
        self.labels[label.0] = Some(self.words.len());
    }

    /// Adds an instruction word.
    pub(super) fn word(&mut self, word: u32) {
        self.words.push(word);
    }

    /// Returns the index of the next instruction.
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// Adds `fence rw,rw`.
    pub(super) fn fence(&mut self) {
        self.word(FENCE);
    }

    /// Adds `li` of a value below 2 GiB.
    pub(super) fn set(&mut self, rd: Reg, value: u32) {
        // The low part is sign-extended, so the high part makes up for it.
        self.word(assemble::lui(rd, value.wrapping_add(0x800)));
        self.add(rd, rd, (value << 20).cast_signed() >> 20);
    }

    /// Adds `addi`.
    pub(super) fn add(&mut self, rd: Reg, rs1: Reg, value: i32) {
        self.word(assemble::i_type(0x13, 0, rd, rs1, value));
    }

    /// Adds `ld`.
    pub(super) fn load(&mut self, rd: Reg, base: Reg, offset: i32) {
        self.word(assemble::i_type(0x03, 3, rd, base, offset));
    }

    /// Adds `sd`.
    pub(super) fn store(&mut self, source: Reg, base: Reg, offset: i32) {
        self.word(assemble::s_type(3, base, source, offset));
    }

    /// Adds `bne`.
    pub(super) fn branch_if_not_equal(&mut self, rs1: Reg, rs2: Reg, label: Label) {
        self.branch((1, rs1, rs2), label);
    }

    /// Adds `beq`.
    pub(super) fn branch_if_equal(&mut self, rs1: Reg, rs2: Reg, label: Label) {
        self.branch((0, rs1, rs2), label);
    }

    /// Adds `bge`.
    pub(super) fn branch_if_not_less(&mut self, rs1: Reg, rs2: Reg, label: Label) {
        self.branch((5, rs1, rs2), label);
    }

    fn branch(&mut self, branch: (u32, Reg, Reg), label: Label) {
        self.fixups.push(Fixup { at: self.words.len(), label, branch });
        self.word(0);
    }

    /// Adds `csrs` of a CSR with a small value.
    pub(super) fn set_csr(&mut self, csr: u32, bits: u32) {
        self.word(csr << 20 | bits << 15 | 6 << 12 | 0x73);
    }

    /// Adds a call of the firmware with its arguments set.
    pub(super) fn call(&mut self, extension: u32, function: u32, arguments: [u32; 3]) {
        for (register, value) in [A0, A1, A2].into_iter().zip(arguments) {
            self.set(register, value);
        }
        self.set(A6, function);
        self.set(A7, extension);
        self.word(ECALL);
    }
}
