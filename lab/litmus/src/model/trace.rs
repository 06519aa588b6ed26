//! The executions of one hart, for each choice of loaded values.

use crate::inst::{Compare, Inst, Order, Reg, Width};
use crate::test::Test;

use super::Strength;
use super::domain::Domain;
use super::event::{Access, Event, Kind, Set};
use super::preserved;

/// The maximum of backward jumps in one trace. Each repeats instructions that had no lasting
/// effect, such as a failed store-conditional, so more of them reach no other outcome in litmus
/// tests.
const REPEATS: u32 = 2;

/// One execution of a hart.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    /// The memory operations and fences, in program order.
    pub(super) events: Vec<Event>,
    /// The registers at the end.
    pub(super) registers: [u64; 32],
    /// For each event the later ones that preserved program order puts after it, as far as the
    /// hart alone determines it.
    pub(super) preserved: Vec<Set>,
}

/// Returns the executions of a hart.
pub(super) fn traces(test: &Test, hart: usize, domain: &Domain, strength: Strength) -> Vec<Trace> {
    let program = &test.harts[hart];
    let mut state = State {
        hart,
        next: 0,
        repeats: REPEATS,
        registers: [0; 32],
        sources: [0; 32],
        control: 0,
        reservation: None,
        events: Vec::new(),
    };
    for &(register, value) in &program.registers {
        state.set(register, value.number(), 0);
    }
    let mut traces = Vec::new();
    let mut pending = vec![state];
    while let Some(mut state) = pending.pop() {
        match program.code.get(state.next) {
            None => traces.push(state.finish(strength)),
            Some(&inst) => {
                state.next += 1;
                state.step(inst, domain, &mut pending);
            }
        }
    }
    traces
}

/// A hart between two instructions.
#[derive(Clone, Debug)]
struct State {
    hart: usize,
    next: usize,
    repeats: u32,
    registers: [u64; 32],
    /// The events on which each register's value depends syntactically.
    sources: [Set; 32],
    /// The events on which earlier branches depend.
    control: Set,
    /// The last load-reserved, if no other LR or SC came after it.
    reservation: Option<usize>,
    events: Vec<Event>,
}

impl State {
    /// Returns a register's value.
    const fn get(&self, register: Reg) -> u64 {
        self.registers[register.index()]
    }

    /// Returns the events on which a register's value depends.
    const fn sources(&self, register: Reg) -> Set {
        self.sources[register.index()]
    }

    /// Sets a register; x0 stays 0 and depends on nothing.
    fn set(&mut self, register: Reg, value: u64, sources: Set) {
        if register != Reg::ZERO {
            self.registers[register.index()] = value;
            self.sources[register.index()] = sources;
        }
    }

    /// Executes one instruction, and adds each possible state after it.
    fn step(mut self, inst: Inst, domain: &Domain, pending: &mut Vec<Self>) {
        match inst {
            Inst::Load { width, unsigned, order, rd, base, offset } => {
                self.load(Kind::Load, (width, unsigned), order, rd, (base, offset), domain, pending);
                return;
            }
            Inst::LoadReserved { width, order, rd, base } => {
                self.load(Kind::Reserved, (width, false), order, rd, (base, 0), domain, pending);
                return;
            }
            Inst::Amo { op, width, order, rd, source, base } => {
                let access = self.access(Kind::Amo, width, order, (base, 0));
                for read in domain.values(access.address, width) {
                    let mut next = self.clone();
                    let written = width.truncate(op.apply(read, self.get(source)));
                    next.events.push(Event::Access(Access {
                        read,
                        written,
                        data_sources: self.sources(source),
                        ..access.clone()
                    }));
                    next.set(rd, width.extend(read), 1 << self.events.len());
                    pending.push(next);
                }
                return;
            }
            Inst::StoreConditional { width, order, rd, source, base } => {
                self.conditional((width, order), rd, source, base, pending);
                return;
            }
            Inst::Store { width, order, source, base, offset } => {
                let access = self.access(Kind::Store, width, order, (base, offset));
                let (written, data_sources) = (width.truncate(self.get(source)), self.sources(source));
                self.push(Access { written, data_sources, ..access });
            }
            Inst::Fence(fence) => self.events.push(Event::Fence(fence)),
            Inst::Immediate { op, rd, rs1, value } => {
                let result = op.apply(self.get(rs1), i64::from(value).cast_unsigned());
                self.set(rd, result, self.sources(rs1));
            }
            Inst::Register { op, rd, rs1, rs2 } => {
                let result = op.apply(self.get(rs1), self.get(rs2));
                self.set(rd, result, self.sources(rs1) | self.sources(rs2));
            }
            Inst::Branch { compare, rs1, rs2, target } => {
                self.control |= self.sources(rs1) | self.sources(rs2);
                let equal = self.get(rs1) == self.get(rs2);
                if equal == (compare == Compare::Equal) && !self.jump(target) {
                    return;
                }
            }
            Inst::Jump { target } => {
                if !self.jump(target) {
                    return;
                }
            }
            Inst::JumpRegister { rs1, offset } => {
                self.control |= self.sources(rs1);
                let target = self.get(rs1).wrapping_add_signed(offset.into());
                let index = target.wrapping_sub(Test::code(self.hart, 0)) / 4;
                if !usize::try_from(index).is_ok_and(|index| self.jump(index)) {
                    return;
                }
            }
        }
        pending.push(self);
    }

    /// Jumps; returns false if the trace repeats too often.
    fn jump(&mut self, target: usize) -> bool {
        if target < self.next {
            if self.repeats == 0 {
                return false;
            }
            self.repeats -= 1;
        }
        self.next = target;
        true
    }

    /// Returns a memory operation at an address, without its data.
    fn access(&self, kind: Kind, width: Width, order: Order, address: (Reg, i32)) -> Access {
        let (base, offset) = address;
        Access {
            kind,
            address: self.get(base).wrapping_add_signed(offset.into()),
            width,
            read: 0,
            written: 0,
            order,
            pair: None,
            address_sources: self.sources(base),
            data_sources: 0,
            control_sources: self.control,
        }
    }

    /// Adds a memory operation, or one per byte if it is misaligned; returns the set of them.
    fn push(&mut self, access: Access) -> Set {
        let first = self.events.len();
        if access.address.is_multiple_of(access.width.bytes()) {
            self.events.push(Event::Access(access));
            return 1 << first;
        }
        for byte in access.bytes() {
            self.events.push(Event::Access(Access {
                address: byte,
                width: Width::Byte,
                read: access.read_byte(byte).into(),
                written: access.written_byte(byte).into(),
                ..access.clone()
            }));
        }
        (first..self.events.len()).fold(0, |set, event| set | 1 << event)
    }

    /// Loads each possible value.
    #[expect(clippy::too_many_arguments, reason = "the operands of a load")]
    fn load(
        self,
        kind: Kind,
        (width, unsigned): (Width, bool),
        order: Order,
        rd: Reg,
        address: (Reg, i32),
        domain: &Domain,
        pending: &mut Vec<Self>,
    ) {
        let access = self.access(kind, width, order, address);
        for read in domain.values(access.address, width) {
            let mut next = self.clone();
            let event = next.events.len();
            let sources = next.push(Access { read, ..access.clone() });
            next.set(rd, if unsigned { read } else { width.extend(read) }, sources);
            if kind == Kind::Reserved {
                next.reservation = Some(event);
            }
            pending.push(next);
        }
    }

    /// Executes a store-conditional: it may always fail, and succeeds only in its reservation set.
    fn conditional(
        mut self,
        (width, order): (Width, Order),
        rd: Reg,
        source: Reg,
        base: Reg,
        pending: &mut Vec<Self>,
    ) {
        let pair = self.reservation.take();
        let mut failed = self.clone();
        failed.set(rd, 1, 0);
        pending.push(failed);
        let access = self.access(Kind::Conditional, width, order, (base, 0));
        let reserved = pair.and_then(|at| match &self.events[at] {
            Event::Access(reserved) => Some(reserved.address),
            Event::Fence(_) => None,
        });
        if reserved.is_none_or(|reserved| reserved / SET != access.address / SET) {
            return;
        }
        let (written, data_sources) = (width.truncate(self.get(source)), self.sources(source));
        let event = self.events.len();
        self.events.push(Event::Access(Access { written, pair, data_sources, ..access }));
        self.set(rd, 0, 1 << event);
        pending.push(self);
    }

    /// Returns the trace.
    fn finish(self, strength: Strength) -> Trace {
        let preserved = preserved::order(&self.events, strength);
        Trace { events: self.events, registers: self.registers, preserved }
    }
}

/// The largest reservation set, in bytes: no two locations of a test share one.
const SET: u64 = 64;
