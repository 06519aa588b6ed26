//! The facts about the board.

use axplat::mem::RawRange;
use landfall::Landing;
use landfall::address::{PhysAddr, PhysRange};
use spin::Once;

use super::cpus::Cpus;
#[cfg(feature = "irq")]
use super::external::External;
use crate::clock::Clock;
#[cfg(feature = "irq")]
use crate::devices::Found;
use crate::devices::{self, Frames, MAX_REGISTERS, Mapped};
use crate::regions::{Regions, without};

/// Registers; and for ArceOS 0.3.0-preview the tree.
const MAX_MMIO: usize = MAX_REGISTERS + 1;
/// The most regions of RAM. RAM has at most 64 ranges, cut by at most 64 that must not be mapped.
/// Regions in it are at most 64 reserved ranges, the tree, the initrd, and memory of the landing
/// and the platform. Gaps cut each of them.
const MAX_RESERVED: usize = 256;

type Memory = Regions<MAX_RESERVED>;

/// The board.
#[derive(Debug)]
pub(super) struct Board {
    pub(super) landing: &'static Landing,
    pub(super) cpus: Cpus,
    pub(super) clock: Clock,
    pub(super) devices: Mapped,
    /// The address of the clock's registers.
    #[cfg_attr(not(feature = "rtc"), expect(dead_code, reason = "only a real-time clock is asked there"))]
    pub(super) rtc: Option<PhysAddr>,
    #[cfg(feature = "irq")]
    pub(super) external: Option<&'static External>,
    ram: Memory,
    reserved: Memory,
    mmio: Regions<MAX_MMIO>,
}

static BOARD: Once<Board> = Once::new();

/// The board. It is there before anything of axplat can be called.
///
/// # Panics
/// Before the kernel's main function has begun, which would be a fault of ours.
pub(super) fn board() -> &'static Board {
    BOARD.get().expect("the board is known before the kernel begins")
}

/// Finds out about the board, and maps its devices.
pub(super) fn find(landing: &'static Landing) -> &'static Board {
    BOARD.call_once(|| Board::new(landing))
}

impl Board {
    fn new(landing: &'static Landing) -> Self {
        let facts = landing.facts();
        let found = devices::find(landing.tree(), facts);
        // SAFETY: the kernel has not begun, and memory is known to it by this board alone, which
        // leaves out what was taken.
        let mut frames = unsafe { Frames::new(landing, &found.registers) };
        let devices = Mapped::new(landing, &found.registers, &mut frames);
        let cpus = Cpus::new(landing);
        let (ram, reserved) = memory(landing, frames.taken());
        let mut mmio = Regions::EMPTY;
        for range in devices.ranges() {
            let _ = mmio.push(range);
        }
        #[cfg(feature = "preview")]
        let (ram, reserved) = {
            let _ = mmio.push(tree(landing).pages_touched());
            (without_reserved(&ram, &reserved), Regions::EMPTY)
        };
        Self {
            landing,
            clock: Clock::new(facts.timebase),
            rtc: found.rtc,
            #[cfg(feature = "irq")]
            external: external(landing, &found, &cpus, &devices),
            cpus,
            devices,
            ram,
            reserved,
            mmio,
        }
    }

    pub(super) fn ram(&self) -> &[RawRange] {
        self.ram.as_slice()
    }

    pub(super) fn reserved(&self) -> &[RawRange] {
        self.reserved.as_slice()
    }

    pub(super) fn mmio(&self) -> &[RawRange] {
        self.mmio.as_slice()
    }
}

/// The controller of device interrupts, if the tree has one that is valid. It is no part of the
/// caller's frame, which is large.
#[cfg(feature = "irq")]
#[inline(never)]
fn external(
    landing: &Landing,
    found: &Found<'_>,
    cpus: &Cpus,
    devices: &Mapped,
) -> Option<&'static External> {
    let controller = found.controllers.choose(landing.tree(), cpus.harts());
    let controller = controller
        .inspect_err(|refusal| landfall::println!("landfall: no interrupts of devices; {refusal}"))
        .ok()??;
    let registers = devices.virt(controller.registers)?;
    Some(External::install(controller, registers))
}

/// RAM that is mapped, and what of it is neither free nor the image. `taken` was free when the
/// kernel landed.
fn memory(landing: &Landing, taken: PhysRange) -> (Memory, Memory) {
    let (facts, plan) = (landing.facts(), landing.plan());
    let image = plan.image.phys.all();
    let (mut ram, mut reserved) = (Regions::EMPTY, Regions::EMPTY);
    for range in plan.linear.mapped(facts) {
        // Both have room for whatever landfall can land on.
        let _ = ram.push(range);
        // Free memory lies on one side of `taken`, which ends where a free range ends.
        let free = landing.free_memory().map(|free| {
            if free.overlaps(taken) { PhysRange::between(free.start(), taken.start()) } else { free }
        });
        without(range, free, |used| {
            without(used, core::iter::once(image), |used| {
                let _ = reserved.push(used);
            });
        });
    }
    (ram, reserved)
}

/// The tree, by its physical address.
pub(super) fn tree(landing: &Landing) -> PhysRange {
    let bytes = landing.tree();
    PhysRange::new(landfall::address::LinearAddr::from_ptr(bytes.as_ptr()).to_phys(), bytes.len() as u64)
}

/// Returns RAM that is free or the image's. ArceOS 0.3.0-preview maps reserved memory writable and
/// executable at once (axhal, mem.rs), so none is reported to it. The tree, which it reads, counts
/// as registers there.
#[cfg(feature = "preview")]
fn without_reserved(ram: &Memory, reserved: &Memory) -> Memory {
    let mut left = Regions::EMPTY;
    for range in ram.ranges() {
        without(range, reserved.ranges(), |piece| {
            let _ = left.push(piece);
        });
    }
    left
}
