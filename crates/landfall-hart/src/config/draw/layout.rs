//! Draws the physical address space: RAM, the firmware's, other memory, and devices.

use super::choose;
use crate::config::span::{PAGE, Used};
use crate::config::{ConfigError, Controller, DeviceMap, Options, Place, Region, RegionKind, Span, tree};
use crate::liberty::{Choices, Liberty};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
/// The start of RAM of QEMU's `virt`.
const VIRT: u64 = 0x8000_0000;
/// The firmware's memory: the plain size, and the largest.
const FIRMWARE: u64 = MIB / 2;
const FIRMWARE_MOST: u64 = 2 * MIB;
/// Frequencies of `time`, in Hz; the first is that of QEMU's `virt`.
const TIMEBASES: [u64; 6] = [10_000_000, 1_000_000, 24_000_000, 32_768, 4_000_000, 100_000_000];

/// Bytes that one piece of RAM must hold.
#[derive(Debug)]
pub(super) struct Needs {
    /// The kernel's place, if it is given.
    pub(super) fixed: Option<Span>,
    /// Bytes for the tree.
    pub(super) tree: u64,
    /// Bytes for all but a kernel whose place is given.
    rest: u64,
}

/// Memory and devices.
#[derive(Debug)]
pub(super) struct Layout {
    /// Physical memory, in ascending order.
    pub(super) regions: Vec<Region>,
    /// The devices.
    pub(super) devices: DeviceMap,
    /// The frequency of `time`, in Hz.
    pub(super) timebase: u64,
    /// The piece of RAM that holds all that the machine needs.
    pub(super) main: Span,
}

impl Needs {
    /// Returns the needs of the options.
    pub(super) fn of(options: &Options) -> Result<Self, ConfigError> {
        let size = options.kernel.size;
        let at = match (options.kernel.place, options.load_at) {
            (Place::At(asked), Some(given)) if asked != given => {
                return Err(ConfigError::TwoPlaces { asked, given });
            }
            (Place::At(at), _) | (_, Some(at)) => Some(at),
            (Place::Anywhere { .. }, None) => None,
        };
        let fixed = at.map(|start| Span { start, len: size });
        if let Some(kernel) = fixed.filter(|kernel| kernel.end() > 1 << 50) {
            return Err(ConfigError::Place { kernel });
        }
        let initrd = options.initrd.as_ref().map_or(0, |initrd| initrd.len() as u64);
        let tree = tree::largest(options.harts, &options.command_line);
        let anywhere = if fixed.is_some() { 0 } else { size.saturating_add(options.alignment) };
        // Up to four of the pages are lost to alignment, and the first page is not used.
        let rest = [initrd, tree, FIRMWARE_MOST, anywhere, 5 * PAGE].into_iter().fold(0, u64::saturating_add);
        Ok(Self { fixed, tree, rest: rest.min(1 << 60).next_multiple_of(PAGE) })
    }
}

/// Draws memory and devices.
pub(super) fn draw(choices: &mut Choices, options: &Options, needs: &Needs) -> Result<Layout, ConfigError> {
    let no_room = || ConfigError::Addresses { memory: options.memory };
    let mut pick = |options| choose(choices, Liberty::Devices, options);
    let memory = options.memory / PAGE * PAGE;
    let given = needs.fixed.map(|fixed| given_base(fixed, memory, needs.rest));
    let needed = match (needs.fixed, given) {
        (Some(fixed), Some(base)) => (fixed.end() - base).next_multiple_of(PAGE) + needs.rest,
        _ => needs.rest,
    };
    let mut spare = memory.checked_sub(needed).ok_or(ConfigError::Memory { memory, needed })?;
    let mut others = Vec::new();
    for _ in 0..pick(4) {
        let len = pick(spare / PAGE + 1) * PAGE;
        spare -= len;
        others.push(len);
    }
    let len = needed + spare;
    let base = draw_base(&mut pick, len);
    let mut used = Used::default();
    let main = used.place(given.unwrap_or(base), len, PAGE).ok_or_else(no_room)?;
    let mut ram = vec![main];
    for len in others.into_iter().filter(|&len| len != 0) {
        let wanted = draw_neighbor(&mut pick, main);
        ram.push(used.place(wanted, len, PAGE).ok_or_else(no_room)?);
    }
    let firmware = draw_firmware(&mut pick, &ram, needs.fixed);
    let mut regions = with_firmware(&ram, firmware);
    for kind in [RegionKind::Rom, RegionKind::Lossy] {
        for _ in 0..pick(3) {
            let len = (1 + pick(1024)) * PAGE;
            let wanted =
                if pick(2) == 0 { pick(4 * GIB / PAGE) * PAGE } else { draw_neighbor(&mut pick, main) };
            regions.push(Region { kind, ..ram_region(used.place(wanted, len, PAGE).ok_or_else(no_room)?) });
        }
    }
    regions.sort_by_key(|region| region.start);
    let devices = draw_devices(&mut pick, &mut used, options.harts).ok_or_else(no_room)?;
    let timebase = TIMEBASES[usize::try_from(pick(TIMEBASES.len() as u64)).unwrap_or_default()];
    Ok(Layout { regions, devices, timebase, main })
}

/// Returns the start of RAM around a kernel whose place is given.
fn given_base(fixed: Span, memory: u64, rest: u64) -> u64 {
    let virt = Span { start: VIRT, len: memory.saturating_sub(rest) };
    // The firmware lies below the kernel.
    let near = (fixed.start / (2 * MIB) * (2 * MIB)).saturating_sub(FIRMWARE_MOST);
    if fixed.start >= VIRT + FIRMWARE && virt.contains(fixed) { VIRT } else { near }
}

/// Draws the start of RAM.
fn draw_base(pick: &mut impl FnMut(u64) -> u64, len: u64) -> u64 {
    match pick(8) {
        0 => VIRT,
        1 => 0,
        2 => (1 + pick(511)) * 2 * MIB,
        3 => (1 + pick(3 * GIB / PAGE - 1)) * PAGE,
        4 => 4 * GIB + pick(60 * GIB / PAGE) * PAGE,
        5 => 256 * GIB + pick(256 * GIB / (2 * MIB)) * 2 * MIB,
        6 => 1024 * GIB + pick(15 * 1024 * GIB / (2 * MIB)) * 2 * MIB,
        // RAM below and above 4 GiB.
        _ => (4 * GIB).saturating_sub((1 + pick(len / PAGE)) * PAGE),
    }
}

/// Draws an address for other memory, in relation to the main RAM.
fn draw_neighbor(pick: &mut impl FnMut(u64) -> u64, main: Span) -> u64 {
    match pick(4) {
        0 => main.end(),
        1 => main.end() + (1 + pick(4096)) * PAGE,
        2 => main.end() + (1 + pick(64)) * GIB,
        _ => pick(main.start / PAGE + 1) * PAGE,
    }
}

/// Draws the firmware's memory: a part of RAM that keeps the kernel's place, if that is given.
fn draw_firmware(pick: &mut impl FnMut(u64) -> u64, ram: &[Span], fixed: Option<Span>) -> Span {
    let len = FIRMWARE << pick(3);
    let which = pick(4);
    let (main, last) = (ram[0], ram[ram.len() - 1]);
    let piece = if which < 2 || last.len < len { main } else { last };
    let start = Span { start: piece.start, len };
    let end = Span { start: piece.end() - len, len };
    if which.is_multiple_of(2) && !fixed.is_some_and(|fixed| fixed.overlaps(start)) { start } else { end }
}

/// Returns the regions of RAM, with the firmware's carved out.
fn with_firmware(ram: &[Span], firmware: Span) -> Vec<Region> {
    let rest = ram.iter().flat_map(|&piece| crate::config::span::without(piece, firmware));
    let firmware = Region { kind: RegionKind::Firmware, ..ram_region(firmware) };
    rest.map(ram_region).chain([firmware]).collect()
}

/// Returns a region of RAM.
const fn ram_region(span: Span) -> Region {
    Region { start: span.start, len: span.len, kind: RegionKind::Ram }
}

/// Draws the devices; `None` is returned if no address is left.
fn draw_devices(pick: &mut impl FnMut(u64) -> u64, used: &mut Used, harts: usize) -> Option<DeviceMap> {
    let address = |plain: u64, pick: &mut dyn FnMut(u64) -> u64| match pick(4) {
        0 => plain,
        1 | 2 => pick(4 * GIB / PAGE) * PAGE,
        _ => 4 * GIB + pick(60 * GIB / PAGE) * PAGE,
    };
    let virt = DeviceMap::VIRT;
    let uart = used.place(address(virt.uart, pick), PAGE, PAGE)?.start;
    let uart_shift = if pick(2) == 0 { 0 } else { 2 };
    let sources = u64::from(Controller::SOURCES);
    let interrupt = (u64::from(virt.uart_interrupt) - 1 + pick(sources)) % sources + 1;
    let plain = virt.controller.span(harts).start;
    let make = if pick(2) == 0 { Controller::Plic } else { Controller::Aplic };
    let len = make(plain).span(harts).len;
    let controller = make(used.place(address(plain, pick), len, PAGE)?.start);
    Some(DeviceMap { uart, uart_shift, uart_interrupt: u32::try_from(interrupt).ok()?, controller })
}
