//! The walk: every way that early code can take, function by function, with what registers hold on it.

use std::collections::{BTreeSet, HashMap};

use super::fault::Fault;
use super::roots::{self, Satp, Window};
use super::state::State;
use super::value::Value;
use crate::code::objects;
use crate::decode::{CsrName, CsrSource, Instruction, LoadName, Operation, Register, decode};
use crate::finding::Code;
use crate::profile::Comes;
use crate::subject::{Slots, Stretch, Subject};
use crate::units::Address;

/// In how many states a place or a function is looked at before they are taken together.
const STATES: usize = 4;
/// Calls within calls.
const DEPTH: usize = 120;
/// Instructions in all.
const STEPS: u64 = 20_000_000;
/// The CSR that says where traps lead.
const STVEC: u16 = 0x105;

pub(super) struct Walk<'a, 'data> {
    subject: &'a Subject<'data>,
    slots: &'a Slots,
    code: Vec<Stretch<'data>>,
    ends: Vec<u64>,
    satp: Satp,
    /// What is not followed.
    unfollowed: Vec<(u64, Comes)>,
    pub(super) faults: Vec<Fault>,
    /// Every instruction that may run.
    pub(super) seen: BTreeSet<u64>,
    calls: Vec<Address>,
    functions: HashMap<u64, Vec<Context>>,
    handlers: Vec<(u64, Vec<Address>)>,
    steps: u64,
}

/// A function in one state of the registers.
struct Context {
    entry: State,
    returns: bool,
}

/// What an instruction leaves to do.
enum Next {
    GoOn,
    /// This way ends here.
    End,
    /// The function returns.
    Return,
}

impl<'a, 'data> Walk<'a, 'data> {
    pub(super) fn new(subject: &'a Subject<'data>, slots: &'a Slots, window: &Window) -> Self {
        Self {
            subject,
            slots,
            code: subject.code(),
            ends: window.ends.clone(),
            satp: window.satp,
            unfollowed: window.unfollowed.clone(),
            faults: Vec::new(),
            seen: BTreeSet::new(),
            calls: Vec::new(),
            functions: HashMap::new(),
            handlers: Vec::new(),
            steps: 0,
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

    /// A function in `state`. Recursion is taken to come back.
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
        if self.calls.len() > DEPTH {
            self.fault(
                Code::EarlyUndecided,
                from,
                None,
                format!("more than {DEPTH} calls within each other"),
            );
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
        let comes = self.body(entry, &state);
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
        let mut comes = Comes::Never;
        while let Some((mut at, mut state)) = open.pop() {
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
                let states = known.entry(at).or_default();
                if states.contains(&state) {
                    break;
                }
                if states.len() >= STATES {
                    let all = states.clone();
                    state = all.iter().fold(state, |joined, other| self.join(&joined, other));
                    if all.contains(&state) {
                        break;
                    }
                }
                known.entry(at).or_default().push(state);
                self.steps += 1;
                if self.steps > STEPS {
                    if self.steps == STEPS + 1 {
                        self.fault(Code::EarlyUndecided, at, None, format!("more than {STEPS} steps"));
                    }
                    return Comes::Back;
                }
                let Some(Instruction { operation, length }) = self.bytes(at).and_then(decode) else {
                    self.fault(Code::EarlyUndecided, at, None, "the code ends here".to_owned());
                    break;
                };
                self.seen.insert(at);
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
        comes
    }

    fn step(
        &mut self,
        at: u64,
        operation: Operation,
        state: &mut State,
        open: &mut Vec<(u64, State)>,
    ) -> Next {
        match operation {
            Operation::Branch { offset, .. } => {
                open.push((at.wrapping_add_signed(i64::from(offset)), *state));
                Next::GoOn
            }
            Operation::Jump { rd: Register::ZERO, offset } => {
                open.push((at.wrapping_add_signed(i64::from(offset)), *state));
                Next::End
            }
            Operation::Jump { rd, offset } => {
                self.called(at, at.wrapping_add_signed(i64::from(offset)), rd, state)
            }
            Operation::JumpRegister { rd, base, offset } => self.jump(at, rd, base, offset, state, open),
            Operation::Sret | Operation::Mret => {
                let found = format!("`{}` goes to an address in a CSR", operation.at(at));
                self.fault(Code::EarlyIndirectJump, at, None, found);
                Next::End
            }
            Operation::Ebreak => Next::End,
            _ if self.satp == Satp::Ends && roots::turns_translation_on(operation) => Next::End,
            Operation::Unknown if self.bytes(at).is_some_and(|bytes| bytes.starts_with(&[0, 0])) => Next::End,
            Operation::Unknown => {
                self.fault(Code::EarlyUndecided, at, None, "this is no instruction of RV64GC".to_owned());
                Next::End
            }
            _ => {
                self.straight(at, operation, state);
                Next::GoOn
            }
        }
    }

    /// An instruction behind which the next one follows.
    fn straight(&mut self, at: u64, operation: Operation, state: &mut State) {
        let mut loaded = None;
        if let Some((base, offset)) = operation.access() {
            loaded = self.access(at, operation, state.get(base), offset);
        }
        if let (Operation::Csr { csr: STVEC, .. }, Some(Value::Place { at: handler, .. })) =
            (operation, csr_source(operation).map(|source| state.get(source)))
        {
            let mut chain = self.calls.clone();
            chain.push(Address(at));
            // The low two bits are the mode (privileged, "stvec").
            self.handlers.push((handler & !3, chain));
        }
        let before = *state;
        state.step(at, operation);
        // SBI answers in both (SBI, "Binary Encoding").
        if operation == Operation::Ecall {
            state.set(Register::A0, Value::Unknown);
            state.set(Register::new(11), Value::Unknown);
        }
        let Some(rd) = operation.destination() else { return };
        if let (Operation::Load { name: LoadName::Ld, .. }, Some(object)) = (operation, loaded) {
            state.set(rd, Value::Loaded(object));
        }
        match operation {
            Operation::Immediate { source, .. } if before.get(source).is_half() => {
                self.made(at, operation, state.get(rd));
            }
            _ => {}
        }
    }

    /// An address of an object has just been made.
    fn made(&mut self, at: u64, operation: Operation, value: Value) {
        let (Value::Place { object, .. } | Value::Within(object)) = value else { return };
        if objects::is_border(self.subject, object) {
            return;
        }
        if let Some(slot) = objects::slot(self.subject, self.slots, object) {
            let found = format!(
                "`{}` takes the address of {}, which holds a slot at {}",
                operation.at(at),
                self.name(object),
                self.name(slot.0)
            );
            self.fault(Code::EarlySlotAddress, at, Some(object), found);
        }
    }

    /// A memory access by `base`. Answers with the object whose slots it may have read.
    fn access(&mut self, at: u64, operation: Operation, base: Value, offset: i16) -> Option<u64> {
        let offset = i64::from(offset);
        let width = u64::from(operation.access_width());
        let range = self.subject.link_range();
        let (object, start, size) = match base {
            Value::Upper(upper) => {
                let target = upper.wrapping_add_signed(offset);
                (target, target, width)
            }
            Value::Place { at, object } => (object, at.wrapping_add_signed(offset), width),
            Value::Within(object) => {
                let extent = objects::extent(self.subject, object);
                (object, extent.start, extent.end - extent.start)
            }
            Value::UpperPlus(upper) => {
                let object = upper.wrapping_add_signed(offset);
                let extent = objects::extent(self.subject, object);
                (object, extent.start, extent.end - extent.start)
            }
            Value::Somewhere => {
                let found = format!("`{}` goes anywhere in the image", operation.at(at));
                self.fault(Code::EarlyUnknownAddress, at, None, found);
                return None;
            }
            // What a pointer from a slot leads to is as wrong as the pointer; that has been told.
            Value::Loaded(object) => return Some(object),
            Value::Unknown | Value::Number(_) | Value::Return => return None,
        };
        if !range.contains(&Address(start)) {
            let found =
                format!("`{}` goes by the distance of the image from where it is linked", operation.at(at));
            self.fault(Code::EarlyUnknownAddress, at, None, found);
            return None;
        }
        let slot = self.slots.first_in(Address(start), size)?;
        let reads = if size == width { "reaches" } else { "may reach" };
        let found = format!("`{}` {reads} the slot at {}", operation.at(at), self.name(slot.0));
        self.fault(Code::EarlySlotRead, at, Some(object), found);
        Some(object)
    }

    /// A call. `rd` gets where it returns to.
    fn called(&mut self, at: u64, target: u64, rd: Register, state: &mut State) -> Next {
        let mut entry = *state;
        entry.set(rd, Value::Return);
        self.calls.push(Address(at));
        let comes = self.call(target, &entry);
        self.calls.pop();
        if comes == Comes::Never {
            return Next::End;
        }
        *state = state.after_call();
        Next::GoOn
    }

    fn jump(
        &mut self,
        at: u64,
        rd: Register,
        base: Register,
        offset: i16,
        state: &mut State,
        open: &mut Vec<(u64, State)>,
    ) -> Next {
        let value = state.get(base);
        let (Value::Upper(place) | Value::Place { at: place, .. } | Value::Number(place)) = value else {
            if rd == Register::ZERO && (value == Value::Return || base == Register::RA) {
                return Next::Return;
            }
            return self.unknown_jump(at, Operation::JumpRegister { rd, base, offset }, value, state);
        };
        let target = place.wrapping_add_signed(i64::from(offset)) & !1;
        if rd == Register::ZERO {
            open.push((target, *state));
            return Next::End;
        }
        self.called(at, target, rd, state)
    }

    /// A jump by a register of which nothing is known.
    fn unknown_jump(&mut self, at: u64, operation: Operation, value: Value, state: &mut State) -> Next {
        let text = operation.at(at);
        if let Value::Loaded(object) = value {
            let found = format!("`{text}` jumps by an address in {}", self.name(object));
            self.fault(Code::EarlyTableJump, at, Some(object), found);
        } else {
            let found = format!("`{text}` jumps by a register whose value is not known");
            self.fault(Code::EarlyIndirectJump, at, None, found);
        }
        if operation.destination() == Some(Register::ZERO) {
            return Next::End;
        }
        *state = state.after_call();
        Next::GoOn
    }
}

/// The register that a CSR is written with.
fn csr_source(operation: Operation) -> Option<Register> {
    match operation {
        Operation::Csr { name: CsrName::Write, source: CsrSource::Register(source), .. } => Some(source),
        _ => None,
    }
}
