//! One boot of the kernel on the simulator.

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::{Context, Error};
use landfall_hart::config::{Config, Extensions, Kernel, Mode, Options};
use landfall_hart::liberty::Liberties;
use landfall_hart::tlb::LeafSize;
use landfall_hart::{Machine, Outcome};
use landfall_host::build;
use landfall_predict::policy::Change;

use super::layout::{BOOTS, Boot, Svnapot};
use super::observe::{Counted, Models};
use super::{KERNEL, ROUNDS};
use crate::CompareError;
use crate::kernel::Line;

/// The machine's RAM: enough that a gigabyte more or less matters and does not decide.
const MEMORY: u64 = 16 << 30;
/// The most instructions of a boot.
const LIMIT: u64 = 1 << 31;

/// The images, by boot.
pub(super) struct Kernels {
    images: Vec<Vec<u8>>,
}

impl Kernels {
    /// Builds the kernel, and writes the policy of each boot into a copy.
    pub(super) fn build() -> Result<Self, Error> {
        let flat = build::named(KERNEL)?.flat;
        let image = std::fs::read(&flat).with_context(|| format!("cannot read {}", flat.display()))?;
        let with = |boot: &Boot| {
            let changes: Result<Vec<Change>, _> = boot.policy.iter().map(|change| change.parse()).collect();
            let mut image = image.clone();
            build::policy::change_flat(&mut image, &changes?)?;
            Ok(image)
        };
        Ok(Self { images: BOOTS.iter().map(with).collect::<Result<_, Error>>()? })
    }

    /// Boots with a seed, and counts.
    pub(super) fn boot(&self, index: usize, seed: u64) -> Result<Vec<Counted>, Error> {
        let boot = &BOOTS[index];
        let mut machine = Machine::new(machine(boot, &self.images[index], seed)?);
        let needs: &[LeafSize] = match boot.svnapot {
            Svnapot::Present => &[LeafSize::K64],
            Svnapot::Absent => &[],
        };
        let models = Rc::new(RefCell::new(Models::of(boot, seed, needs)));
        machine.observe(Box::new(Rc::clone(&models)));
        let outcome = machine.run(LIMIT);
        let output = String::from_utf8_lossy(machine.output()).into_owned();
        check(boot, outcome, &output)?;
        let counted = models.borrow().counted();
        Ok(counted)
    }
}

/// The machine: one hart with sv39, and nothing at random but what the seed of the tree decides.
fn machine(boot: &Boot, image: &[u8], seed: u64) -> Result<Config, Error> {
    let svnapot = boot.svnapot == Svnapot::Present;
    let options = Options {
        memory: MEMORY,
        command_line: format!("rounds={ROUNDS} order={}", seed + 1),
        load_at: Some(boot.at),
        extensions: Some(Extensions { svnapot, ..Extensions::ALL }),
        widest: Some(Mode::Sv39),
        ..Options::new(Kernel::read(image)?)
    };
    Ok(Config::draw(seed, Liberties::PLAIN, &options)?)
}

/// Checks that the kernel has come to its end with the right result.
fn check(boot: &Boot, outcome: Outcome, output: &str) -> Result<(), Error> {
    let line = output.lines().find_map(|line| Line::parse(KERNEL, line));
    let line = line.ok_or_else(|| {
        let last: Vec<_> = output.lines().rev().take(5).collect();
        Error::msg(format!("{}: the boot ended with {outcome:?}; the last lines: {last:?}", boot.layout))
    })?;
    if line.text("result")? != "right" || outcome != (Outcome::Shutdown { failed: false }) {
        return Err(CompareError::Different {
            what: boot.layout.to_owned(),
            found: format!("{} and {outcome:?}", line.text("result")?),
            other: "the workload".to_owned(),
            expected: "right and a shutdown".to_owned(),
        }
        .into());
    }
    Ok(())
}
