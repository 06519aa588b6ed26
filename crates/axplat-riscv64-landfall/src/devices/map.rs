//! Devices in virtual memory.
//!
//! The landing maps RAM alone. Registers are mapped here, in the tables that are in use, at the
//! start of the dynamic region. They are readable and writable, never executable. Each range keeps
//! its offset within 1 GiB or 2 MiB, so that the largest leaves fit. The tables for them come from
//! the end of free memory.

use landfall::Landing;
use landfall::address::{PhysAddr, PhysRange, VirtAddr};
use landfall::paging::{Access, Mapping};
use landfall_paging::PAGE_SIZE;

use super::registers::{MAX_REGISTERS, Registers};

const MIB_2: u64 = 2 << 20;
const GIB: u64 = 1 << 30;

/// A range of registers and its first virtual address.
#[derive(Clone, Copy, Debug)]
struct Device {
    phys: PhysRange,
    virt: VirtAddr,
}

/// All registers that are mapped.
#[derive(Clone, Debug)]
pub(crate) struct Mapped {
    devices: [Device; MAX_REGISTERS],
    len: usize,
    /// From the first to the last, in physical and in virtual memory.
    phys: PhysRange,
    virt: (VirtAddr, VirtAddr),
}

impl Mapped {
    /// Maps the registers of a board. A range without room is left out.
    pub(crate) fn new(landing: &'static Landing, registers: &Registers, frames: &mut Frames) -> Self {
        let nothing = Device { phys: PhysRange::EMPTY, virt: VirtAddr::new(0) };
        let mut mapped = Self {
            devices: [nothing; MAX_REGISTERS],
            len: 0,
            phys: PhysRange::EMPTY,
            virt: (VirtAddr::new(0), VirtAddr::new(0)),
        };
        let Some(mut tables) = landing.take_tables() else { return mapped };
        let mut editor = tables.editor(frames);
        let dynamic = landing.plan().dynamic;
        let mut at = dynamic.start();
        for phys in registers.as_slice() {
            let grain = if phys.size() >= GIB { GIB } else { MIB_2 };
            let virt = congruent(at, phys.start(), grain);
            let end = virt.wrapping_add(phys.size());
            let mapping = Mapping { virt, phys: phys.start(), size: phys.size(), access: Access::ReadWrite };
            let fits = end.wrapping_offset_from(dynamic.start()) < dynamic.size();
            // The harts that have landed fence before they do anything else, and this one below.
            if !fits || editor.map_device(mapping).is_err() {
                continue;
            }
            // A page that is not mapped lies between two ranges.
            at = end.wrapping_add(PAGE_SIZE);
            mapped.push(Device { phys: *phys, virt });
        }
        riscv::asm::sfence_vma_all();
        mapped
    }

    fn push(&mut self, device: Device) {
        let end = device.virt.wrapping_add(device.phys.size());
        if let Some(slot) = self.devices.get_mut(self.len) {
            *slot = device;
            let first = self.devices[0];
            self.phys = PhysRange::between(first.phys.start(), device.phys.end());
            self.virt = (first.virt, end);
            self.len += 1;
        }
    }

    /// The ranges.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = PhysRange> {
        self.devices().iter().map(|device| device.phys)
    }

    fn devices(&self) -> &[Device] {
        self.devices.get(..self.len).unwrap_or_default()
    }

    /// Returns the address at which a register is mapped. One comparison rules out memory on most
    /// boards.
    pub(crate) fn virt(&self, phys: PhysAddr) -> Option<VirtAddr> {
        if !self.phys.contains(PhysRange::new(phys, 1)) {
            return None;
        }
        let device = self.devices().iter().find(|device| device.phys.contains(PhysRange::new(phys, 1)))?;
        Some(device.virt.wrapping_add(phys.wrapping_offset_from(device.phys.start())))
    }

    /// The register that is mapped at an address.
    pub(crate) fn phys(&self, virt: VirtAddr) -> Option<PhysAddr> {
        if virt < self.virt.0 || virt >= self.virt.1 {
            return None;
        }
        let device = self
            .devices()
            .iter()
            .find(|device| virt.wrapping_offset_from(device.virt) < device.phys.size())?;
        Some(device.phys.start().wrapping_add(virt.wrapping_offset_from(device.virt)))
    }
}

/// The first address from `at` on that has the same place within `grain` as `phys`.
fn congruent(at: VirtAddr, phys: PhysAddr, grain: u64) -> VirtAddr {
    at.wrapping_add(phys.get().wrapping_sub(at.get()) & (grain - 1))
}

/// Frames for tables: whole pages from the end of free memory, which have no other user.
#[derive(Debug)]
pub(crate) struct Frames {
    room: PhysRange,
    left: PhysRange,
}

impl Frames {
    /// As many as `registers` may take: each range two tables at either end, and the tables above.
    ///
    /// # Safety
    /// No one has been given free memory of the landing, and no one will be given what
    /// [`Frames::taken`] returns.
    pub(crate) unsafe fn new(landing: &Landing, registers: &Registers) -> Self {
        let pages = (4 * registers.as_slice().len() + 2 * landing.mode().levels()) as u64;
        let size = pages * PAGE_SIZE;
        let last = landing.free_memory().filter(|free| free.size() >= size).last();
        let room = last
            .map_or(PhysRange::EMPTY, |free| PhysRange::new(PhysAddr::new(free.end().get() - size), size));
        Self { room, left: room }
    }

    /// Those that were taken.
    pub(crate) fn taken(&self) -> PhysRange {
        PhysRange::between(self.left.end(), self.room.end())
    }
}

// SAFETY: each page of the room is returned once. It is free memory, which the linear map holds,
// and nothing else uses it (`new`).
unsafe impl landfall_paging::Frames for Frames {
    fn take(&mut self) -> Option<PhysAddr> {
        let end = self.left.end().get();
        let frame = PhysAddr::new(end.checked_sub(PAGE_SIZE)?);
        if self.left.is_empty() {
            return None;
        }
        self.left = PhysRange::between(self.left.start(), frame);
        Some(frame)
    }

    /// Only frames of a mapping that failed are returned here. They are not used again.
    fn give_back(&mut self, _: PhysAddr) {}
}
