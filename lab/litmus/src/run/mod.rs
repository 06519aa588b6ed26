//! Runs a test on the simulator, many times with other choices.
//!
//! ```text
//! image     the machine's memory: code around the columns, constants, places for results
//!   code      instructions of that code, with labels
//! ```

mod code;
mod image;

use std::collections::BTreeSet;

use landfall_hart::Machine;
use landfall_hart::config::{
    Config, Controller, DeviceMap, Extensions, Mode, Region, RegionKind, Span, Start,
};
use landfall_hart::liberty::{Liberties, Liberty};

use crate::assemble::AssembleError;
use crate::test::{Outcome, Test};

use self::image::Image;

/// The liberties that concern the order of memory.
const LIBERTIES: [Liberty; 4] = [Liberty::OldLoad, Liberty::LateStore, Liberty::SpuriousSc, Liberty::Pace];
/// The instructions that one hart executes in a round at most, on average.
const INSTRUCTIONS: u64 = 20_000;

/// A run of a test in one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The seed of the machine's choices.
    pub seed: u64,
    /// The number of times that the test runs in the machine.
    pub rounds: u32,
    /// The ends of the harts' turns.
    pub turns: Turns,
}

/// The ends of the harts' turns in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turns {
    /// After each instruction: a `wfi`, which touches no memory, gives the turn to another hart.
    Short,
    /// The machine chooses them; most columns run in one turn.
    Long,
}

/// A reason why a test has no outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// An instruction has no machine code.
    #[error(transparent)]
    Assemble(#[from] AssembleError),
    /// The code around a column needs registers of its own.
    #[error("hart {0} has fewer than 6 registers that its column does not use")]
    Registers(usize),
    /// The machine has not reached the end.
    #[error("the machine ended with {0:?}, not with a shutdown")]
    Ended(landfall_hart::Outcome),
    /// The results are incomplete.
    #[error("the machine printed {found} bytes of results, not {expected}")]
    Results {
        /// The bytes found.
        found: usize,
        /// The bytes expected.
        expected: usize,
    },
}

/// Runs the test in one machine; returns the outcomes that were seen, the filter's part only.
///
/// # Errors
/// Fails if the machine cannot run the test to its end.
pub fn run(test: &Test, plan: Plan) -> Result<BTreeSet<Outcome>, RunError> {
    let image = Image::new(test, plan)?;
    let mut machine = Machine::new(config(test, plan, &image));
    let limit = INSTRUCTIONS * u64::from(plan.rounds) * test.harts.len() as u64;
    match machine.run(limit) {
        landfall_hart::Outcome::Shutdown { failed: false } => {}
        other => return Err(RunError::Ended(other)),
    }
    let outcomes = image.outcomes(test, machine.output())?;
    Ok(outcomes.into_iter().filter(|outcome| test.counts(outcome)).collect())
}

/// Returns the machine for a test.
fn config(test: &Test, plan: Plan, image: &Image) -> Config {
    Config {
        seed: plan.seed,
        liberties: LIBERTIES.into_iter().collect::<Liberties>(),
        harts: (0..test.harts.len() as u64).collect(),
        boot: 0,
        start: Start::Hsm,
        drawn: Vec::new(),
        disabled: Vec::new(),
        regions: vec![Region { start: Image::START, len: image.len(), kind: RegionKind::Ram }],
        widest: Mode::Sv39,
        asid_bits: 0,
        extensions: Extensions {
            sstc: false,
            zicbom: false,
            zicboz: false,
            svnapot: false,
            svpbmt: false,
            svinval: false,
            svadu: false,
            svvptc: false,
            ssdbltrp: false,
            zkr: false,
            time: false,
            misaligned: true,
        },
        devices: DeviceMap {
            uart: 0x1000_0000,
            uart_shift: 0,
            uart_interrupt: 10,
            controller: Controller::Plic(0x0c00_0000),
        },
        timebase: 10_000_000,
        instructions_per_second: 100_000_000,
        kernel: Span::default(),
        initrd: None,
        command_line: String::new(),
        entry: Image::START,
        tree: 0,
        contents: image.contents(),
    }
}
