//! The axes of a test, and the boots along them.

use std::fmt;
use std::num::NonZeroU32;

use landfall_predict::units::Size;

use crate::firmware::{Edition, Firmware};
use crate::machine::{Harts, Mode};
use crate::random::Random;
use crate::simulator::Preset;

/// A property of the machine that a test varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    /// The largest paging mode of the harts.
    Mode,
    /// The physical address of the image.
    Address,
    /// The number of harts.
    Harts,
    /// The size of RAM.
    Memory,
    /// The source of random numbers.
    Seed,
    /// The firmware and the boot loader.
    Firmware,
    /// The liberties of a simulated machine.
    Simulator,
}

impl Axis {
    /// All axes, in the order of their boots.
    pub const ALL: [Self; 7] =
        [Self::Mode, Self::Address, Self::Harts, Self::Memory, Self::Seed, Self::Firmware, Self::Simulator];

    /// Returns the name, which begins the names of the axis's boots.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mode => "mode",
            Self::Address => "address",
            Self::Harts => "harts",
            Self::Memory => "memory",
            Self::Seed => "seed",
            Self::Firmware => "firmware",
            Self::Simulator => "simulator",
        }
    }
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The values that a test boots with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axes {
    /// The modes that machines offer.
    pub modes: Vec<Mode>,
    /// The number of random addresses.
    pub addresses: NonZeroU32,
    /// The most harts.
    pub harts: Harts,
    /// Sizes of RAM.
    pub memory: Vec<Size>,
    /// Firmware and boot loaders.
    pub firmware: Vec<Firmware>,
    /// Simulated machines.
    pub simulator: Simulated,
}

/// The simulated machines of a test: an ordinary one, and so many that take every liberty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Simulated {
    /// The usual number, for a landfall kernel that passes on the ordinary one.
    Usual,
    /// The number that the user asks for; the kernel must pass on each. None at all if it is 0.
    Asked(u32),
}

impl Simulated {
    /// The usual number.
    const USUAL: u32 = 8;

    const fn count(self) -> u32 {
        match self {
            Self::Usual => Self::USUAL,
            Self::Asked(count) => count,
        }
    }
}

/// The program whose machine boots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// QEMU.
    Qemu,
    /// The simulator, with these liberties.
    Simulator(Preset),
}

impl Default for Axes {
    fn default() -> Self {
        const FOUR: NonZeroU32 = NonZeroU32::new(4).expect("4 is not 0");
        Self {
            modes: vec![Mode::Sv39, Mode::Sv48, Mode::Sv57],
            addresses: FOUR,
            harts: FOUR,
            memory: vec![Size::mib(128), Size::gib(4), Size::gib(16)],
            firmware: vec![Firmware::OpenSbi, Firmware::UBoot, Firmware::Uefi(Edition::Debian)],
            simulator: Simulated::Usual,
        }
    }
}

/// The physical address of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The loader's usual one.
    Usual,
    /// A random one that the image permits.
    Random,
}

/// The random numbers of a boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seeding {
    /// A seed that is drawn.
    Drawn,
    /// The same seed in two boots, which must give the same layout.
    Repeated,
    /// None: `nokaslr` on the command line.
    Off,
}

/// One boot, or two with the same seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The axis.
    pub axis: Axis,
    /// The value on that axis.
    pub value: String,
    /// The largest mode that the machine offers.
    pub mode: Mode,
    /// The machine's harts.
    pub harts: Harts,
    /// The machine's RAM.
    pub memory: Size,
    /// The firmware.
    pub firmware: Firmware,
    /// The address of the image.
    pub place: Place,
    /// The random numbers.
    pub seeding: Seeding,
    /// The program whose machine boots.
    pub engine: Engine,
}

impl Trial {
    /// Returns the name: the axis and the value.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.axis, self.value)
    }

    /// Returns this trial's stream of random numbers. It depends on the test's seed and the trial's
    /// name, so that a trial draws the same numbers when it runs alone.
    #[must_use]
    pub fn random(&self, seed: u64) -> Random {
        let mix = |state: u64, byte: u8| Random::new(state ^ u64::from(byte)).next_word();
        Random::new(self.name().bytes().fold(seed, mix))
    }
}

/// RAM of the machines whose axis is another.
const MEMORY: Size = Size::gib(1);

impl Axes {
    /// Returns the trials, axis by axis.
    #[must_use]
    pub fn trials(&self) -> Vec<Trial> {
        let mut trials = Vec::new();
        let mut add = |axis, value: String, change: &dyn Fn(&mut Trial)| {
            let mut trial = self.usual(axis, value);
            change(&mut trial);
            trials.push(trial);
        };
        for &mode in &self.modes {
            add(Axis::Mode, mode.name().to_owned(), &|trial| trial.mode = mode);
        }
        for number in 1..=self.addresses.get() {
            add(Axis::Address, number.to_string(), &|_| {});
        }
        for harts in self.counts_of_harts() {
            add(Axis::Harts, harts.to_string(), &|trial| trial.harts = harts);
        }
        for &memory in &self.memory {
            add(Axis::Memory, short(memory), &|trial| trial.memory = memory);
        }
        add(Axis::Seed, "repeated".to_owned(), &|trial| trial.seeding = Seeding::Repeated);
        add(Axis::Seed, "off".to_owned(), &|trial| trial.seeding = Seeding::Off);
        for firmware in &self.firmware {
            let name = match firmware {
                Firmware::File(path) => path.display().to_string(),
                named => named.name().unwrap_or_default().to_owned(),
            };
            add(Axis::Firmware, name, &|trial| {
                trial.firmware = firmware.clone();
                trial.place = Place::Usual;
            });
        }
        let counts = self.counts_of_harts();
        for number in 0..=self.simulator.count() {
            let index = usize::try_from(number).unwrap_or_default();
            let (value, preset) = match number {
                0 if self.simulator.count() == 0 => break,
                0 => ("plain".to_owned(), Preset::Plain),
                number => (number.to_string(), Preset::Worst),
            };
            add(Axis::Simulator, value, &|trial| {
                trial.engine = Engine::Simulator(preset);
                trial.firmware = Firmware::OpenSbi;
                trial.place = Place::Usual;
                trial.harts = if index == 0 { self.harts } else { counts[index % counts.len()] };
            });
        }
        trials
    }

    /// Returns a trial on a machine whose properties are usual.
    fn usual(&self, axis: Axis, value: String) -> Trial {
        let mode = self.modes.iter().copied().max().unwrap_or(Mode::Sv57);
        let opensbi = self.firmware.contains(&Firmware::OpenSbi) || self.firmware.is_empty();
        let firmware = if opensbi { Firmware::OpenSbi } else { self.firmware[0].clone() };
        let place = if firmware.chooses_the_place() { Place::Usual } else { Place::Random };
        let (harts, memory) = (Harts::MIN, MEMORY);
        Trial {
            axis,
            value,
            mode,
            harts,
            memory,
            firmware,
            place,
            seeding: Seeding::Drawn,
            engine: Engine::Qemu,
        }
    }

    /// Returns 2, 4, 8 and so on up to the most, and the most; or 1 alone.
    fn counts_of_harts(&self) -> Vec<Harts> {
        let powers = std::iter::successors(Harts::new(2), |harts| harts.checked_mul(Harts::new(2)?));
        powers.take_while(|harts| *harts < self.harts).chain([self.harts]).collect()
    }
}

/// A size in a name: `128M`.
fn short(size: Size) -> String {
    let units = [(40, 'T'), (30, 'G'), (20, 'M'), (10, 'K')];
    let unit = units.into_iter().find(|(shift, _)| size.0.trailing_zeros() >= *shift);
    unit.map_or_else(|| size.0.to_string(), |(shift, unit)| format!("{}{unit}", size.0 >> shift))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_a_boot_of_its_own() {
        let names: Vec<_> = Axes::default().trials().iter().map(Trial::name).collect();
        let expected = "mode/sv39 mode/sv48 mode/sv57 address/1 address/2 address/3 address/4 harts/2 harts/4 \
                        memory/128M memory/4G memory/16G seed/repeated seed/off firmware/opensbi firmware/u-boot \
                        firmware/uefi simulator/plain simulator/1 simulator/2 simulator/3 simulator/4 \
                        simulator/5 simulator/6 simulator/7 simulator/8";
        assert_eq!(names.join(" "), expected);
    }

    #[test]
    fn simulated_machines_have_few_and_many_harts_and_can_be_left_out() {
        let trials = Axes { simulator: Simulated::Asked(2), ..Axes::default() }.trials();
        let simulated: Vec<_> = trials.iter().filter(|trial| trial.axis == Axis::Simulator).collect();
        let harts: Vec<_> = simulated.iter().map(|trial| trial.harts.get()).collect();
        assert_eq!(harts, [4, 4, 2]);
        assert_eq!(simulated[0].engine, Engine::Simulator(Preset::Plain));
        assert_eq!(simulated[2].engine, Engine::Simulator(Preset::Worst));
        let without = Axes { simulator: Simulated::Asked(0), ..Axes::default() }.trials();
        assert!(without.iter().all(|trial| trial.engine == Engine::Qemu));
    }

    #[test]
    fn harts_go_up_to_the_most() {
        let counts = |most| {
            let axes = Axes { harts: Harts::new(most).expect("harts"), ..Axes::default() };
            axes.counts_of_harts().into_iter().map(Harts::get).collect::<Vec<_>>()
        };
        assert_eq!([counts(1), counts(2), counts(6)], [vec![1], vec![2], vec![2, 4, 6]]);
    }

    #[test]
    fn a_trial_draws_the_same_alone_and_among_others() {
        let trials = Axes::default().trials();
        let alone = Axes { addresses: Harts::MIN, ..Axes::default() }.trials();
        let first = |trials: &[Trial]| {
            let trial = trials.iter().find(|trial| trial.name() == "address/1").expect("a trial");
            (trial.random(7).next_word(), trial.random(8).next_word())
        };
        assert_eq!(first(&trials), first(&alone));
        let mut all: Vec<_> = trials.iter().map(|trial| trial.random(7).next_word()).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), trials.len());
    }

    #[test]
    fn a_size_is_written_as_it_is_read() {
        for (bytes, text) in [(128 << 20, "128M"), (1 << 30, "1G"), (3 << 29, "1536M"), (8192, "8K")] {
            assert_eq!(short(Size(bytes)), text);
            assert_eq!(text.parse(), Ok(Size(bytes)));
        }
    }
}
