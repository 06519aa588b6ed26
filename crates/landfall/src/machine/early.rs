//! Memory of the landing alone: the probe's tables, the memory that it reaches by physical
//! addresses, and `.bss`.

use core::arch::asm;
use core::cell::UnsafeCell;
use core::ops::Range;
use core::ptr::with_exposed_provenance_mut;

use landfall_paging::{
    Access, Entry, LeafFormat, LeafSize, Mode, PAGE_SIZE, PhysAddr, PhysRange, Satp, TableMemory,
};
use landfall_plan::Refusal;
use landfall_plan::facts::{MemoryTypes, OtherHarts};
use landfall_plan::harts::Harts;
use landfall_plan::planner::ModeLimit;

use super::symbols::{address_of, image, image_start};

/// Memory by physical addresses, while satp is 0.
#[derive(Debug)]
pub(super) struct PhysicalMemory {
    _private: (),
}

impl PhysicalMemory {
    /// Access to all of memory.
    ///
    /// # Safety
    /// satp is 0, and stays so while this value lives.
    pub(super) const unsafe fn new() -> Self {
        Self { _private: () }
    }

    /// The `size` bytes from `at` on.
    ///
    /// # Safety
    /// They are RAM, and nothing else refers to them meanwhile.
    #[expect(
        clippy::mut_from_ref,
        clippy::needless_lifetimes,
        clippy::unused_self,
        reason = "memory is not part of this value; the caller sees to aliases"
    )]
    pub(super) unsafe fn bytes<'a>(&'a self, at: PhysAddr, size: usize) -> &'a mut [u8] {
        // SAFETY: with satp 0 a physical address is an address; the caller vouches for the rest.
        unsafe { core::slice::from_raw_parts_mut(with_exposed_provenance_mut(at.get() as usize), size) }
    }
}

impl PhysicalMemory {
    /// Zeroes bytes.
    ///
    /// # Safety
    /// They are RAM, and nothing refers to them.
    pub(super) unsafe fn zero(&self, range: PhysRange) {
        let (start, end) = (range.start().get(), range.end().get());
        let (first, last) = (start.next_multiple_of(8).min(end), end & !7);
        // SAFETY: the caller vouches for the bytes, and satp is 0, as for all of this type.
        unsafe {
            self.bytes(range.start(), (first - start) as usize).fill(0);
            landfall_zero(first, last);
            self.bytes(PhysAddr::new(last.max(first)), (end - last.max(first)) as usize).fill(0);
        }
    }
}

/// Moves the bytes of a range to a lower place, word by word if all bounds permit it.
pub(super) fn move_down(bytes: &mut [u8], from: Range<usize>, to: usize) {
    let base = bytes.as_mut_ptr().expose_provenance();
    let is_inside = to <= from.start && from.start <= from.end && from.end <= bytes.len();
    if is_inside && (base | from.start | from.end | to).is_multiple_of(4) {
        let at = |offset: usize| (base + offset) as u64;
        // SAFETY: both are parts of `bytes`, the target is not above the source, and all are
        // multiples of 4.
        unsafe { landfall_move_words_down(at(to), at(from.start), at(from.end)) };
    } else {
        bytes.copy_within(from, to);
    }
}

/// Pages that are the mapper's alone.
#[derive(Debug)]
pub(super) struct TablePages<'a> {
    _memory: &'a PhysicalMemory,
}

impl<'a> TablePages<'a> {
    /// # Safety
    /// The pages that the mapper gets with it are RAM without another user.
    pub(super) const unsafe fn new(memory: &'a PhysicalMemory) -> Self {
        Self { _memory: memory }
    }
}

/// The largest block: two lie in a page.
const MAX_BLOCK: u64 = PAGE_SIZE / 2;

/// Lets `cbo.zero` zero memory from here on, if this hart has it and its blocks have the size that
/// the device tree states.
pub(super) fn try_blocks(_: &PhysicalMemory, size: u64) {
    if size.is_power_of_two() && (8..=MAX_BLOCK).contains(&size) {
        // SAFETY: satp is 0, as there is a `PhysicalMemory`. The probe's tables are five pages of
        // zeros that nothing uses yet.
        unsafe { landfall_try_blocks(probe_tables().start().get(), size.trailing_zeros().into()) }
    }
}

impl TableMemory for TablePages<'_> {
    fn write_run(&mut self, at: PhysAddr, first: Entry, step: u64, count: usize) {
        // SAFETY: the mapper writes within tables, and those are RAM that is ours alone (`new`).
        unsafe {
            match count {
                1 => with_exposed_provenance_mut::<Entry>(at.get() as usize).write(first),
                _ => landfall_write_entries(at.get(), first.bits(), step, count as u64),
            }
        }
    }

    fn write_invalid(&mut self, at: PhysAddr, count: usize) {
        // SAFETY: as in `write_run`.
        unsafe { landfall_zero(at.get(), at.get() + count as u64 * 8) };
    }
}

/// Room for the probe's tables. It lies in the image's file, so its pages are zeros already.
#[repr(C, align(4096))]
struct ProbeTables(UnsafeCell<[u64; 512 * 5]>);

// SAFETY: only the one hart that lands gets at it, by its physical address.
unsafe impl Sync for ProbeTables {}

#[unsafe(link_section = ".landfall.early")]
static PROBE_TABLES: ProbeTables = ProbeTables(UnsafeCell::new([0; 512 * 5]));

/// Returns the memory of the probe's tables.
pub(super) fn probe_tables() -> PhysRange {
    let start = (&raw const PROBE_TABLES).expose_provenance() as u64;
    PhysRange::new(PhysAddr::new(start), size_of::<ProbeTables>() as u64)
}

unsafe extern "C" {
    /// Zeroes words: see zero.s.
    ///
    /// # Safety
    /// satp is 0, and nothing else refers to the memory from `start` to `end`, both multiples of 8.
    fn landfall_zero(start: u64, end: u64);
    /// Writes `count` entries from `at` on: see entries.s.
    ///
    /// # Safety
    /// satp is 0, and nothing else refers to the entries. `at` is a multiple of 8.
    fn landfall_write_entries(at: u64, first: u64, step: u64, count: u64);
    /// Moves words: see words.s.
    ///
    /// # Safety
    /// The source, from `from` to `end`, and as many bytes from `to` on are the caller's to write.
    /// `to` is not above `from`. All are multiples of 4.
    fn landfall_move_words_down(to: u64, from: u64, end: u64);
    /// Tries `cbo.zero` with blocks of two to the `shift` bytes: see zero.s.
    ///
    /// # Safety
    /// satp is 0. Three blocks from `place` on, a multiple of two of them, hold zeros and have no
    /// other user.
    fn landfall_try_blocks(place: u64, shift: u64);
    /// Tries a value of satp: see probe.s.
    ///
    /// # Safety
    /// satp is 0, and the tables that `satp` names map the probe's page at its physical address,
    /// R-X.
    fn landfall_probe(satp: u64) -> u64;
}

/// Finds the best mode that this hart takes.
///
/// The probe's table is live during the attempt, so it is as strict as any other. It has one 4 KiB
/// leaf, R-X, over the page that holds the probe.
///
/// # Errors
/// Rule 12: it takes none. Rule 13: the image lies too high to be mapped at its own address, and
/// the device tree does not promise the mode.
pub(super) fn probe(memory: &PhysicalMemory, limit: ModeLimit, format: LeafFormat) -> Result<Mode, Refusal> {
    let page = PhysAddr::new(address_of!("landfall_probe")).align_down(PAGE_SIZE);
    let tables = probe_tables().start();
    limit.choose(image().at(image_start()).all(), page, |mode| {
        if mode != limit.best {
            // Zeroes the entries of the last attempt.
            // SAFETY: the pages are PROBE_TABLES, which nothing else uses.
            unsafe { memory.bytes(tables, size_of::<ProbeTables>()) }.fill(0);
        }
        // SAFETY: as above.
        let mut pages = unsafe { TablePages::new(memory) };
        // The root is the first page, and each table is in front of the one that it points to. All
        // other entries are zeros.
        let root = mode.levels() - 1;
        let table = |level: usize| tables.wrapping_add((root - level) as u64 * PAGE_SIZE);
        for (level, size) in LeafSize::BY_LEVEL.into_iter().enumerate().take(mode.levels()) {
            let entry = match level {
                0 => Entry::leaf(page, Access::ReadExecute).formatted(format, size),
                _ => Entry::table(table(level - 1)),
            };
            let index = page.get() / size.bytes() % 512;
            pages.write_run(table(level).wrapping_add(index * 8), entry, 0, 1);
        }
        let satp = Satp::new(mode, tables);
        // SAFETY: satp is 0 (`memory` exists), and the tables map the probe at its own address.
        Ok(unsafe { landfall_probe(satp.bits()) } == satp.bits())
    })
}

/// Returns this part's mark of ordinary memory, which all its page tables carry.
///
/// T-Head C9xx have bits of their own for it, if `th.sxstatus` (CSR 0x5c0) has MAEE (bit 21) set.
/// Their `mvendorid` is 0x5b7, and `marchid` and `mimpid` are 0. Other parts lack that CSR, so
/// firmware's ids are read first.
///
/// These parts have no mode but sv39. In another one, firmware is not asked.
pub(super) fn memory_types(mode: Mode) -> MemoryTypes {
    const THEAD: usize = 0x5b7;
    if mode != Mode::Sv39 {
        return MemoryTypes::Standard;
    }
    if sbi_rt::get_mvendorid() != THEAD || sbi_rt::get_marchid() != 0 || sbi_rt::get_mimpid() != 0 {
        return MemoryTypes::Standard;
    }
    let status: u64;
    // SAFETY: it reads a register, which these parts have.
    unsafe { asm!("csrr {}, 0x5c0", out(reg) status, options(nomem, nostack, preserves_flags)) };
    if status >> 21 & 1 == 1 { MemoryTypes::Thead } else { MemoryTypes::Standard }
}

/// Returns the place of the other harts: without HSM, firmware has sent them all here.
pub(super) fn other_harts(harts: &Harts) -> OtherHarts {
    if harts.len() == 1 || sbi_rt::probe_extension(sbi_rt::Hsm).is_available() {
        OtherHarts::WithFirmware
    } else {
        OtherHarts::InImage
    }
}

/// Zeroes `.bss`.
///
/// # Safety
/// It has been checked to lie in free RAM, and nothing in it has been used yet.
pub(super) unsafe fn zero_bss(memory: &PhysicalMemory) {
    let bss = (address_of!("__landfall_bss_start"), address_of!("__landfall_bss_end"));
    // SAFETY: `.bss` is the image's own; the caller vouches for the rest.
    unsafe { memory.zero(PhysRange::between(PhysAddr::new(bss.0), PhysAddr::new(bss.1))) };
}
