//! The instructions of a hart: accesses and edges.

use crate::inst::{Alu, Amo, Compare, Inst, Order, Reg, Width};
use crate::test::{Program, Value};

use super::Access;
use super::edge::Edge;

/// A hart's column.
#[derive(Debug)]
pub(super) struct Column {
    /// The program.
    pub(super) program: Program,
    /// The registers to observe: loaded values, and the results of SC.
    pub(super) observed: Vec<Reg>,
}

/// The instructions that make up an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A load or store.
    Plain,
    /// `lr` without `sc`, for annotated loads.
    Reserved,
    /// An AMO.
    Amo,
    /// A pair of LR and SC.
    Pair,
}

/// The registers of the access with an index. Each access has its own, so that none carries a false
/// dependency.
#[derive(Clone, Copy, Debug)]
struct Registers {
    /// The location's address.
    address: Reg,
    /// The loaded value.
    loaded: Reg,
    /// The value to store.
    value: Reg,
    /// The result of SC.
    result: Reg,
}

impl Registers {
    /// Returns the registers of an access.
    const fn of(index: u8) -> Self {
        let first = 5 + 4 * index;
        Self {
            address: Reg::new(first),
            loaded: Reg::new(first + 1),
            value: Reg::new(first + 2),
            result: Reg::new(first + 3),
        }
    }
}

/// A register for the links of dependencies.
const LINK: Reg = Reg::new(31);

/// Returns the column of a hart. `written` counts the writes to each location, so that each value
/// is another one.
pub(super) fn column(accesses: &[Access], edges: &[Edge], written: &mut [u64]) -> Column {
    let mut column = Column { program: Program::default(), observed: Vec::new() };
    for (index, &access) in accesses.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| edges[before]);
        let after = edges.get(index).copied();
        // A shape has at most two accesses per hart.
        let index = u8::from(index > 0);
        if let Some(edge) = before {
            column.link(edge, index);
        }
        column.access(index, access, form(access, before, after), order(before, after), written);
    }
    // Dependencies end in the registers, so these hold their values before the first instruction.
    column.program.registers.sort_unstable_by_key(|(register, _)| *register);
    column
}

/// Returns the form of an access between two edges.
fn form(access: Access, before: Option<Edge>, after: Option<Edge>) -> Form {
    let edges = [before, after];
    let has = |edge| edges.contains(&Some(edge));
    if has(Edge::Pair) {
        Form::Pair
    } else if has(Edge::Amo)
        || has(Edge::AmoBoth)
        || has(Edge::ReleaseAcquire)
        || before == Some(Edge::Release)
    {
        Form::Amo
    } else if after == Some(Edge::Acquire) {
        if matches!(access, Access::R(_)) { Form::Reserved } else { Form::Amo }
    } else {
        Form::Plain
    }
}

/// Returns the annotations of an access between two edges.
fn order(before: Option<Edge>, after: Option<Edge>) -> Order {
    let both = before == Some(Edge::AmoBoth) || after == Some(Edge::AmoBoth);
    Order {
        acquire: both || after == Some(Edge::Acquire) || before == Some(Edge::ReleaseAcquire),
        release: both || before == Some(Edge::Release) || after == Some(Edge::ReleaseAcquire),
    }
}

impl Column {
    /// Adds the instructions of an edge before the access with an index.
    fn link(&mut self, edge: Edge, index: u8) {
        let from = Registers::of(index - 1).loaded;
        let code = &mut self.program.code;
        match edge {
            Edge::Address | Edge::Data => {
                let registers = Registers::of(index);
                let to = if edge == Edge::Address { registers.address } else { registers.value };
                code.push(Inst::Register { op: Alu::Xor, rd: LINK, rs1: from, rs2: from });
                code.push(Inst::Register { op: Alu::Add, rd: to, rs1: to, rs2: LINK });
            }
            Edge::Control | Edge::ControlInstruction => {
                let target = code.len() + 1;
                code.push(Inst::Branch { compare: Compare::NotEqual, rs1: from, rs2: Reg::ZERO, target });
            }
            _ => {}
        }
        code.extend(edge.fence().map(Inst::Fence));
    }

    /// Adds the instructions of an access.
    fn access(&mut self, index: u8, access: Access, form: Form, order: Order, written: &mut [u64]) {
        let Registers { address: base, loaded, value, result } = Registers::of(index);
        let (Access::R(location) | Access::W(location)) = access;
        let width = Width::Word;
        self.program.registers.push((base, Value::Address(location)));
        let reads = matches!(access, Access::R(_));
        if !reads {
            written[location] += 1;
            self.program.registers.push((value, Value::Number(written[location])));
        }
        let code = &mut self.program.code;
        match (form, reads) {
            (Form::Plain, true) => {
                code.push(Inst::Load { width, unsigned: false, order, rd: loaded, base, offset: 0 });
            }
            (Form::Plain, false) => code.push(Inst::Store { width, order, source: value, base, offset: 0 }),
            (Form::Reserved, _) => code.push(Inst::LoadReserved { width, order, rd: loaded, base }),
            (Form::Amo, true) => {
                code.push(Inst::Amo { op: Amo::Or, width, order, rd: loaded, source: Reg::ZERO, base });
            }
            (Form::Amo, false) => {
                code.push(Inst::Amo { op: Amo::Swap, width, order, rd: loaded, source: value, base });
            }
            (Form::Pair, _) => {
                let source = if reads { loaded } else { value };
                code.push(Inst::LoadReserved { width, order: Order::NONE, rd: loaded, base });
                code.push(Inst::StoreConditional { width, order, rd: result, source, base });
                self.observed.push(result);
            }
        }
        if reads || form == Form::Amo || form == Form::Pair {
            self.observed.push(loaded);
        }
    }
}
