//! One landing: a drawn machine, and what it printed.

use std::rc::Rc;

use landfall_hart::config::{Config, ConfigError, Kernel, Options, TreeSeeds};
use landfall_hart::liberty::{Liberties, Liberty};
use landfall_hart::{Explanation, Machine, Outcome, explain};
use serde_json::Value;

use crate::entry::Watch;
use crate::flaw::Flaw;
use crate::handed::Handed;
use crate::kernel::Image;

/// Instructions per second of a machine's time: a kernel's patience of a second is soon over.
const PER_SECOND: u64 = 1_000_000;

/// The refusal of a start of the next kernel: no memory has equal virtual addresses.
pub(crate) const NO_BLOCK: &str = "block";
/// The "rule" of a kernel that finds no initrd, in which the next kernel lies.
pub(crate) const NO_INITRD: &str = "initrd";

/// The refusal of a start of the next kernel, with the id of a hart: it does not stop.
pub(crate) const RUNS: &str = "hart";

/// One landing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The seed of the machine.
    pub seed: u64,
    /// The number of harts.
    pub harts: usize,
    /// Bytes of RAM.
    pub memory: u64,
    /// The liberties.
    pub liberties: Liberties,
    /// The flaw of the machine.
    pub flaw: Flaw,
}

/// The result of a landing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The kernel landed, and ended with success.
    Landed {
        /// The paging mode.
        mode: String,
        /// The number of harts.
        online: u64,
        /// The ids of the harts that failed.
        failed: Vec<u64>,
    },
    /// The kernel refused to land.
    Refused {
        /// The rule, such as `R7`. A refused start of the next kernel has `block`, or `hart` and
        /// an id.
        rule: String,
    },
    /// Anything else: silence, a panic, a machine that stands still.
    Lost {
        /// The outcome and the last line.
        what: String,
    },
}

impl Trial {
    /// Returns the landing of a seed: its harts and its memory are enough for the kernel's work.
    #[must_use]
    pub fn drawn(image: &Image, seed: u64, liberties: Liberties) -> Self {
        let draw = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let part = |shift: u32| usize::try_from(draw >> shift & 0xff).unwrap_or(0);
        let work = image.work();
        let (harts, memory) = (work.harts(part(0)), work.memory(part(8)));
        Self { seed, harts, memory, liberties, flaw: Flaw::None }
    }

    /// Draws the machine.
    ///
    /// # Errors
    /// [`ConfigError`] if no machine has room for the kernel.
    pub fn config(&self, image: &Image) -> Result<Config, ConfigError> {
        let (work, image) = (image.work(), image.of_seed(self.seed));
        let kernel = Kernel::read(image).unwrap_or_else(|_| Kernel::raw(image.to_vec()));
        let options = Options {
            harts: self.harts,
            memory: self.memory,
            instructions_per_second: PER_SECOND,
            seeds: if self.seed.is_multiple_of(8) { TreeSeeds::Kaslr } else { TreeSeeds::Rng },
            start: work.start(self.seed),
            initrd: work.initrd(image),
            command_line: work.command_line(self.seed, None),
            ..Options::new(kernel)
        };
        let config = Config::draw(self.seed, self.liberties, &options)?;
        let command_line = work.command_line(self.seed, Some(&config));
        let config = if command_line == options.command_line {
            config
        } else {
            Config::draw(self.seed, self.liberties, &Options { command_line, ..options })?
        };
        let config = self.flaw.apply(config);
        if config.extensions.time {
            return Ok(config);
        }
        // Without `time`, a kernel waits for a lost hart by counting: for 400 million instructions.
        Ok(Config { liberties: config.liberties.without(Liberty::LateHart), ..config })
    }

    /// Runs it, and returns the machine and what was seen.
    ///
    /// # Errors
    /// [`ConfigError`] if no machine has room for the kernel.
    pub fn run(&self, image: &Image) -> Result<(Machine, Seen), ConfigError> {
        let mut machine = Machine::new(self.config(image)?);
        let entries = image.entries.filter(|_| image.work().starts().is_none());
        let mode = machine.config().widest.min(image.policy(self.seed).highest);
        let watch = entries.map(|entries| Watch::new(entries, mode));
        if let Some(watch) = &watch {
            machine.inspect(Box::new(Rc::clone(watch)));
        }
        let handed = image.work().starts().map(|starts| (starts, Handed::new()));
        if let Some((_, handed)) = &handed {
            machine.inspect(Box::new(Rc::clone(handed)));
        }
        let outcome = machine.run(image.work().limit());
        let seen = Seen::of(&machine, outcome);
        let Seen::Landed { online, .. } = seen else { return Ok((machine, seen)) };
        let mut faults = watch.map_or_else(Vec::new, |watch| watch.borrow().faults(online));
        faults.extend(handed.into_iter().flat_map(|(starts, handed)| handed.borrow().faults(starts)));
        let seen = if faults.is_empty() { seen } else { Seen::Lost { what: faults.join("; ") } };
        Ok((machine, seen))
    }

    /// Explains a failure.
    ///
    /// # Errors
    /// [`ConfigError`] if no machine has room for the kernel.
    pub fn explain(
        &self,
        image: &Image,
        fails: impl Fn(&Machine, &Seen) -> bool,
    ) -> Result<Option<Explanation>, ConfigError> {
        let config = self.config(image)?;
        Ok(explain(&config, image.work().limit(), |machine, outcome| {
            fails(machine, &Seen::of(machine, outcome))
        }))
    }
}

impl Seen {
    fn of(machine: &Machine, outcome: Outcome) -> Self {
        let console = String::from_utf8_lossy(machine.output());
        let line = |start: &str| console.lines().find_map(|line| line.strip_prefix(start));
        if let Some(refusal) = line("landfall: refused ") {
            let rule = refusal.split(':').next().unwrap_or_default().to_owned();
            return Self::Refused { rule };
        }
        if line("landfall: panic the block ").is_some_and(|text| text.contains("does not end below")) {
            return Self::Refused { rule: NO_BLOCK.to_owned() };
        }
        if line("landfall: panic the tests pass an initrd on").is_some() {
            return Self::Refused { rule: NO_INITRD.to_owned() };
        }
        if let Some((hart, _)) =
            line("landfall: panic hart ").and_then(|text| text.split_once(" did not stop"))
        {
            return Self::Refused { rule: format!("{RUNS} {hart}") };
        }
        let report = line("landfall: report ").and_then(|text| serde_json::from_str::<Value>(text).ok());
        let success = line("landfall: exit ") == Some("0") && outcome == Outcome::Shutdown { failed: false };
        match report {
            Some(report) if success => {
                let failed = report["harts"]["failed"].as_array().into_iter().flatten();
                let mut failed: Vec<_> = failed.filter_map(|hart| hart["hart"].as_u64()).collect();
                failed.sort_unstable();
                Self::Landed {
                    mode: report["mode"].as_str().unwrap_or_default().to_owned(),
                    online: report["harts"]["online"].as_u64().unwrap_or_default(),
                    failed,
                }
            }
            _ => {
                let last = console.lines().last().unwrap_or("nothing was printed");
                Self::Lost { what: format!("{outcome:?}; {last}") }
            }
        }
    }
}
