//! The frame of a program: its entry, its trap handler, its data, its end.

use super::assembler::{Assembler, Label};
use super::encode::{csr, immediate, registers, store};

/// `sstatus` and the CSRs of traps.
pub(super) const SSTATUS: u32 = 0x100;
pub(super) const STVEC: u32 = 0x105;
pub(super) const SSCRATCH: u32 = 0x140;
pub(super) const SEPC: u32 = 0x141;
pub(super) const SCAUSE: u32 = 0x142;
pub(super) const STVAL: u32 = 0x143;

const SCOUNTEREN: u32 = 0x106;

/// The state FS "initial", with which floating-point instructions work.
const FS_INITIAL: u64 = 1 << 13;

/// Bytes of data. `data` is their middle.
pub(super) const DATA: usize = 16384;

/// The register that holds the address at which [`Handler::Resume`] resumes.
pub(super) const RESUME: u32 = 28;

/// `sstatus.SPP`.
const SPP: u64 = 1 << 8;

/// The place at which a program continues after a trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handler {
    /// Behind the instruction that trapped.
    Skip,
    /// In supervisor mode at the address in [`RESUME`].
    Resume,
}

/// The labels of a program.
#[derive(Debug)]
pub(super) struct Frame {
    /// The middle of the data.
    pub(super) data: Label,
    /// The place to which a handler saves registers.
    save: Label,
}

impl Frame {
    /// Adds entry and trap handler. The code that follows runs in supervisor mode, without paging.
    pub(super) fn begin(code: &mut Assembler, handler: Handler) -> Self {
        Self::begin_with(
            code,
            match handler {
                Handler::Skip => skip,
                Handler::Resume => resume,
            },
        )
    }

    /// Adds entry and a trap handler of the caller's.
    pub(super) fn begin_with(code: &mut Assembler, handler: fn(&mut Assembler)) -> Self {
        let (data, save, vector, start) = (code.label(), code.label(), code.label(), code.label());
        code.address(31, vector);
        code.emit(csr("csrrw", 0, STVEC, 31));
        code.address(31, save);
        code.emit(csr("csrrw", 0, SSCRATCH, 31));
        code.constant(31, FS_INITIAL);
        code.emit(csr("csrrs", 0, SSTATUS, 31));
        code.emit(csr("csrrwi", 0, SCOUNTEREN, 7));
        code.jump(0, start);
        code.align(4);
        code.place(vector);
        handler(code);
        code.place(start);
        Self { data, save }
    }

    /// Adds the end and the data.
    pub(super) fn end(&self, code: &mut Assembler) {
        shut_down(code);
        code.align(4096);
        code.place(self.save);
        code.data(&[0; 64]);
        code.align(4096);
        // Bytes that differ, so that a load from a wrong address is found.
        let bytes: Vec<u8> = (0..DATA)
            .map(|index| index.wrapping_mul(167).wrapping_add(index >> 8).to_le_bytes()[0])
            .collect();
        code.data(&bytes[..DATA / 2]);
        code.place(self.data);
        code.data(&bytes[DATA / 2..]);
    }
}

/// Adds a handler that reads the CSRs of traps, and returns behind the instruction that trapped.
fn skip(code: &mut Assembler) {
    save(code);
    // The length of the instruction: its lowest two bits are 3, or it has 2 bytes.
    code.emit(immediate("lhu", 30, 29, 0));
    code.emit(immediate("andi", 30, 30, 3));
    code.emit(immediate("sltiu", 30, 30, 3));
    code.emit(immediate("xori", 30, 30, 1));
    code.emit(immediate("slli", 30, 30, 1));
    code.emit(registers("add", 29, 29, 30));
    code.emit(immediate("addi", 29, 29, 2));
    code.emit(csr("csrrw", 0, SEPC, 29));
    restore(code);
    code.emit(super::table::named("sret").bits);
}

/// Adds a handler that reads the CSRs of traps, and returns to supervisor mode at an address.
fn resume(code: &mut Assembler) {
    save(code);
    code.constant(30, SPP);
    code.emit(csr("csrrs", 0, SSTATUS, 30));
    code.emit(csr("csrrw", 0, SEPC, RESUME));
    restore(code);
    code.emit(super::table::named("sret").bits);
}

/// Adds code that frees x29 to x31, and reads the CSRs of traps: the last one, `sepc`, into x29.
fn save(code: &mut Assembler) {
    code.emit(csr("csrrw", 31, SSCRATCH, 31));
    code.emit(store("sd", 30, 31, 0));
    code.emit(store("sd", 29, 31, 8));
    for number in [SCAUSE, STVAL, SSTATUS, SEPC] {
        code.emit(csr("csrrs", 29, number, 0));
    }
}

fn restore(code: &mut Assembler) {
    code.emit(immediate("ld", 30, 31, 0));
    code.emit(immediate("ld", 29, 31, 8));
    code.emit(csr("csrrw", 31, SSCRATCH, 31));
}

/// Adds a call for shutdown: SRST's function 0, type and reason 0.
pub(super) fn shut_down(code: &mut Assembler) {
    code.constant(17, 0x5352_5354);
    for register in [10, 11, 16] {
        code.constant(register, 0);
    }
    code.emit(super::table::named("ecall").bits);
    let here = code.label();
    code.place(here);
    code.jump(0, here);
}
