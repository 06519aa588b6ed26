//! A trace beside steppers that deviate from it in one place.

use super::*;
use crate::state::{Privilege, Unequal};

/// A stepper that plays a list of states: `addi` where nothing else is set.
struct Player {
    states: Vec<State>,
    instructions: Vec<Option<u32>>,
    at: usize,
}

const ADDI: u32 = 0x0010_8093;

/// States at consecutive instructions.
fn states(count: u64) -> Vec<State> {
    let state = |index| State { pc: 0x1000 + 4 * index, ..State::default() };
    (0..count).map(state).collect()
}

impl Player {
    fn new(states: Vec<State>) -> Self {
        let instructions = vec![Some(ADDI); states.len()];
        Self { states, instructions, at: 0 }
    }
}

impl Stepper for Player {
    fn state(&self) -> State {
        self.states[self.at].clone()
    }

    fn set_state(&mut self, state: &State) {
        self.states[self.at] = state.clone();
    }

    fn instruction(&mut self) -> Option<u32> {
        self.instructions[self.at]
    }

    fn step(&mut self) -> Step {
        if self.at + 1 == self.states.len() {
            return Step::Over;
        }
        self.at += 1;
        Step::Done
    }

    fn pending(&mut self) -> Option<u64> {
        None
    }

    fn interrupt(&mut self, number: u64) {
        assert_eq!(number, 5);
        self.at += 1;
    }

    fn set_register(&mut self, register: usize, value: u64) {
        self.states[self.at].x[register] = value;
    }

    fn store(&mut self, _address: u64, _bytes: &[u8]) {}
}

fn compare_with(player: &mut Player, trace: Vec<State>) -> Result<Agreement, Box<Difference>> {
    compare(player, Shown::Fetched, trace.into_iter().map(|state| Ok(Record { state, ..Record::default() })))
}

#[test]
fn equal_states_agree() {
    let agreement = compare_with(&mut Player::new(states(30)), states(30)).expect("no difference");
    assert_eq!(agreement, Agreement { instructions: 30, taken: 0, traps: 0, interrupts: 0, user: 0 });
}

#[test]
fn the_first_difference_is_reported_with_what_came_before() {
    let mut wrong = states(30);
    for state in &mut wrong[25..] {
        state.x[7] = 9;
    }
    let difference = compare_with(&mut Player::new(wrong), states(30)).expect_err("a difference");
    assert_eq!((difference.number, difference.before.len()), (25, CONTEXT));
    assert_eq!(difference.before.last().map(|executed| executed.pc), Some(0x1000 + 4 * 24));
    assert_eq!(difference.unequal, [Unequal { name: "x7".to_owned(), found: 9, expected: 0 }]);
}

#[test]
fn a_privilege_mode_is_compared() {
    let mut wrong = states(3);
    wrong[2].privilege = Privilege::User;
    compare_with(&mut Player::new(wrong), states(3)).expect_err("a difference");
}

#[test]
fn a_call_takes_its_results_and_nothing_else() {
    let mut trace = states(3);
    (trace[2].x[10], trace[2].x[11]) = (5, 6);
    let mut player = Player::new(states(3));
    player.instructions[1] = Some(0x73);
    assert_eq!(compare_with(&mut player, trace.clone()).expect("no difference").taken, 1);
    trace[2].x[12] = 7;
    let mut player = Player::new(states(3));
    player.instructions[1] = Some(0x73);
    compare_with(&mut player, trace).expect_err("a difference");
}

#[test]
fn a_fetch_that_faults_has_no_record() {
    let mut found = states(4);
    (found[2].pc, found[3].pc) = (0x9000, 0x8000);
    let mut trace = found.clone();
    trace.remove(2);
    let mut player = Player::new(found.clone());
    player.instructions[2] = None;
    assert_eq!(compare_with(&mut player, trace.clone()).expect("no difference").traps, 1);
    compare_with(&mut Player::new(found), trace).expect_err("an instruction that is missing");
}

#[test]
fn an_instruction_that_traps_has_no_record_among_those_that_retired() {
    let mut found = states(4);
    found[3].pc = 0x8000;
    let mut trace = found.clone();
    trace.remove(2);
    let records =
        |trace: Vec<State>| trace.into_iter().map(|state| Ok(Record { state, ..Record::default() }));
    let compared = compare(&mut Player::new(found.clone()), Shown::Retired, records(trace.clone()));
    assert_eq!(compared.expect("no difference").traps, 1);
    compare_with(&mut Player::new(found), trace).expect_err("an instruction that is missing");
}

#[test]
fn an_interrupt_follows_the_trace() {
    let mut trace = states(3);
    trace[2].pc = 0x8000;
    trace[2].set_csr(Csr::Scause, INTERRUPT | 5);
    trace[2].set_csr(Csr::Sepc, 0x1008);
    let mut found = states(3);
    found.push(trace[2].clone());
    assert_eq!(compare_with(&mut Player::new(found), trace).expect("no difference").traps, 1);
}

#[test]
fn a_software_interrupt_that_only_the_trace_has_differs() {
    let mut trace = states(3);
    trace[2].pc = 0x8000;
    trace[2].set_csr(Csr::Scause, INTERRUPT | SOFTWARE);
    trace[2].set_csr(Csr::Sepc, 0x1008);
    let mut found = states(3);
    found.push(trace[2].clone());
    compare_with(&mut Player::new(found), trace).expect_err("an interrupt that is not pending");
}

#[test]
fn a_stepper_that_ends_before_the_trace_differs() {
    compare_with(&mut Player::new(states(3)), states(4)).expect_err("an end");
    compare_with(&mut Player::new(states(1)), Vec::new()).expect_err("no trace");
}
