//! The walk: every way that early code can take, function by function, with what registers hold on
//! it.

mod step;

use std::collections::{BTreeSet, HashMap};

use crate::code::early::fault::Fault;
use crate::code::early::roots::{Satp, Window};
use crate::code::early::state::State;
use crate::code::objects;
use crate::decode::{Instruction, Operation, decode};
use crate::finding::Code;
use crate::profile::Comes;
use crate::subject::{Slots, Stretch, Subject};
use crate::units::Address;

/// In how many states a place or a function is looked at before they are taken together.
const STATES: usize = 4;
/// Calls and jumps to other functions within each other.
const DEPTH: usize = 64;
/// Instructions in all: so many for each byte of code, in a file of any size, and no more than
/// this.
const STEPS_A_BYTE: u64 = 64;
const STEPS: u64 = 20_000_000;
/// States that are kept at a time, by the same rule: a state takes 768 bytes.
const KEPT: u64 = 100_000;

pub(super) struct Walk<'a, 'data> {
    subject: &'a Subject<'data>,
    slots: &'a Slots,
    code: Vec<Stretch<'data>>,
    ends: Vec<u64>,
    satp: Satp,
    /// Functions that are not followed.
    unfollowed: Vec<(u64, Comes)>,
    pub(super) faults: Vec<Fault>,
    /// Every instruction that may run.
    pub(super) seen: BTreeSet<u64>,
    calls: Vec<Address>,
    depth: usize,
    functions: HashMap<u64, Vec<Context>>,
    handlers: Vec<(u64, Vec<Address>)>,
    /// The number of instructions left in the budget.
    steps: u64,
    /// The number of states left in the budget.
    room: u64,
}

/// A function in one state of the registers.
struct Context {
    entry: State,
    returns: bool,
}

/// The work that an instruction leaves.
enum Next {
    GoOn,
    /// This way ends here.
    End,
    /// The function returns.
    Return,
}

impl<'a, 'data> Walk<'a, 'data> {
    pub(super) fn new(subject: &'a Subject<'data>, slots: &'a Slots, window: &Window) -> Self {
        let code = subject.code();
        let bytes: u64 = code.iter().map(|stretch| stretch.bytes.len() as u64).sum();
        Self {
            subject,
            slots,
            code,
            ends: window.ends.clone(),
            satp: window.satp,
            unfollowed: window.unfollowed.clone(),
            faults: Vec::new(),
            seen: BTreeSet::new(),
            calls: Vec::new(),
            depth: 0,
            functions: HashMap::new(),
            handlers: Vec::new(),
            steps: STEPS.min(bytes.saturating_mul(STEPS_A_BYTE)),
            room: KEPT.min(bytes),
        }
    }

    /// Walks from `root` on, and from where traps lead on the way.
    pub(super) fn from(&mut self, root: u64, state: &State) {
        self.call(root, state);
        while let Some((handler, chain)) = self.handlers.pop() {
            if !self.functions.contains_key(&handler) {
                self.calls = chain;
                self.call(handler, &State::unknown());
                self.calls.clear();
            }
        }
    }

    fn fault(&mut self, code: Code, at: u64, object: Option<u64>, found: String) {
        let mut chain = self.calls.clone();
        if chain.last() != Some(&Address(at)) {
            chain.push(Address(at));
        }
        self.faults.push(Fault { code, at, object, found, chain });
    }

    fn name(&self, at: u64) -> String {
        match self.subject.symbols().describe(Address(at)) {
            Some(name) => format!("{name} ({at:#x})"),
            None => format!("{at:#x}"),
        }
    }

    fn bytes(&self, at: u64) -> Option<&'data [u8]> {
        let index = self.code.partition_point(|stretch| stretch.address.0 <= at).checked_sub(1)?;
        let stretch = &self.code[index];
        let rest = stretch.bytes.get(usize::try_from(at - stretch.address.0).ok()?..)?;
        (!rest.is_empty()).then_some(rest)
    }

    fn join(&self, state: &State, other: &State) -> State {
        state.join(other, |object| objects::slot(self.subject, self.slots, object).is_none())
    }

    /// Enters a function in `state`. Recursion is assumed to return.
    fn call(&mut self, entry: u64, state: &State) -> Comes {
        let mut state = *state;
        if self.ends.contains(&entry) {
            return Comes::Never;
        }
        let from = self.calls.last().map_or(entry, |at| at.0);
        if let Some(&(_, comes)) = self.unfollowed.iter().find(|(symbol, _)| *symbol == entry) {
            self.fault(
                Code::EarlyOutside,
                entry,
                None,
                format!("early code leads to {}, which is not followed", self.name(entry)),
            );
            return comes;
        }
        if self.bytes(entry).is_none() {
            let found = format!("it leads to {}, which is no code of this image", self.name(entry));
            self.fault(Code::EarlyOutside, from, None, found);
            return Comes::Never;
        }
        if self.depth == DEPTH {
            let found = format!("more than {DEPTH} calls within each other");
            self.fault(Code::EarlyUndecided, from, None, found);
            return Comes::Back;
        }
        let known = self.functions.entry(entry).or_default();
        if known.len() >= STATES {
            let all: Vec<State> = known.iter().map(|context| context.entry).collect();
            state = all.iter().fold(state, |joined, other| self.join(&joined, other));
        }
        let known = self.functions.entry(entry).or_default();
        if let Some(context) = known.iter().find(|context| context.entry == state) {
            return if context.returns { Comes::Back } else { Comes::Never };
        }
        let index = known.len();
        known.push(Context { entry: state, returns: true });
        self.depth += 1;
        let comes = self.body(entry, &state);
        self.depth -= 1;
        if let Some(context) = self.functions.get_mut(&entry).and_then(|known| known.get_mut(index)) {
            context.returns = comes == Comes::Back;
        }
        comes
    }

    /// All ways through a function.
    fn body(&mut self, entry: u64, state: &State) -> Comes {
        let bounds = objects::function(self.subject, entry);
        let mut open = vec![(entry, *state)];
        let mut known: HashMap<u64, Vec<State>> = HashMap::new();
        let room = self.room;
        let mut comes = Comes::Never;
        while let Some((mut at, mut state)) = open.pop() {
            // Ways meet where a jump leads and behind a branch; between them there is nothing to
            // compare.
            let mut meets = true;
            loop {
                if at != entry && self.ends.contains(&at) {
                    break;
                }
                if !bounds.contains(&at) {
                    // It goes on in another function: a tail call, or assembly that falls through.
                    if self.call(at, &state) == Comes::Back {
                        comes = Comes::Back;
                    }
                    break;
                }
                if meets && !self.is_new(known.entry(at).or_default(), &mut state) {
                    break;
                }
                if self.steps == 0 || self.room == 0 {
                    self.give_up(at);
                    return Comes::Back;
                }
                self.steps -= 1;
                let Some(Instruction { operation, length }) = self.bytes(at).and_then(decode) else {
                    self.fault(Code::EarlyUndecided, at, None, "the code ends here".to_owned());
                    break;
                };
                self.seen.insert(at);
                meets = matches!(operation, Operation::Branch { .. });
                let next = at.wrapping_add(u64::from(length));
                match self.step(at, operation, &mut state, &mut open) {
                    Next::GoOn => at = next,
                    Next::End => break,
                    Next::Return => {
                        comes = Comes::Back;
                        break;
                    }
                }
            }
        }
        self.room = room;
        comes
    }

    /// Returns true if a place was not visited in this state. After many visits, the state becomes
    /// their common part.
    fn is_new(&mut self, states: &mut Vec<State>, state: &mut State) -> bool {
        if states.len() >= STATES {
            *state = states.iter().fold(*state, |joined, other| self.join(&joined, other));
        }
        if states.contains(state) {
            return false;
        }
        states.push(*state);
        self.room = self.room.saturating_sub(1);
        true
    }

    fn give_up(&mut self, at: u64) {
        if !self.faults.iter().any(|fault| fault.code == Code::EarlyUndecided) {
            self.fault(Code::EarlyUndecided, at, None, "it takes more ways than can be followed".to_owned());
        }
    }
}
