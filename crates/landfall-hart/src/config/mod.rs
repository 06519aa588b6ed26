//! A machine: its harts, memory and devices, drawn from a seed, and what lies in memory at entry.

use crate::liberty::Liberties;

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
    /// Instructions per tick of `time`.
    pub instructions_per_tick: u64,
    /// The first instruction's physical address.
    pub entry: u64,
    /// The device tree's physical address, `a1` at entry.
    pub tree: u64,
    /// What memory holds at entry: physical addresses and bytes, the device tree included.
    pub contents: Vec<(u64, Vec<u8>)>,
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

/// Optional extensions of the harts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a name in the device tree")]
pub struct Extensions {
    /// Sstc: `stimecmp`.
    pub sstc: bool,
    /// Zicbom: `cbo.inval`, `cbo.clean`, `cbo.flush`.
    pub zicbom: bool,
    /// Zicboz: `cbo.zero`.
    pub zicboz: bool,
    /// Svnapot: leaves of 64 KiB.
    pub svnapot: bool,
    /// Svpbmt: memory types in leaves.
    pub svpbmt: bool,
    /// Svinval: `sinval.vma`.
    pub svinval: bool,
    /// Svadu: the hart sets A and D. Without it, Svade: they fault.
    pub svadu: bool,
    /// Svvptc: a hart sees a valid entry in place of an invalid one within bounded time.
    pub svvptc: bool,
    /// Ssdbltrp: a trap while SDT is set is a double trap.
    pub ssdbltrp: bool,
    /// Zkr: the CSR `seed`, for supervisor mode too.
    pub zkr: bool,
    /// The counter `time` is readable.
    pub time: bool,
    /// Misaligned loads and stores work.
    pub misaligned: bool,
}

/// Physical addresses of devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceMap {
    /// The ns16550's registers, one byte each, in steps of `1 << shift`.
    pub uart: u64,
    /// Its interrupt's number.
    pub uart_interrupt: u32,
    /// The interrupt controller.
    pub controller: Controller,
}

/// An interrupt controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controller {
    /// A PLIC at this address.
    Plic(u64),
    /// An APLIC in direct mode at this address.
    Aplic(u64),
}
