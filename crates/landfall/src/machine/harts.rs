//! The other harts.
//!
//! Each that can follow is offered a start record: one word with the number of its stack and a
//! state. A hart claims its record by one atomic step. The boot hart withdraws an offer by one. So
//! a late hart never lands on a withdrawn stack. With HSM, `hart_start` passes the record. Without
//! it, all harts wait in a stub (secondary.s) and find their record by their id. The values common
//! to all harts lie once, in [`START`].

use core::arch::asm;
use core::fmt;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use landfall_address::ImageAddr;
use landfall_paging::{VirtAddr, VirtRange};
use landfall_plan::Facts;
use landfall_plan::harts::{Absence, Hart, HartIndex, MAX_HARTS};
use landfall_plan::planner::{Role, hart_roles};
use landfall_plan::policy::Starting;

use super::clock::Clock;
use super::landing::{Landing, LandingCell};
use super::symbols::address_of;

pub(super) const OFFERED: u32 = 1;
pub(super) const CLAIMED: u32 = 2;
pub(super) const FAILED: u32 = 3;
const LANDED: u32 = 4;
const WITHDRAWN: u32 = 5;
const REJECTED: u32 = 6;

/// The bits of a start record that hold the state. The bits above hold the number of the hart's
/// stack.
pub(super) const STATE_BITS: u32 = 8;

/// The start record of a hart: its state, and the number of its stack.
#[derive(Debug)]
#[repr(transparent)]
pub(super) struct StartRecord(AtomicU32);

impl StartRecord {
    fn state(&self) -> u32 {
        self.0.load(Ordering::Relaxed) & ((1 << STATE_BITS) - 1)
    }

    fn store(&self, index: u32, state: u32) {
        self.0.store(index << STATE_BITS | state, Ordering::Release);
    }

    /// Replaces the state of a record that is still offered.
    fn withdraw(&self, state: u32) {
        let record = self.0.load(Ordering::Relaxed);
        let withdrawn = record & !((1 << STATE_BITS) - 1) | state;
        // A hart that has claimed in the meantime keeps its stack; it is reported as lost.
        if record & ((1 << STATE_BITS) - 1) == OFFERED {
            let _ = self.0.compare_exchange(record, withdrawn, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    fn what_became(&self) -> HartState {
        match self.state() {
            LANDED => HartState::Online,
            FAILED => HartState::ModeRefused,
            WITHDRAWN => HartState::NoAnswer,
            REJECTED => HartState::Rejected,
            _ => HartState::Lost,
        }
    }
}

/// One a hart, in the order of [`Facts::harts`]. In `.data`, which is not zeroed while harts look
/// at it.
#[unsafe(link_section = ".data.landfall_start_records")]
pub(super) static RECORDS: [StartRecord; MAX_HARTS] = [const { StartRecord(AtomicU32::new(0)) }; MAX_HARTS];

/// The values that all harts need to land; secondary.s knows the offsets.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Start {
    pub(super) satp: AtomicU64,
    /// The virtual address to land at.
    pub(super) landed: AtomicU64,
    /// The top of stack 0, and bytes from one to the next.
    pub(super) stack: AtomicU64,
    pub(super) stack_stride: AtomicU64,
    /// Bytes from here to the ids of the harts, and their number.
    pub(super) ids: AtomicU64,
    pub(super) count: AtomicU64,
}

/// In `.data`, as the records.
#[unsafe(link_section = ".data.landfall_start")]
pub(super) static START: Start = Start {
    satp: AtomicU64::new(0),
    landed: AtomicU64::new(0),
    stack: AtomicU64::new(0),
    stack_stride: AtomicU64::new(0),
    ids: AtomicU64::new(0),
    count: AtomicU64::new(0),
};

/// A hart of the machine and its part in the landing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LandingHart {
    /// The number of the hart and of its stack; `None` if it has no stack.
    pub index: Option<HartIndex>,
    /// The hart as the device tree describes it.
    pub hart: Hart,
    /// The state of the hart.
    pub state: HartState,
}

impl LandingHart {
    /// Returns true if the hart has landed.
    #[must_use]
    pub const fn is_online(&self) -> bool {
        matches!(self.state, HartState::Online)
    }
}

/// The state of a hart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HartState {
    /// It has landed.
    Online,
    /// It was never meant to.
    Absent(Absence),
    /// The firmware rejected the start, or does not answer.
    Rejected,
    /// It did not come, and its start was withdrawn.
    NoAnswer,
    /// It came, and did not take the mode that its `mmu-type` promises.
    ModeRefused,
    /// It claimed its start and was not heard of again.
    Lost,
}

impl fmt::Display for HartState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Online => "online",
            Self::Absent(absence) => return absence.fmt(f),
            Self::Rejected => "the firmware rejected its start",
            Self::NoAnswer => "no answer in time; its start was withdrawn",
            Self::ModeRefused => "it did not take the mode that its mmu-type promises, and was stopped",
            Self::Lost => "it began to land and was not heard of again",
        })
    }
}

impl Landing {
    /// Returns the harts of the device tree, in its order.
    pub fn harts(&self) -> impl Iterator<Item = LandingHart> {
        let roles = hart_roles(&self.facts, self.policy(), self.mode()).zip(&RECORDS);
        let mut followers = 0;
        roles.map(move |((hart, role), record)| {
            let (index, state) = match role {
                Role::Boots => (Some(HartIndex::BOOT), HartState::Online),
                Role::Absent(absence) => (None, HartState::Absent(absence)),
                Role::Follows => {
                    followers += 1;
                    (Some(HartIndex::new(followers)), record.what_became())
                }
            };
            LandingHart { index, hart, state }
        })
    }

    /// Returns the stack on which a hart enters the kernel. Its use begins at the upper end, and
    /// below it are 64 KiB that nothing maps.
    #[must_use]
    pub const fn stack(&self, hart: HartIndex) -> VirtRange {
        self.plan().stacks.usable(hart)
    }

    /// Returns a hart's overflow stack, directly above its stack. It is the trap entry's, see
    /// [`trap`](crate::trap).
    #[must_use]
    pub const fn overflow_stack(&self, hart: HartIndex) -> VirtRange {
        self.plan().stacks.overflow(hart)
    }

    /// Returns the hart with this number; `None` if no stack has the number. The hart's id is
    /// [`Hart::id`].
    #[must_use]
    pub fn hart(&self, index: HartIndex) -> Option<LandingHart> {
        self.harts().find(|known| known.index == Some(index))
    }

    /// Returns the start record of each hart that follows the boot hart, in the order of their
    /// numbers.
    fn follower_records(&self) -> impl Iterator<Item = &'static StartRecord> {
        let roles = hart_roles(&self.facts, self.policy(), self.mode()).zip(&RECORDS);
        roles.filter(|((_, role), _)| *role == Role::Follows).map(|(_, record)| record)
    }

    /// Starts all harts that can follow, and waits until each has landed, failed, or been
    /// skipped.
    pub(super) fn start_other_harts(&self) {
        if self.policy().starting() == Starting::BootHart {
            return;
        }
        if self.offer_starts() == 0 {
            return;
        }
        if sbi_rt::probe_extension(sbi_rt::Hsm).is_available() {
            start_by_hsm(&self.facts);
        } else {
            release_waiting_harts();
        }
        self.wait_for_harts();
    }

    /// Returns how many there are.
    fn offer_starts(&self) -> u32 {
        let stacks = self.plan().stacks;
        let ids = self.facts.harts.ids();
        let value = |place: &AtomicU64, value: u64| place.store(value, Ordering::Relaxed);
        value(&START.satp, self.satp().bits());
        value(&START.landed, address_of!("landfall_secondary_landed"));
        value(&START.stack, stacks.usable(HartIndex::BOOT).end().get());
        value(&START.stack_stride, stacks.virtual_stride());
        // A distance: no data but the landing's own holds a physical address of the image.
        value(&START.ids, (ids.as_ptr().addr()).wrapping_sub((&raw const START).addr()) as u64);
        value(&START.count, ids.len() as u64);
        let mut index = 0;
        for record in self.follower_records() {
            index += 1;
            record.store(index, OFFERED);
        }
        index
    }

    /// The records of the harts that there are.
    fn records(&self) -> &'static [StartRecord] {
        RECORDS.get(..self.facts.harts.len()).unwrap_or(&RECORDS)
    }

    /// Waits as long as one hart lands every four seconds; then withdraws what is still only
    /// offered.
    fn wait_for_harts(&self) {
        let clock = Clock::find(self.facts.timebase);
        let is_pending = |record: &&StartRecord| matches!(record.state(), OFFERED | CLAIMED);
        let (mut patience, mut pending) = (clock.patience(), usize::MAX);
        loop {
            let now_pending = self.records().iter().filter(is_pending).count();
            if now_pending == 0 {
                return;
            }
            if now_pending < pending {
                (patience, pending) = (clock.patience(), now_pending);
            }
            if patience.is_over() {
                break;
            }
            core::hint::spin_loop();
        }
        self.records().iter().for_each(|record| record.withdraw(WITHDRAWN));
    }
}

/// Starts every hart that was offered a record.
#[inline(never)]
#[unsafe(export_name = "landfall_start_by_hsm")]
fn start_by_hsm(facts: &Facts) {
    publish();
    let entry =
        ImageAddr::from_virt(VirtAddr::new(address_of!("landfall_secondary"))).to_phys().get() as usize;
    for (id, record) in facts.harts.ids().iter().zip(&RECORDS) {
        if record.state() == OFFERED {
            let opaque = ImageAddr::from_ptr(record).to_phys().get() as usize;
            if sbi_rt::hart_start(*id as usize, entry, opaque).is_err() {
                record.withdraw(REJECTED);
            }
        }
    }
}

/// Orders the records, the tables, the code and all data before whatever the firmware does to start
/// a hart: docs/fences.md.
///
/// An `ecall` orders no data, and storing a record's state with release orders only what came
/// before that store. A hart that comes too early would take its own offer for a withdrawn one.
fn publish() {
    // SAFETY: it orders, and nothing else.
    unsafe { asm!("fence rw, ow", options(nostack, preserves_flags)) };
}

fn release_waiting_harts() {
    unsafe extern "C" {
        #[link_name = "landfall_release"]
        static RELEASE: AtomicU32;
    }
    // SAFETY: a word of our own, in head.s.
    unsafe { &RELEASE }.store(1, Ordering::Release);
}

unsafe extern "Rust" {
    safe fn __landfall_main(landing: &'static Landing) -> !;
    safe fn __landfall_secondary(landing: &'static Landing, hart: HartIndex) -> !;
}

/// The boot hart, at its virtual address, on its own stack.
#[unsafe(no_mangle)]
extern "C" fn landfall_landed_boot_hart() -> ! {
    // SAFETY: this is after landing.
    let landing = unsafe { LandingCell::get() };
    landing.start_other_harts();
    __landfall_main(landing)
}

/// Another hart, at its virtual address, on its own stack. `slot` is the number of its start
/// record.
#[unsafe(no_mangle)]
extern "C" fn landfall_landed_secondary(index: u64, satp: u64, expected: u64, slot: u64) -> ! {
    // SAFETY: this is after landing.
    let landing = unsafe { LandingCell::get() };
    if let Some(record) = RECORDS.get(slot as usize) {
        record.store(index as u32, if satp == expected { LANDED } else { FAILED });
    }
    if satp != expected {
        let _ = sbi_rt::hart_stop();
        loop {
            super::wait_for_interrupt();
        }
    }
    __landfall_secondary(landing, HartIndex::new(index))
}
