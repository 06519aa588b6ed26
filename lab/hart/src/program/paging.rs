//! Pages: entries with random bits, fences, and accesses from both modes through them.
//!
//! ```text
//! tables    the tables in the image, and the entries that change
//! access    an access from supervisor or user mode
//! ```
//!
//! The program lies under an identity map of its own, which never changes. Each entry that changes
//! maps [`FRAMES`] or nothing. A fence follows each change.

mod access;
mod tables;

use landfall_host::random::Random;

use self::access::Stubs;
use self::tables::{Slot, Tables};
use super::assembler::Assembler;
use super::encode::{csr, immediate, registers, store};
use super::frame::{Frame, Handler, SSTATUS};
use super::table::word;

/// The frames that the entries map: 16 of 4 KiB, at a multiple of 2 MiB.
const FRAMES: u64 = 0x8040_0000;

/// The number of frames.
const COUNT: u64 = 16;

const SATP: u32 = 0x180;

/// SUM and MXR in `sstatus`.
const SUM: u64 = 1 << 18;
const MXR: u64 = 1 << 19;

/// The registers of addresses and values.
const ADDRESS: u32 = 11;
const VALUE: u32 = 12;
const SCRATCH: u32 = 13;

/// A mode of translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Three levels.
    Sv39,
    /// Four.
    Sv48,
    /// Five.
    Sv57,
}

impl Mode {
    /// Returns its value in `satp`.
    const fn number(self) -> u64 {
        match self {
            Self::Sv39 => 8,
            Self::Sv48 => 9,
            Self::Sv57 => 10,
        }
    }
}

/// Returns the image of a program with about `count` instructions.
pub(super) fn program(mut code: Assembler, mut random: Random, mode: Mode, count: usize) -> Vec<u8> {
    let frame = Frame::begin(&mut code, Handler::Resume);
    let stubs = Stubs::new(&mut code);
    let tables = Tables::new(&mut code, mode, stubs.label);
    let mut pager = Pager { code: &mut code, random: &mut random, tables: &tables, stubs: &stubs };
    pager.enter();
    let start = pager.code.here();
    while pager.code.here() - start < count as u64 * 4 {
        pager.act();
    }
    frame.end(&mut code);
    stubs.place(&mut code);
    tables.place(&mut code);
    code.finish()
}

/// Adds the steps of a program.
struct Pager<'a> {
    code: &'a mut Assembler,
    random: &'a mut Random,
    tables: &'a Tables,
    stubs: &'a Stubs,
}

impl Pager<'_> {
    fn act(&mut self) {
        match self.random.below(16) {
            0..=4 => self.change(),
            5 | 6 => self.switch(),
            7 => self.read_entry(),
            8 if self.random.coin() => self.enter(),
            8 => self.refuse(),
            9..=12 => self.access(),
            _ => self.access_as_user(),
        }
    }

    /// Points `satp` to the tables with a random ASID. Reads it back.
    fn enter(&mut self) {
        let asid = self.random.below(1 << 16);
        self.code.address(SCRATCH, self.tables.root);
        self.code.emit(immediate("srli", SCRATCH, SCRATCH, 12));
        self.code.constant(VALUE, self.tables.mode.number() << 60 | asid << 44);
        self.code.emit(registers("add", SCRATCH, SCRATCH, VALUE));
        self.code.emit(csr("csrrw", 5, SATP, SCRATCH));
        self.code.emit(registers("sfence.vma", 0, 0, 0));
        self.code.emit(csr("csrrs", 5, SATP, 0));
    }

    /// Writes a mode that does not exist: `satp` stays.
    fn refuse(&mut self) {
        let mode = self.random.pick(&[1, 2, 7, 11, 14, 15]);
        self.code.constant(VALUE, mode << 60 | self.random.next_word() >> 4);
        self.code.emit(csr("csrrw", 5, SATP, VALUE));
        self.code.emit(csr("csrrs", 5, SATP, 0));
    }

    /// Replaces an entry, and fences.
    fn change(&mut self) {
        let slot = self.random.pick(&self.tables.slots);
        let entry = slot.random(self.random);
        self.code.address(SCRATCH, slot.table);
        self.code.constant(VALUE, entry);
        if let Some(table) = slot.points_to() {
            self.code.address(6, table);
            self.code.emit(immediate("srli", 6, 6, 2));
            self.code.emit(registers("or", VALUE, VALUE, 6));
        }
        self.code.emit(store("sd", VALUE, SCRATCH, slot.offset()));
        // One address covers a leaf of 4 KiB alone: an entry above, and NAPOT, need all of them.
        if slot.level == 0 && entry >> 63 == 0 && self.random.coin() {
            self.code.constant(ADDRESS, slot.address);
            self.code.emit(registers("sfence.vma", 0, ADDRESS, 0));
            self.code.constant(ADDRESS, slot.other_address());
            self.code.emit(registers("sfence.vma", 0, ADDRESS, 0));
        } else {
            self.code.emit(registers("sfence.vma", 0, 0, 0));
        }
    }

    /// Reads an entry, in which the hart may have set A or D.
    fn read_entry(&mut self) {
        let slot = self.random.pick(&self.tables.slots);
        self.code.address(SCRATCH, slot.table);
        self.code.emit(immediate("ld", 5, SCRATCH, slot.offset()));
    }

    /// Sets or clears SUM or MXR.
    fn switch(&mut self) {
        let bits = self.random.pick(&[SUM, MXR, SUM | MXR]);
        let name = self.random.pick(&["csrrs", "csrrc"]);
        self.code.constant(VALUE, bits);
        self.code.emit(csr(name, 5, SSTATUS, VALUE));
    }

    /// Returns an address within a slot, or one that is not canonical.
    fn address(&mut self, slot: &Slot) -> u64 {
        let page = if slot.level == 0 { 0 } else { self.random.below(COUNT) * 4096 };
        let base = slot.window + if self.random.coin() { slot.other_address() } else { slot.address };
        let address = base + page + self.random.below(4096);
        if self.random.below(32) != 0 {
            return address;
        }
        address ^ 1 << (self.tables.mode.top_bit() + u64::from(word(self.random) & 3))
    }
}
