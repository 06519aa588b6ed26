//! Delivery, order, and the end of events.

use super::*;
use crate::hart::csr::status::{SDT, SIE, SPIE, SPP, UXL};
use crate::hart::{Privilege, State};

#[test]
fn an_event_interrupts_a_hart_whose_interrupts_are_off_and_its_end_resumes_it() {
    for (privilege, before, during, after) in [
        (Privilege::Supervisor, SIE | SPP, SPP | SPIE, SIE | SPP),
        (Privilege::Supervisor, SPIE, SPP, SPIE),
        (Privilege::User, SDT | SPP, SDT, SDT | SPP),
    ] {
        let mut machine = running();
        for hart in &mut machine.harts {
            hart.features.double_trap = before & SDT != 0;
        }
        listen(&mut machine, 1, LOCAL, HANDLER);
        let hart = &mut machine.harts[1];
        (hart.privilege, hart.pc, hart.csrs.sepc) = (privilege, RAM + 0x40, RAM + 0x80);
        hart.csrs.sstatus = UXL | before;
        hart.x = std::array::from_fn(|register| register as u64);
        hart.state = State::Waiting;
        let (x, satp) = (hart.x, hart.csrs.satp);
        assert_eq!(sse(&mut machine, 0, INJECT, &[u64::from(LOCAL), 7]), 0);
        let hart = &machine.harts[1];
        assert_eq!((hart.privilege, hart.pc, hart.csrs.sepc), (Privilege::Supervisor, HANDLER, RAM + 0x40));
        assert_eq!((hart.csrs.sstatus, hart.csrs.satp), (UXL | during, satp));
        let mut expected = x;
        (expected[16], expected[17]) = (7, 0xa7);
        assert_eq!((hart.x, hart.state), (expected, State::Started));
        // The handler has used some registers, and restores all but these.
        let hart = &mut machine.harts[1];
        (hart.x[16], hart.x[17]) = (COMPLETE, extension::SSE);
        assert_eq!(crate::sbi::call(&mut machine, 1), None);
        let hart = &machine.harts[1];
        assert_eq!((hart.privilege, hart.pc, hart.csrs.sepc), (privilege, RAM + 0x40, RAM + 0x80));
        assert_eq!((hart.x, hart.csrs.sstatus), (x, UXL | after));
        assert_eq!(attribute(&mut machine, 1, LOCAL, 0), 2 | 8, "enabled again");
    }
}

#[test]
fn an_event_waits_while_the_hart_is_masked_or_the_handler_runs() {
    let mut machine = machine();
    let number = u64::from(LOCAL);
    listen(&mut machine, 0, LOCAL, HANDLER);
    assert_eq!(sse(&mut machine, 0, MASK, &[]), 0);
    assert_eq!(sse(&mut machine, 0, INJECT, &[number, 5]), 0);
    assert_eq!(attribute(&mut machine, 0, LOCAL, 0), 2 | 4 | 8);
    machine.harts[0].pc = RAM + 4;
    assert_eq!(sse(&mut machine, 0, UNMASK, &[]), 0);
    assert_eq!((machine.harts[0].pc, machine.harts[0].csrs.sepc), (HANDLER, RAM + 4));
    machine.harts[0].pc = HANDLER + 8;
    assert_eq!(sse(&mut machine, 0, INJECT, &[number, 5]), 0);
    assert_eq!(attribute(&mut machine, 0, LOCAL, 0), 3 | 4 | 8);
    assert_eq!(machine.harts[0].pc, HANDLER + 8);
    // It begins again at once, and interrupts the same instruction.
    outcome(&mut machine, 0, extension::SSE, COMPLETE, &[]);
    assert_eq!((machine.harts[0].pc, machine.harts[0].csrs.sepc), (HANDLER, RAM + 4));
    assert_eq!(attribute(&mut machine, 0, LOCAL, 0), 3 | 8);
}

#[test]
fn an_event_without_a_listener_is_lost() {
    let mut machine = running();
    assert_eq!(sse(&mut machine, 0, INJECT, &[u64::from(LOCAL), 7]), 0);
    listen(&mut machine, 1, LOCAL, HANDLER);
    assert_eq!(machine.harts[1].pc, RAM);
    assert_eq!(sse(&mut machine, 0, INJECT, &[u64::from(LOCAL), 6]), INVALID_PARAM);
    assert_eq!(sse(&mut machine, 0, INJECT, &[u64::from(DOUBLE_TRAP), 7]), FAILED);
    assert_eq!(sse(&mut machine, 0, COMPLETE, &[]), 0, "no handler runs");
}

#[test]
fn a_higher_priority_preempts_and_a_lower_one_waits() {
    // The priorities of the local and the global event, and the handlers in the order they begin.
    for (local, global, preempts) in [(1, 2, false), (2, 1, true), (1, 1, false)] {
        let mut machine = machine();
        assert_eq!(write(&mut machine, 0, LOCAL, 1, local), 0);
        assert_eq!(write(&mut machine, 0, GLOBAL, 1, global), 0);
        listen(&mut machine, 0, LOCAL, HANDLER);
        listen(&mut machine, 0, GLOBAL, HANDLER + 0x100);
        sse(&mut machine, 0, INJECT, &[u64::from(LOCAL), 5]);
        assert_eq!(machine.harts[0].pc, HANDLER);
        sse(&mut machine, 0, INJECT, &[u64::from(GLOBAL), 99]);
        let expected = if preempts { HANDLER + 0x100 } else { HANDLER };
        assert_eq!(machine.harts[0].pc, expected, "{local} {global}");
        outcome(&mut machine, 0, extension::SSE, COMPLETE, &[]);
        let expected = if preempts { HANDLER } else { HANDLER + 0x100 };
        assert_eq!(machine.harts[0].pc, expected, "{local} {global}");
        outcome(&mut machine, 0, extension::SSE, COMPLETE, &[]);
        assert_eq!(machine.harts[0].pc, RAM);
    }
}

#[test]
fn a_global_event_reaches_the_preferred_hart_or_another_that_is_ready() {
    for (unmasked, handler) in [(&[1, 2][..], 2), (&[1], 1), (&[0, 1], 0)] {
        let mut machine = running();
        assert_eq!(write(&mut machine, 0, GLOBAL, 3, 70), 0);
        assert_eq!(sse(&mut machine, 0, REGISTER, &[u64::from(GLOBAL), HANDLER, 0]), 0);
        assert_eq!(sse(&mut machine, 1, ENABLE, &[u64::from(GLOBAL)]), 0);
        for &hart in unmasked {
            assert_eq!(sse(&mut machine, hart, UNMASK, &[]), 0);
        }
        assert_eq!(sse(&mut machine, 0, INJECT, &[u64::from(GLOBAL), 0]), 0);
        for (index, hart) in machine.harts.iter().enumerate() {
            assert_eq!(hart.pc == HANDLER, index == handler, "hart {index} of {unmasked:?}");
        }
    }
}

#[test]
fn a_one_shot_event_is_disabled_at_its_end() {
    let mut machine = machine();
    assert_eq!(write(&mut machine, 0, LOCAL, 2, 1), 0);
    listen(&mut machine, 0, LOCAL, HANDLER);
    sse(&mut machine, 0, INJECT, &[u64::from(LOCAL), 5]);
    outcome(&mut machine, 0, extension::SSE, COMPLETE, &[]);
    assert_eq!(attribute(&mut machine, 0, LOCAL, 0), 1 | 8);
}

#[test]
fn a_double_trap_runs_its_handler_or_ends_the_machine() {
    let end = |machine: &mut Machine| crate::sbi::double_trap(machine, 0);
    let dead = Some(Outcome::DoubleTrap { hart: 5 });
    let mut machine = machine();
    machine.harts[0].features.double_trap = true;
    assert_eq!(end(&mut machine), dead);
    listen(&mut machine, 0, DOUBLE_TRAP, HANDLER);
    machine.harts[0].pc = RAM + 12;
    assert_eq!(end(&mut machine), None);
    let hart = &machine.harts[0];
    assert_eq!((hart.pc, hart.csrs.sepc, hart.csrs.sstatus & SDT), (HANDLER, RAM + 12, SDT));
    assert_eq!(end(&mut machine), dead, "a double trap of the handler");
    assert_eq!(sse(&mut machine, 0, MASK, &[]), 0);
}
