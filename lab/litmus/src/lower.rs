//! Tests with annotated plain loads and stores, in instructions of the base ISA.
//!
//! The litmus format has `lw.aq` and `sw.rl`, which the base ISA lacks. Two replacements are each
//! stronger in another way: atomics, whose annotations are `RCsc`, and fences. So a test with such
//! instructions becomes two tests, and each has its own allowed outcomes.

use crate::inst::{Accesses, Amo, Fence, Inst, Order, Reg};
use crate::test::{Program, Test, Value};

/// The means that replace an annotated load or store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Means {
    /// `lr` for loads, AMOs for stores.
    Reserved,
    /// AMOs: a `lr` would take the reservation of a store-conditional in the same hart.
    Amos,
    /// Fences around the plain access.
    Fences,
}

/// Returns the test itself, or its two forms without annotated loads and stores.
#[must_use]
pub fn lower(test: &Test) -> Vec<Test> {
    let annotated =
        |inst: &Inst| matches!(inst, Inst::Load { order, .. } | Inst::Store { order, .. } if order.any());
    if !test.harts.iter().flat_map(|hart| &hart.code).any(annotated) {
        return vec![test.clone()];
    }
    let conditional = |inst: &Inst| matches!(inst, Inst::StoreConditional { .. });
    let pairs = test.harts.iter().flat_map(|hart| &hart.code).any(conditional);
    let atomics = if pairs { Means::Amos } else { Means::Reserved };
    [atomics, Means::Fences].map(|means| replace(test, means)).into()
}

/// Returns the test with each annotated load and store replaced.
fn replace(test: &Test, means: Means) -> Test {
    let mut result = test.clone();
    let parts: Vec<Vec<Vec<Inst>>> = test
        .harts
        .iter()
        .map(|hart| hart.code.iter().map(|&inst| replacement(inst, means)).collect())
        .collect();
    let index = |hart: usize, old: usize| parts[hart][..old].iter().map(Vec::len).sum::<usize>();
    for (hart, program) in result.harts.iter_mut().enumerate() {
        *program = Program {
            registers: program
                .registers
                .iter()
                .map(|&(register, value)| {
                    let value = match value {
                        Value::Code(hart, old) => Value::Code(hart, index(hart, old)),
                        other => other,
                    };
                    (register, value)
                })
                .collect(),
            code: parts[hart].iter().flatten().map(|&inst| retarget(inst, |old| index(hart, old))).collect(),
        };
    }
    result.name = format!("{} ({})", test.name, if means == Means::Fences { "fences" } else { "atomics" });
    result
}

/// Returns the instructions that replace one.
fn replacement(inst: Inst, means: Means) -> Vec<Inst> {
    match (inst, means) {
        // A load-reserved is a load without a store, so it replaces a load exactly.
        (Inst::Load { width, order, rd, base, offset: 0, .. }, Means::Reserved) if order.any() => {
            vec![Inst::LoadReserved { width, order, rd, base }]
        }
        (Inst::Load { width, order, rd, base, offset: 0, .. }, Means::Amos) if order.any() => {
            vec![Inst::Amo { op: Amo::Or, width, order, rd, source: Reg::ZERO, base }]
        }
        (Inst::Store { width, order, source, base, offset: 0 }, Means::Reserved | Means::Amos)
            if order.any() =>
        {
            vec![Inst::Amo { op: Amo::Swap, width, order, rd: Reg::ZERO, source, base }]
        }
        (Inst::Load { width, unsigned, order, rd, base, offset }, _) if order.any() => {
            fenced(order, Inst::Load { width, unsigned, order: Order::NONE, rd, base, offset }, Accesses::R)
        }
        (Inst::Store { width, order, source, base, offset }, _) if order.any() => {
            fenced(order, Inst::Store { width, order: Order::NONE, source, base, offset }, Accesses::W)
        }
        _ => vec![inst],
    }
}

/// Returns an access with the fences of its annotations.
fn fenced(order: Order, access: Inst, kind: Accesses) -> Vec<Inst> {
    let before = order.release.then_some(Inst::Fence(Fence::Normal(Accesses::RW, kind)));
    let after = order.acquire.then_some(Inst::Fence(Fence::Normal(kind, Accesses::RW)));
    before.into_iter().chain([access]).chain(after).collect()
}

/// Returns the instruction with its target moved.
fn retarget(inst: Inst, index: impl Fn(usize) -> usize) -> Inst {
    match inst {
        Inst::Branch { compare, rs1, rs2, target } => {
            Inst::Branch { compare, rs1, rs2, target: index(target) }
        }
        Inst::Jump { target } => Inst::Jump { target: index(target) },
        other => other,
    }
}
