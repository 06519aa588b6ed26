//! Generated tests: classic shapes, with each combination of means that order two accesses.
//!
//! ```text
//! edge        means that order two accesses of a hart, or fail to
//! column      the instructions of a hart: accesses and edges
//! fixed       tests that no combination covers, in the litmus format
//! ```

mod column;
mod edge;
mod fixed;

use crate::condition::Condition;
use crate::inst::Width;
use crate::test::{Location, Place, Quantifier, Test, Value};

use self::edge::Edge;

/// An access of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// A read of a location.
    R(usize),
    /// A write to a location.
    W(usize),
}

use Access::{R, W};

/// Which edges a shape is generated with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    /// All edges.
    Full,
    /// Those of [`Edge::FEW`].
    Few,
}

/// A shape: the accesses of each hart.
#[derive(Clone, Copy, Debug)]
struct Shape {
    name: &'static str,
    harts: &'static [&'static [Access]],
    choice: Choice,
    /// All harts do the same at other locations, so the order of edges has no effect.
    symmetric: bool,
}

/// Defines a shape.
macro_rules! shape {
    ($name:literal $choice:ident $symmetric:literal: $($hart:expr),+) => {
        Shape { name: $name, harts: &[$(&$hart),+], choice: Choice::$choice, symmetric: $symmetric }
    };
}

/// The shapes; locations 0, 1 and 2 are x, y and z.
const SHAPES: &[Shape] = &[
    shape!("MP" Full false: [W(0), W(1)], [R(1), R(0)]),
    shape!("SB" Full true: [W(0), R(1)], [W(1), R(0)]),
    shape!("LB" Full true: [R(0), W(1)], [R(1), W(0)]),
    shape!("S" Full false: [W(0), W(1)], [R(1), W(0)]),
    shape!("R" Full false: [W(0), W(1)], [W(1), R(0)]),
    shape!("2+2W" Full true: [W(0), W(1)], [W(1), W(0)]),
    shape!("CoRR" Full false: [W(0)], [R(0), R(0)]),
    shape!("CoWW" Full false: [W(0), W(0)], [R(0)]),
    shape!("CoRW1" Full false: [R(0), W(0)]),
    shape!("CoRW2" Full false: [W(0)], [R(0), W(0)]),
    shape!("CoWR" Full false: [W(0), R(0)], [W(0)]),
    shape!("WRC" Few false: [W(0)], [R(0), W(1)], [R(1), R(0)]),
    shape!("RWC" Few false: [W(0)], [R(0), R(1)], [W(1), R(0)]),
    shape!("WWC" Few false: [W(0)], [R(0), W(1)], [R(1), W(0)]),
    shape!("ISA2" Few false: [W(0), W(1)], [R(1), W(2)], [R(2), R(0)]),
    shape!("Z6.2" Few false: [W(0), W(1)], [R(1), W(2)], [R(2), W(0)]),
    shape!("IRIW" Few true: [W(0)], [R(0), R(1)], [W(1)], [R(1), R(0)]),
];

/// The names of locations.
const NAMES: [&str; 3] = ["x", "y", "z"];

/// Returns all generated tests.
#[must_use]
pub fn all() -> Vec<Test> {
    SHAPES.iter().flat_map(combinations).chain(fixed::all()).collect()
}

/// Returns the tests of a shape: one for each combination of edges.
fn combinations(shape: &Shape) -> Vec<Test> {
    let mut combinations: Vec<Vec<Edge>> = vec![Vec::new()];
    for hart in shape.harts {
        for pair in hart.windows(2) {
            combinations = combinations
                .iter()
                .flat_map(|edges| {
                    let next = Edge::between(pair[0], pair[1], shape.choice);
                    next.into_iter().map(move |edge| edges.iter().copied().chain([edge]).collect())
                })
                .collect();
        }
    }
    if shape.symmetric {
        combinations.retain(|edges: &Vec<Edge>| edges.is_sorted());
    }
    combinations.iter().map(|edges| test(shape, edges)).collect()
}

/// Returns the test of a shape with its edges.
fn test(shape: &Shape, edges: &[Edge]) -> Test {
    let mut edges = edges.iter().copied();
    let mut written = [0; NAMES.len()];
    let mut observed = Vec::new();
    let mut names = Vec::new();
    let mut harts = Vec::new();
    for (hart, accesses) in shape.harts.iter().enumerate() {
        let own: Vec<Edge> = edges.by_ref().take(accesses.len() - 1).collect();
        names.extend(own.iter().map(|edge| edge.name()));
        let column = column::column(accesses, &own, &mut written);
        observed.extend(column.observed.into_iter().map(|register| Place::Register(hart, register)));
        harts.push(column.program);
    }
    // One store to a location leaves no choice of its last value.
    observed.extend((0..NAMES.len()).filter(|&location| written[location] > 1).map(Place::Memory));
    let used = NAMES.len() - written.iter().rev().take_while(|&&count| count == 0).count();
    let location =
        |name: &&str| Location { name: (*name).to_owned(), width: Width::Word, value: Value::Number(0) };
    Test {
        name: format!("{}+{}", shape.name, names.join("+")),
        locations: NAMES[..used].iter().map(location).collect(),
        harts,
        filter: None,
        quantifier: Quantifier::Forall,
        condition: Condition::True,
        observed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let tests = all();
        let names: std::collections::BTreeSet<_> = tests.iter().map(|test| &test.name).collect();
        assert_eq!(names.len(), tests.len());
    }

    #[test]
    fn message_passing_has_each_combination() {
        let count = all().iter().filter(|test| test.name.starts_with("MP+")).count();
        assert_eq!(
            count,
            Edge::between(W(0), W(1), Choice::Full).len() * Edge::between(R(1), R(0), Choice::Full).len()
        );
    }
}
