//! Conversions of addresses: landfall's patched immediates, and offsets in static variables.

use std::path::Path;

use super::kernel::{self, Line, Section};
use super::{CompareError, Table, trace};
use crate::build::{self, Built};
use crate::failure::Failure;
use crate::measure::MeasureError;
use crate::qemu::Qemu;
use crate::symbols::{Symbol, Symbols};
use crate::test::instruction::{Kind, decode};
use crate::units::Address;

const KERNEL: &str = "compare-conversions";

/// The conversions, in both ways: what the table calls one, and its functions.
const FUNCTIONS: [(&str, [&str; 2]); 5] = [
    ("linear map: physical to virtual", ["patched_linear_to_virt", "variable_linear_to_virt"]),
    ("linear map: virtual to physical", ["patched_linear_to_phys", "variable_linear_to_phys"]),
    ("image: physical to virtual", ["patched_image_to_virt", "variable_image_to_virt"]),
    ("image: virtual to physical", ["patched_image_to_phys", "variable_image_to_phys"]),
    ("either: virtual to physical", ["patched_either_to_phys", "variable_either_to_phys"]),
];

/// The loops, in the order in which the kernel runs them.
const LOOPS: [(&str, [&str; 2]); 4] = [
    ("linear map", ["loop_patched_linear", "loop_variable_linear"]),
    ("linear map, a barrier in each round", ["loop_patched_linear_barrier", "loop_variable_linear_barrier"]),
    ("either", ["loop_patched_either", "loop_variable_either"]),
    ("either, a barrier in each round", ["loop_patched_either_barrier", "loop_variable_either_barrier"]),
];

/// How a conversion comes to its offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From immediates in the code.
    Patched,
    /// From a static variable.
    Variable,
}

impl Way {
    /// In the order of the pairs.
    pub const ALL: [Self; 2] = [Self::Patched, Self::Variable];

    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Patched => "patched",
            Self::Variable => "variable",
        }
    }
}

/// A function's or a loop's cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// What it converts.
    pub what: &'static str,
    /// How.
    pub way: Way,
    /// Instructions without the return.
    pub instructions: u64,
    /// Those of them that load.
    pub loads: u64,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// A conversion alone: the instructions of its function, all of which it executes but for `either`, which has two paths.
    pub functions: Vec<Cost>,
    /// Loops of conversions: the instructions that they executed.
    pub loops: Vec<Cost>,
    /// Conversions of each loop.
    pub rounds: u64,
}

/// Builds, boots, reads the functions and follows the loops.
///
/// # Errors
/// [`Failure`] where the kernel does not build or run, or where the two ways come to different addresses.
pub fn measure(qemu: &Qemu) -> Result<Measured, Failure> {
    let Built { elf, flat } = build::package(KERNEL)?;
    let mut machine = kernel::machine(&flat);
    // Without randomness a kernel is at its link address, so symbols tell where functions are.
    machine.append = Some("nokaslr".into());
    let rounds = agreed(&kernel::boot(qemu, &machine, KERNEL)?)?;

    let symbols = Symbols::read(&elf).map_err(MeasureError::from)?;
    let [text] = kernel::sections(&elf, [".text"])?;
    let mut functions = Vec::new();
    for (what, names) in FUNCTIONS {
        for (way, name) in Way::ALL.into_iter().zip(names) {
            let symbol = find(&symbols, &elf, name)?;
            let code = code(&text, symbol.address, symbol.size).unwrap_or_default();
            functions.push(cost(what, way, &decode(code).map_err(|what| lacks(&elf, what))?));
        }
    }
    let mut places = Vec::new();
    for name in LOOPS.into_iter().flat_map(|(_, names)| names) {
        places.push((name, find(&symbols, &elf, name)?.address));
    }
    let traces = trace::follow(qemu, &machine, &places)?;
    let labels = LOOPS.into_iter().flat_map(|(what, _)| Way::ALL.map(|way| (what, way)));
    let mut loops = Vec::new();
    for ((what, way), trace) in labels.zip(&traces) {
        let kinds = trace.iter().map(|pc| kind_at(&text, *pc)).collect::<Option<Vec<_>>>();
        let kinds = kinds.ok_or_else(|| lacks(&elf, "no code where a loop went".to_owned()))?;
        loops.push(cost(what, way, &kinds));
    }
    Ok(Measured { functions, loops, rounds })
}

/// The functions' table.
#[must_use]
pub fn functions_table(measured: &Measured) -> Table {
    let row = |cost: &Cost| {
        vec![cost.what.into(), cost.way.name().into(), cost.instructions.into(), cost.loads.into()]
    };
    Table {
        title: "Conversions: one function each, without its return",
        columns: vec!["conversion", "offset", "instructions", "loads"],
        rows: measured.functions.iter().map(row).collect(),
    }
}

/// The loops' table.
#[must_use]
pub fn loops_table(measured: &Measured) -> Table {
    let row = |cost: &Cost| {
        let Cost { what, way, instructions, loads } = *cost;
        vec![what.into(), way.name().into(), measured.rounds.into(), instructions.into(), loads.into()]
    };
    Table {
        title: "Conversions in a loop, virtual to physical: executed",
        columns: vec!["loop", "offset", "conversions", "instructions", "loads"],
        rows: measured.loops.iter().map(row).collect(),
    }
}

/// Checks that both ways came to the same addresses, and says how many conversions a loop has.
fn agreed(lines: &[Line]) -> Result<u64, CompareError> {
    let mut rounds = 0;
    for line in lines {
        let (found, expected) = (line.text("patched")?, line.text("variable")?);
        if found != expected {
            return Err(CompareError::Different {
                what: "the patched conversion".to_owned(),
                found: found.to_owned(),
                other: "the one by a variable".to_owned(),
                expected: expected.to_owned(),
            });
        }
        rounds = line.number("loop").unwrap_or(rounds);
    }
    match rounds {
        0 => Err(lines[0].number("loop").err().unwrap_or(CompareError::Inexact { counted: 0 })),
        rounds => Ok(rounds),
    }
}

fn cost(what: &'static str, way: Way, kinds: &[Kind]) -> Cost {
    let count = |wanted: fn(&Kind) -> bool| kinds.iter().filter(|kind| wanted(kind)).count() as u64;
    let instructions = count(|kind| *kind != Kind::Return);
    Cost { what, way, instructions, loads: count(|kind| *kind == Kind::Load) }
}

fn find<'a>(symbols: &'a Symbols, elf: &Path, name: &str) -> Result<&'a Symbol, CompareError> {
    symbols.find(name).ok_or_else(|| lacks(elf, format!("no symbol {name}")))
}

fn lacks(elf: &Path, what: String) -> CompareError {
    CompareError::Elf { kernel: elf.display().to_string(), what }
}

/// `size` bytes of code at `at`.
fn code(text: &Section, at: Address, size: u64) -> Option<&[u8]> {
    let offset = usize::try_from(at.0.checked_sub(text.address)?).ok()?;
    text.bytes.get(offset..)?.get(..usize::try_from(size).ok()?)
}

/// The instruction at `at`.
fn kind_at(text: &Section, at: Address) -> Option<Kind> {
    let half = code(text, at, 2)?;
    let size = if half[0] & 3 == 3 { 4 } else { 2 };
    decode(code(text, at, size)?).ok()?.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_read_one_by_one() {
        // ld a0, 0(a0); c.sub a0, a1; ret
        let code = [&0x0005_3503_u32.to_le_bytes()[..], &0x8d0d_u16.to_le_bytes(), &0x8082_u16.to_le_bytes()];
        let text = Section { address: 0x1000, bytes: code.concat() };
        let kinds = [0x1000, 0x1004, 0x1006].map(|at| kind_at(&text, Address(at)).expect("an instruction"));
        assert_eq!(kinds, [Kind::Load, Kind::Add, Kind::Return]);
        let cost = cost("", Way::Variable, &kinds);
        assert_eq!((cost.instructions, cost.loads), (2, 1));
        assert_eq!(kind_at(&text, Address(0x1008)), None);
        assert_eq!(kind_at(&text, Address(0xfff)), None);
    }
}
