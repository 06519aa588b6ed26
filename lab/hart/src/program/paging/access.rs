//! Accesses from supervisor and user mode.

use super::super::assembler::{Assembler, Label};
use super::super::encode::{csr, immediate, registers, store};
use super::super::frame::{RESUME, SEPC, SSTATUS};
use super::super::table::{self, Class};
use super::tables::USER_CODE;
use super::{ADDRESS, COUNT, FRAMES, Pager, SCRATCH, VALUE};

/// `sstatus.SPP`.
const SPP: u64 = 1 << 8;

/// `c.jr ra` twice, and `ecall`: the code that a fetch from a frame finds.
const RETURN: u64 = 0x8082_8082;
const ECALL: u64 = 0x73;

/// Instructions of user mode without an access: most of them trap.
const OTHERS: [u32; 6] = [
    // csrr t0, sstatus; rdcycle t0; sret; wfi
    0x1000_22f3,
    0xc000_22f3,
    0x1020_0073,
    0x1050_0073,
    // sfence.vma; ebreak
    0x1200_0073,
    0x0010_0073,
];

/// The code of user mode: one page of an instruction and `ecall` each.
#[derive(Debug)]
pub(super) struct Stubs {
    /// The page.
    pub(super) label: Label,
    /// The instructions, and whether they have an access that is aligned.
    instructions: Vec<(u32, Alignment)>,
}

/// The alignment of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alignment {
    /// Any address.
    Any,
    /// A multiple of 8.
    Eight,
}

impl Stubs {
    pub(super) fn new(code: &mut Assembler) -> Self {
        let any = |bits| (bits, Alignment::Any);
        let loads = table::of(Class::Load).into_iter().map(|row| any(registers(row.name, 5, ADDRESS, 0)));
        let stores =
            table::of(Class::Store).into_iter().map(|row| any(registers(row.name, 0, ADDRESS, VALUE)));
        let amos = table::of(Class::Amo).into_iter();
        let amos = amos.map(|row| (registers(row.name, 5, ADDRESS, VALUE), Alignment::Eight));
        let reserve = ["lr.w", "lr.d"].map(|name| (registers(name, 5, ADDRESS, 0), Alignment::Eight));
        let instructions = loads.chain(stores).chain(amos).chain(reserve).collect();
        Self { label: code.label(), instructions }
    }

    pub(super) fn place(&self, code: &mut Assembler) {
        code.align(4096);
        code.place(self.label);
        let others = OTHERS.into_iter();
        for bits in self.instructions.iter().map(|(bits, _)| *bits).chain(others) {
            code.emit(bits);
            code.emit(table::named("ecall").bits);
        }
        code.align(4096);
    }
}

impl Pager<'_> {
    /// Adds a load, store, atomic or jump of supervisor mode.
    pub(super) fn access(&mut self) {
        let slot = self.random.pick(&self.tables.slots);
        let address = self.address(&slot);
        let after = self.code.label();
        if self.random.below(4) == 0 {
            let address = address & !3;
            self.fill(address, RETURN);
            self.code.constant(ADDRESS, address);
            self.code.address(RESUME, after);
            self.code.emit(immediate("jalr", 1, ADDRESS, 0));
        } else {
            let (bits, alignment) = self.random.pick(&self.stubs.instructions);
            self.operands(address, alignment);
            self.code.address(RESUME, after);
            self.code.emit(bits);
        }
        self.code.place(after);
    }

    /// Adds a load, store, atomic, fetch or another instruction of user mode.
    pub(super) fn access_as_user(&mut self) {
        let slot = self.random.pick(&self.tables.slots);
        let address = self.address(&slot);
        let after = self.code.label();
        let entry = if self.random.below(4) == 0 {
            self.fill(address & !3, ECALL);
            address & !3
        } else {
            let index = self.random.below(self.stubs.instructions.len() as u64 + OTHERS.len() as u64);
            let alignment = usize::try_from(index).ok().and_then(|index| self.stubs.instructions.get(index));
            self.operands(address, alignment.map_or(Alignment::Any, |(_, alignment)| *alignment));
            USER_CODE + 8 * index
        };
        self.code.address(RESUME, after);
        self.code.constant(SCRATCH, SPP);
        self.code.emit(csr("csrrc", 0, SSTATUS, SCRATCH));
        self.code.constant(SCRATCH, entry);
        self.code.emit(csr("csrrw", 0, SEPC, SCRATCH));
        self.code.emit(table::named("sret").bits);
        self.code.place(after);
    }

    /// Loads address and value of an access.
    fn operands(&mut self, address: u64, alignment: Alignment) {
        let address = if alignment == Alignment::Eight { address & !7 } else { address };
        self.code.constant(ADDRESS, address);
        self.code.constant(VALUE, self.random.next_word());
    }

    /// Puts an instruction into each frame, at the place of an address.
    fn fill(&mut self, address: u64, instruction: u64) {
        self.code.constant(VALUE, instruction);
        self.code.constant(SCRATCH, FRAMES + address % 4096);
        self.code.constant(6, 4096);
        self.code.constant(7, COUNT);
        let again = self.code.label();
        self.code.place(again);
        self.code.emit(store("sw", VALUE, SCRATCH, 0));
        self.code.emit(registers("add", SCRATCH, SCRATCH, 6));
        self.code.emit(immediate("addi", 7, 7, -1));
        // bnez x7
        self.code.branch(0x0003_9063, again);
        self.code.emit(table::named("fence.i").bits);
    }
}
