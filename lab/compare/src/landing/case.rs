//! The boots that are counted, by the property that they vary.

use landfall_host::machine::Mode;
use landfall_predict::units::Size;

/// The property that the boots of a table vary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// The mode and the RAM of the machine.
    Machine,
    /// Machines whose harts lack the extension Zicboz.
    WithoutZicboz,
    /// The harts of the machine.
    Harts,
    /// Ranges that the tree forbids to map.
    NoMap,
    /// Ranges that the tree reserves.
    Reserved,
    /// The kernel.
    Kernel,
}

impl Axis {
    /// All of them, in the order of the output.
    pub const ALL: [Self; 6] =
        [Self::Machine, Self::WithoutZicboz, Self::Harts, Self::NoMap, Self::Reserved, Self::Kernel];

    /// Returns the title of the table.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Machine => "Landing of `hello`, by machine",
            Self::WithoutZicboz => "Landing of `hello` without Zicboz, by machine",
            Self::Harts => "Landing of `hello`, by harts, up to the start of the others",
            Self::NoMap => "Landing of `hello`, by `no-map` ranges",
            Self::Reserved => "Landing of `hello`, by reserved ranges",
            Self::Kernel => "Landing by kernel",
        }
    }

    /// Returns the head of the first column.
    pub(super) const fn column(self) -> &'static str {
        match self {
            Self::Machine | Self::WithoutZicboz => "machine",
            Self::Harts => "harts",
            Self::NoMap | Self::Reserved => "ranges",
            Self::Kernel => "kernel",
        }
    }
}

/// The kernel of a boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kernel {
    /// The kernel `hello`.
    Hello,
    /// The kernel `compare-landing` with a feature, or without.
    Measuring(&'static str),
}

/// One boot.
#[derive(Clone, Debug)]
pub struct Case {
    /// The table that it belongs to.
    pub axis: Axis,
    /// Its name in the table.
    pub name: String,
    pub(super) mode: Mode,
    pub(super) memory: Size,
    pub(super) harts: u32,
    pub(super) zicboz: Zicboz,
    pub(super) ranges: u64,
    pub(super) kernel: Kernel,
}

/// The extension Zicboz: cache blocks are zeroed by one instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zicboz {
    /// The harts have it, with blocks of 64 bytes.
    Present,
    /// The harts lack it.
    Absent,
}

const SIZES: [(&str, Size); 4] = [
    ("1 GiB", Size::gib(1)),
    ("16 GiB", Size::gib(16)),
    ("256 GiB", Size::gib(256)),
    ("1 TiB", Size::gib(1024)),
];

/// Numbers of ranges. Firmware adds two, and a tree has at most 64.
const RANGES: [u64; 5] = [0, 1, 15, 30, 58];

/// Numbers of harts.
const HARTS: [u32; 4] = [1, 2, 8, 64];

impl Case {
    /// The landing that the other figures are compared with.
    fn usual(axis: Axis, name: String) -> Self {
        let (mode, memory) = (Mode::Sv57, Size::gib(1));
        Self { axis, name, mode, memory, harts: 1, zicboz: Zicboz::Present, ranges: 0, kernel: Kernel::Hello }
    }

    /// Returns all boots.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        for (axis, zicboz) in [(Axis::Machine, Zicboz::Present), (Axis::WithoutZicboz, Zicboz::Absent)] {
            for mode in [Mode::Sv39, Mode::Sv48, Mode::Sv57] {
                cases.extend(SIZES.map(|(size, memory)| {
                    let name = format!("{}, {size}", mode.name());
                    Self { mode, memory, zicboz, ..Self::usual(axis, name) }
                }));
            }
        }
        cases.extend(HARTS.map(|harts| Self { harts, ..Self::usual(Axis::Harts, harts.to_string()) }));
        for axis in [Axis::NoMap, Axis::Reserved] {
            cases.extend(RANGES.map(|ranges| Self { ranges, ..Self::usual(axis, ranges.to_string()) }));
        }
        for (name, feature) in [
            ("small", ""),
            (".bss of 16 MiB", "heap"),
            ("4,096 slots, dense", "dense"),
            ("4,096 slots, alternating", "alternating"),
            ("constants of 4 MiB", "constants"),
        ] {
            for (suffix, zicboz) in [("", Zicboz::Present), (", without Zicboz", Zicboz::Absent)] {
                let kernel = Kernel::Measuring(feature);
                let case = Self::usual(Axis::Kernel, format!("{name}{suffix}"));
                cases.push(Self { zicboz, kernel, ..case });
            }
        }
        cases
    }

    /// Returns the boots that every run of the tests counts: one for each cost that grows.
    #[must_use]
    pub fn of_every_day() -> Vec<Self> {
        const CASES: [(Axis, &str); 6] = [
            (Axis::Machine, "sv57, 1 GiB"),
            (Axis::Machine, "sv39, 256 GiB"),
            (Axis::WithoutZicboz, "sv57, 1 GiB"),
            (Axis::Harts, "8"),
            (Axis::NoMap, "15"),
            (Axis::Reserved, "15"),
        ];
        let is_of_every_day = |case: &Self| CASES.contains(&(case.axis, case.name.as_str()));
        Self::all().into_iter().filter(is_of_every_day).collect()
    }
}
