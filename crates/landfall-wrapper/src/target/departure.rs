//! The departure: all harts leave the wrapper's address space for that of the inner kernel.
//!
//! The other harts leave first. Each wipes its stack, and waits in the page of asm/leave.s for the
//! inner kernel. Then no hart needs the wrapper any more, and the boot hart enters the inner kernel.

use core::sync::atomic::{AtomicPtr, Ordering};
use core::{hint, ptr};

use landfall::address::VirtAddr;
use landfall::plan::Stacks;
use landfall::{HartIndex, Landing};
use landfall_paging::Satp;

use super::leave::{Leave, Then};
use super::records::HartRecords;

/// What every hart needs to leave.
#[derive(Debug)]
pub(super) struct Departure {
    pub(super) satp: Satp,
    /// The first instruction of the inner kernel.
    pub(super) entry: VirtAddr,
    /// The address of the boot information.
    pub(super) information: VirtAddr,
    pub(super) harts: HartRecords,
    /// The new stacks.
    pub(super) stacks: Stacks,
}

/// The departure of this boot, once all is ready.
static READY: AtomicPtr<Departure> = AtomicPtr::new(ptr::null_mut());

impl Departure {
    /// Leaves, after all others.
    pub(super) fn leave(mut self, landing: &Landing) -> ! {
        READY.store(&raw mut self, Ordering::Release);
        let boot = landing.facts().boot_hart;
        for record in self.harts.iter().filter(|record| record.id() != boot) {
            while !record.waits() {
                hint::spin_loop();
            }
        }
        let then = Then::Enter { entry: self.entry, argument: self.information.get() };
        self.go(landing, HartIndex::BOOT, boot, then)
    }

    fn go(&self, landing: &Landing, hart: HartIndex, id: u64, then: Then) -> ! {
        let leave = Leave { hart: id, satp: self.satp, stack: self.stacks.top(hart), then };
        // SAFETY: the new tables hold the page and the new stack. This hart uses neither its stack
        // nor anything else of the wrapper from here on.
        unsafe { leave.go(landing.plan().stacks.bottom(hart), landing.plan().stacks.top(hart)) }
    }
}

/// The path of every other hart, from the landing on.
pub(super) fn follow(landing: &'static Landing, hart: HartIndex) -> ! {
    let departure = loop {
        // SAFETY: the departure lies on the boot hart's stack, which is wiped after all harts with
        // a record have left.
        match unsafe { READY.load(Ordering::Acquire).as_ref() } {
            Some(departure) => break departure,
            None => hint::spin_loop(),
        }
    };
    let id = landing.hart(hart).map(|known| known.hart.id);
    match id.and_then(|id| departure.harts.iter().find(|record| record.id() == id)) {
        Some(record) => departure.go(landing, hart, record.id(), Then::Wait { record: record.address() }),
        // It came so late that it counts as lost.
        None => loop {
            landfall::wait_for_interrupt();
        },
    }
}
