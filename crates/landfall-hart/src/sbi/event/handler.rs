//! Delivery of events, and the state that their handlers interrupt.

use crate::hart::csr::status;
use crate::hart::event::{DOUBLE_TRAP, Event, EventState, Interrupted};
use crate::hart::{Privilege, State};
use crate::machine::{Machine, Outcome};

use super::super::Reply;
use super::find;

/// The bits of [`Interrupted::flags`].
pub(super) mod flag {
    /// SPP.
    pub(in super::super) const SPP: u64 = 1 << 0;
    /// SPIE.
    pub(in super::super) const SPIE: u64 = 1 << 1;
    /// SDT.
    pub(in super::super) const SDT: u64 = 1 << 5;
}

/// Makes an event pending. An event that no handler waits for is lost.
pub(super) fn mark(machine: &mut Machine, hart: usize, number: u32) {
    if let Ok(event) = find(machine, hart, number)
        && matches!(event.state, EventState::Enabled | EventState::Running)
    {
        event.pending = true;
    }
}

/// Signals an event to a hart from outside.
pub(in super::super) fn signal(machine: &mut Machine, hart: usize, number: u32) {
    mark(machine, hart, number);
    deliver_pending(machine, hart);
}

/// Handles a double trap (Ssdbltrp) of a hart, whose `pc` is that of the instruction that trapped.
///
/// Returns an outcome if no event can handle it.
pub(crate) fn double_trap(machine: &mut Machine, hart: usize) -> Option<Outcome> {
    signal(machine, hart, DOUBLE_TRAP);
    let handled = find(machine, hart, DOUBLE_TRAP)
        .is_ok_and(|event| event.state == EventState::Running && !event.pending);
    if handled { None } else { Some(Outcome::DoubleTrap { hart: machine.harts[hart].id }) }
}

/// Moves a hart to the handler of its first pending event, if that precedes what it runs.
pub(crate) fn deliver_pending(machine: &mut Machine, hart: usize) {
    if machine.harts[hart].events.masked || !wakes(machine.harts[hart].state) {
        return;
    }
    let all = || machine.harts[hart].events.local.iter().chain([&machine.global_event]);
    let next = all()
        .filter(|event| event.state == EventState::Enabled && event.pending)
        .min_by_key(|event| event.rank());
    let running = all().filter(|event| runs(event, hart)).map(Event::rank).min();
    let Some(next) = next.filter(|next| running.is_none_or(|running| next.rank() < running)) else {
        return;
    };
    let number = next.number;
    begin(machine, hart, number);
}

/// Returns true if an event reaches a hart in this state. A hart that resumes as if it started has
/// nothing that could be interrupted.
const fn wakes(state: State) -> bool {
    matches!(state, State::Started | State::Waiting | State::Suspended { resume: None })
}

/// Returns true if the event's handler runs on the hart.
pub(super) fn runs(event: &Event, hart: usize) -> bool {
    event.state == EventState::Running && event.runs_on == hart
}

/// Saves what the event interrupts, and moves to its handler.
fn begin(machine: &mut Machine, index: usize, number: u32) {
    let hart = &machine.harts[index];
    let sstatus = hart.csrs.sstatus;
    let bit = |field, flag| if sstatus & field != 0 { flag } else { 0 };
    let interrupted = Interrupted {
        sepc: hart.csrs.sepc,
        flags: bit(status::SPP, flag::SPP) | bit(status::SPIE, flag::SPIE) | bit(status::SDT, flag::SDT),
        a6: hart.x[16],
        a7: hart.x[17],
    };
    let Ok(event) = find(machine, index, number) else { return };
    event.state = EventState::Running;
    event.pending = false;
    event.runs_on = index;
    event.interrupted = interrupted;
    let (entry, argument) = (event.entry, event.argument);
    let hart = &mut machine.harts[index];
    let mut next = sstatus & !(status::SPP | status::SPIE | status::SIE);
    if hart.privilege == Privilege::Supervisor {
        next |= status::SPP;
    }
    if sstatus & status::SIE != 0 {
        next |= status::SPIE;
    }
    if hart.features.double_trap {
        next |= status::SDT;
    }
    hart.csrs.sstatus = next;
    hart.csrs.sepc = hart.pc;
    hart.privilege = Privilege::Supervisor;
    hart.pc = entry;
    (hart.x[16], hart.x[17]) = (hart.id, argument);
    hart.state = State::Started;
}

/// Ends the handler of the first event that runs on the calling hart, and resumes what it
/// interrupted.
pub(super) fn complete(machine: &mut Machine, index: usize) -> Reply {
    let Machine { harts, global_event, .. } = machine;
    let hart = &mut harts[index];
    let running = hart
        .events
        .local
        .iter_mut()
        .chain([global_event])
        .filter(|event| runs(event, index))
        .min_by_key(|event| event.rank());
    let Some(event) = running else { return Reply::Return(Ok(0)) };
    event.state = if event.one_shot { EventState::Registered } else { EventState::Enabled };
    let Interrupted { sepc, flags, a6, a7 } = event.interrupted;
    let sstatus = hart.csrs.sstatus;
    let mut next = sstatus & !(status::SPP | status::SPIE | status::SIE | status::SDT);
    let bit = |flag, field| if flags & flag != 0 { field } else { 0 };
    next |= bit(flag::SPP, status::SPP) | bit(flag::SPIE, status::SPIE);
    if hart.features.double_trap {
        next |= bit(flag::SDT, status::SDT);
    }
    if sstatus & status::SPIE != 0 {
        next |= status::SIE;
    }
    hart.pc = hart.csrs.sepc;
    hart.privilege = if sstatus & status::SPP != 0 { Privilege::Supervisor } else { Privilege::User };
    hart.csrs.sstatus = next;
    hart.csrs.sepc = sepc;
    (hart.x[16], hart.x[17]) = (a6, a7);
    Reply::Silent
}
