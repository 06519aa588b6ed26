//! The departure: all harts leave the wrapper's address space for that of the inner kernel.
//!
//! The other harts leave first. Each wipes its stack, and waits in the page of asm/leave.s for the
//! inner kernel. Then no hart needs the wrapper any more, and the boot hart enters that kernel.

use core::sync::atomic::{AtomicPtr, Ordering};
use core::{hint, ptr};

use landfall::address::VirtAddr;
use landfall::{HartIndex, Landing};
use landfall_paging::Satp;

use super::leave::{Registers, Then, leave};
use super::tickets::{Ticket, Tickets};

/// The way out, for every hart.
#[derive(Debug)]
pub(super) struct Departure {
    pub(super) satp: Satp,
    /// The first instruction of the inner kernel.
    pub(super) entry: VirtAddr,
    /// The registers of the boot hart. The others differ in those of their tickets.
    pub(super) registers: Registers,
    pub(super) tickets: Tickets,
}

/// The departure of this boot, once all is ready.
static READY: AtomicPtr<Departure> = AtomicPtr::new(ptr::null_mut());

impl Departure {
    /// Leaves, after all others.
    pub(super) fn leave(mut self, landing: &Landing) -> ! {
        READY.store(&raw mut self, Ordering::Release);
        let boot = landing.facts().boot_hart;
        for ticket in self.tickets.iter().filter(|ticket| ticket.id() != boot) {
            while !ticket.has_left() {
                hint::spin_loop();
            }
        }
        self.go(landing, HartIndex::BOOT, self.registers, Then::Enter(self.entry))
    }

    fn go(&self, landing: &Landing, hart: HartIndex, registers: Registers, then: Then) -> ! {
        let stacks = &landing.plan().stacks;
        // SAFETY: the new tables hold the page, the new stacks and the linear map. This hart uses
        // neither its stack nor anything else of the wrapper from here on.
        unsafe { leave(self.satp, registers, then, (stacks.bottom(hart), stacks.top(hart))) }
    }

    /// Leaves with this ticket, on another hart than the boot hart.
    fn follow(&self, landing: &Landing, hart: HartIndex, ticket: Ticket) -> ! {
        if !ticket.has_release() {
            stop();
        }
        let registers =
            Registers { a0: ticket.a0(), a1: ticket.a1(), stack: ticket.stack(), ..self.registers };
        self.go(landing, hart, registers, Then::Wait(ticket.waiting()))
    }
}

/// Gives a hart back to the firmware.
fn stop() -> ! {
    let _ = sbi_rt::hart_stop();
    loop {
        landfall::wait_for_interrupt();
    }
}

/// The path of every other hart, from the landing on.
pub(super) fn follow(landing: &'static Landing, hart: HartIndex) -> ! {
    let departure = loop {
        // SAFETY: the departure lies on the boot hart's stack, which is wiped after all harts with
        // a ticket have left.
        match unsafe { READY.load(Ordering::Acquire).as_ref() } {
            Some(departure) => break departure,
            None => hint::spin_loop(),
        }
    };
    let ticket = landing.hart(hart).and_then(|known| departure.tickets.find(known.hart.id));
    match ticket {
        Some(ticket) => departure.follow(landing, hart, ticket),
        // It came so late that it counts as lost.
        None => stop(),
    }
}
