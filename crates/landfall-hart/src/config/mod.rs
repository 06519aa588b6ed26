//! A machine: its harts, memory and devices, drawn from a seed, and what lies in memory at entry.

mod describe;
mod devices;
mod draw;
mod error;
mod extensions;
mod load;
mod options;
mod span;
mod tree;

use crate::liberty::{Liberties, Liberty};

pub use self::devices::{Controller, DeviceMap};
pub use self::error::ConfigError;
pub use self::extensions::Extensions;
pub use self::load::{Kernel, LoadError, Place, Segment};
pub use self::options::{Options, TreeSeeds};
pub use self::span::Span;

/// The block of Zicbom and Zicboz, in bytes.
pub(crate) const BLOCK: u64 = 64;

/// A machine.
#[derive(Clone, Debug)]
pub struct Config {
    /// The seed of all choices.
    pub seed: u64,
    /// The liberties that the machine takes.
    pub liberties: Liberties,
    /// The harts' ids, by index.
    pub harts: Vec<u64>,
    /// The index of the hart that boots.
    pub boot: usize,
    /// The start of the other harts.
    pub start: Start,
    /// The ids of harts that the tree lists as disabled. The machine does not have them.
    pub disabled: Vec<u64>,
    /// Physical memory, in ascending order, without overlaps.
    pub regions: Vec<Region>,
    /// The widest mode of translation.
    pub widest: Mode,
    /// The number of bits of ASIDs that `satp` implements, 0 to 16.
    pub asid_bits: u32,
    /// The optional extensions that the harts have.
    pub extensions: Extensions,
    /// Physical addresses of devices.
    pub devices: DeviceMap,
    /// Ticks of `time` per second.
    pub timebase: u64,
    /// Instructions of all harts together per second of `time`.
    pub instructions_per_second: u64,
    /// The memory of the kernel, `.bss` included; empty if it is not known.
    pub kernel: Span,
    /// The initrd.
    pub initrd: Option<Span>,
    /// The command line.
    pub command_line: String,
    /// The first instruction's physical address.
    pub entry: u64,
    /// The device tree's physical address, `a1` at entry.
    pub tree: u64,
    /// The number of choices with two possible results or more that drew the machine, by liberty.
    pub drawn: Vec<(Liberty, u64)>,
    /// Contents of memory at entry: physical addresses and bytes, the device tree included.
    pub contents: Vec<(u64, Vec<u8>)>,
}

impl Config {
    /// Returns a machine with the devices and properties of QEMU's `virt`, and with empty memory.
    ///
    /// A comparison with another simulator adds that one's tree and memory:
    ///
    /// ```
    /// use landfall_hart::config::{Config, Region, RegionKind};
    ///
    /// let ram = Region { start: 0x8000_0000, len: 0x1000_0000, kind: RegionKind::Ram };
    /// let (kernel, tree) = (vec![0x13, 0, 0, 0], vec![0; 64]);
    /// let machine = Config {
    ///     entry: 0x8020_0000,
    ///     tree: 0x8fe0_0000,
    ///     contents: vec![(0x8020_0000, kernel), (0x8fe0_0000, tree)],
    ///     ..Config::virt(1, vec![ram])
    /// };
    /// assert_eq!(machine.harts, [0]);
    /// ```
    #[must_use]
    pub fn virt(harts: usize, regions: Vec<Region>) -> Self {
        Self {
            seed: 0,
            liberties: Liberties::PLAIN,
            harts: (0..harts as u64).collect(),
            boot: 0,
            start: Start::Hsm,
            disabled: Vec::new(),
            regions,
            widest: Mode::Sv57,
            asid_bits: 16,
            extensions: Extensions::ALL,
            devices: DeviceMap::VIRT,
            timebase: 10_000_000,
            instructions_per_second: 100_000_000,
            kernel: Span::default(),
            initrd: None,
            command_line: String::new(),
            entry: 0,
            tree: 0,
            drawn: Vec::new(),
            contents: Vec::new(),
        }
    }
}

/// The start of the harts that do not boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// A call of the SBI's HSM extension starts each.
    Hsm,
    /// All harts begin at the kernel's entry; the firmware has no HSM.
    Together,
}

/// A range of physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its first address, a multiple of 4 KiB.
    pub start: u64,
    /// Its length in bytes, a multiple of 4 KiB.
    pub len: u64,
    /// Its kind.
    pub kind: RegionKind,
}

impl Region {
    /// Returns its addresses.
    #[must_use]
    pub const fn span(&self) -> Span {
        Span { start: self.start, len: self.len }
    }
}

/// A kind of physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionKind {
    /// Memory.
    Ram,
    /// Memory that the firmware keeps: accesses fault (PMP).
    Firmware,
    /// Memory that faults on stores.
    Rom,
    /// Memory that loses stores silently, such as flash behind a bridge.
    Lossy,
}

/// A mode of translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Three levels.
    Sv39,
    /// Four levels.
    Sv48,
    /// Five levels.
    Sv57,
}

impl Mode {
    /// Returns the mode's name, as `mmu-type` has it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sv39 => "sv39",
            Self::Sv48 => "sv48",
            Self::Sv57 => "sv57",
        }
    }
}
