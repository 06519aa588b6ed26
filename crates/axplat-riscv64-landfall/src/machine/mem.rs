//! `MemIf`.

use axplat::mem::{MemIf, PhysAddr, RawRange, VirtAddr};

use super::board::board;

struct Mem;

#[super::impl_interface]
impl MemIf for Mem {
    /// All RAM that is mapped, the image's included.
    fn phys_ram_ranges() -> &'static [RawRange] {
        board().ram()
    }

    /// RAM that is neither free nor the image: the tree, the initrd, the landing's tables and
    /// stacks, and the board's reservations.
    fn reserved_phys_ram_ranges() -> &'static [RawRange] {
        board().reserved()
    }

    /// The registers of all devices.
    fn mmio_ranges() -> &'static [RawRange] {
        board().mmio()
    }

    /// Memory by the linear map, without a load; registers by where they were mapped.
    fn phys_to_virt(paddr: PhysAddr) -> VirtAddr {
        let phys = landfall::address::PhysAddr::new(paddr.as_usize() as u64);
        let virt = board()
            .devices
            .virt(phys)
            .unwrap_or_else(|| landfall::address::LinearAddr::from_phys(phys).virt());
        VirtAddr::from_usize(virt.get() as usize)
    }

    /// The upper half but for its last page.
    #[cfg(feature = "preview")]
    fn kernel_aspace() -> (VirtAddr, usize) {
        let mode = board().landing.mode();
        (VirtAddr::from_usize(mode.upper_half().get() as usize), mode.half_size() as usize - 0x1000)
    }

    /// Takes addresses of the linear map, of the image, and of registers.
    fn virt_to_phys(vaddr: VirtAddr) -> PhysAddr {
        let virt = landfall::address::VirtAddr::new(vaddr.as_usize() as u64);
        let phys = board().devices.phys(virt).unwrap_or_else(|| landfall::address::virt_to_phys(virt));
        PhysAddr::from_usize(phys.get() as usize)
    }
}
