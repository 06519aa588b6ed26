//! Conversions of addresses: landfall's patched immediates, and offsets in static variables.

use std::path::Path;

use super::instructions::{self, Instruction};
use super::kernel::{self, Line};
use super::{CompareError, Table, trace};
use anyhow::Error;
use landfall_host::build::{self, Built};
use landfall_host::measure::MeasureError;
use landfall_host::qemu::Qemu;
use landfall_host::symbols::{Symbol, Symbols};
use landfall_predict::units::Address;

const KERNEL: &str = "compare-conversions";

/// The conversions, in both ways: what the table calls one, and its functions.
const FUNCTIONS: [(&str, [&str; 2]); 5] = [
    ("linear map: physical to virtual", ["patched_linear_to_virt", "variable_linear_to_virt"]),
    ("linear map: virtual to physical", ["patched_linear_to_phys", "variable_linear_to_phys"]),
    ("image: physical to virtual", ["patched_image_to_virt", "variable_image_to_virt"]),
    ("image: virtual to physical", ["patched_image_to_phys", "variable_image_to_phys"]),
    ("either: virtual to physical", ["patched_either_to_phys", "variable_either_to_phys"]),
];

/// The loops.
const LOOPS: [(&str, [&str; 2]); 4] = [
    ("linear map", ["loop_patched_linear", "loop_variable_linear"]),
    ("linear map, a barrier in each round", ["loop_patched_linear_barrier", "loop_variable_linear_barrier"]),
    ("either", ["loop_patched_either", "loop_variable_either"]),
    ("either, a barrier in each round", ["loop_patched_either_barrier", "loop_variable_either_barrier"]),
];

/// The source of a conversion's offset.
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
    /// The conversion.
    pub what: &'static str,
    /// The source of its offset.
    pub way: Way,
    /// Instructions without the return.
    pub instructions: u64,
    /// Those of them that load, from anywhere but the stack.
    pub loads: u64,
}

/// The measurements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// A conversion alone: the instructions of its function, all of which it executes but for
    /// `either`, which has two paths.
    pub functions: Vec<Cost>,
    /// Loops of conversions: the instructions that they executed.
    pub loops: Vec<Cost>,
    /// Conversions of each loop.
    pub rounds: u64,
}

/// Builds, boots, reads the functions and follows the loops.
///
/// # Errors
/// [`Error`] where the kernel does not build or run, or where the two ways come to different
/// addresses.
pub fn measure(qemu: &Qemu) -> Result<Measured, Error> {
    let Built { elf, flat } = build::named(KERNEL)?;
    let mut machine = kernel::machine(&flat);
    // Without randomness a kernel is at its link address, so symbols have the right addresses.
    machine.append = Some("nokaslr".into());
    let rounds = agreed(&kernel::boot(qemu, &machine, KERNEL)?)?;

    let symbols = Symbols::read(&elf).map_err(MeasureError::from)?;
    let [text] = kernel::sections(&elf, [".text"])?;
    let mut functions = Vec::new();
    for (what, names) in FUNCTIONS {
        for (way, name) in Way::ALL.into_iter().zip(names) {
            let symbol = find(&symbols, &elf, name)?;
            let size = usize::try_from(symbol.size).unwrap_or(usize::MAX);
            functions.push(cost(what, way, &instructions::read(trace::code(&text, symbol.address, size))));
        }
    }
    let trace = trace::record(qemu, &machine, &text, Address(text.address))?;
    let mut loops = Vec::new();
    for (what, names) in LOOPS {
        for (way, name) in Way::ALL.into_iter().zip(names) {
            let executed = trace.call(name, find(&symbols, &elf, name)?.address)?;
            let executed =
                executed.iter().filter_map(|pc| instructions::read(trace.code(*pc, 4)).first().copied());
            loops.push(cost(what, way, &executed.collect::<Vec<_>>()));
        }
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

fn cost(what: &'static str, way: Way, code: &[Instruction]) -> Cost {
    let count = |wanted| code.iter().filter(|instruction| **instruction == wanted).count() as u64;
    let instructions = code.len() as u64 - count(Instruction::Return);
    Cost { what, way, instructions, loads: count(Instruction::Load) }
}

fn find<'a>(symbols: &'a Symbols, elf: &Path, name: &str) -> Result<&'a Symbol, CompareError> {
    symbols.find(name).ok_or_else(|| lacks(elf, format!("no symbol {name}")))
}

fn lacks(elf: &Path, what: String) -> CompareError {
    CompareError::Elf { kernel: elf.display().to_string(), what }
}
