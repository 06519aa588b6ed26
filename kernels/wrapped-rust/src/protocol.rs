//! The plain protocol: `landfall/wrapped.h` in Rust. A kernel can copy this file.

use core::slice;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The first word of the boot information: "LFWRAP" and two zeros.
pub(crate) const MAGIC: u64 = u64::from_le_bytes(*b"LFWRAP\0\0");

/// The version that this kernel was written for. Later ones only add fields.
pub(crate) const VERSION: u32 = 1;

/// The boot information, to which `a1` points at the entry.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Wrapped {
    pub(crate) magic: u64,
    pub(crate) version: u32,
    /// Bytes of this structure.
    pub(crate) size: u32,
    /// `satp.MODE`: 8 for sv39, 9 for sv48, 10 for sv57.
    pub(crate) mode: u64,
    pub(crate) kernel_phys: usize,
    pub(crate) kernel_virt: usize,
    pub(crate) kernel_size: usize,
    /// Virtual minus physical address, modulo 2^64.
    linear_offset: usize,
    /// The first physical address in the linear map.
    linear_phys: usize,
    /// Bytes up to the last one, holes included.
    linear_size: usize,
    memory: *const Range,
    memory_count: usize,
    device_tree: *const u8,
    device_tree_size: usize,
    /// Null without an initrd.
    initrd: *const u8,
    initrd_size: usize,
    command_line: *const u8,
    command_line_size: usize,
    harts: *const Hart,
    hart_count: usize,
    /// The boot hart's id.
    pub(crate) boot_hart: u64,
    pub(crate) stack_size: usize,
    /// Bits of entropy in the following bytes, at most.
    pub(crate) entropy_bits: u64,
    pub(crate) entropy: [u8; 32],
}

/// A part of RAM.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Range {
    /// Physical.
    pub(crate) start: usize,
    pub(crate) size: usize,
    /// A constant of [`usage`].
    pub(crate) usage: u64,
}

/// The use of a part of RAM.
pub(crate) mod usage {
    /// Free.
    pub(crate) const USABLE: u64 = 1;
    /// Free once the kernel has its own tables and stacks, and has started every hart.
    pub(crate) const RECLAIMABLE: u64 = 2;
    pub(crate) const KERNEL: u64 = 3;
    /// The firmware's, not mapped.
    pub(crate) const FIRMWARE: u64 = 7;
    /// RAM beyond the linear map, the last of the kinds.
    pub(crate) const UNREACHED: u64 = 9;
}

/// A hart. All but the boot hart wait until `release` is not 0.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Hart {
    release: AtomicUsize,
    pub(crate) id: u64,
    /// The kernel's own.
    pub(crate) argument: AtomicU64,
    /// At least 64 KiB below are not mapped.
    pub(crate) stack_bottom: usize,
    pub(crate) stack_top: usize,
}

impl Hart {
    /// Starts the hart at a virtual address: `a0` is its id, `a1` its record, `sp` its stack.
    ///
    /// # Safety
    /// The code there must be ready for a hart in that state, which no one has started before.
    pub(crate) unsafe fn start(&self, entry: usize) {
        // The hart sees all stores before this one.
        self.release.store(entry, Ordering::Release);
    }
}

// The fields with pointers are private and nothing here writes them, so the wrapper made them.
impl Wrapped {
    /// Returns all RAM, ascending, without overlaps.
    pub(crate) const fn memory(&self) -> &[Range] {
        // SAFETY: the protocol states that the ranges lie there, and the kernel has not freed them.
        unsafe { slice::from_raw_parts(self.memory, self.memory_count) }
    }

    /// Returns the harts that landed, the boot hart among them.
    pub(crate) const fn harts(&self) -> &[Hart] {
        // SAFETY: as in `memory`. The words that other harts read are atomic.
        unsafe { slice::from_raw_parts(self.harts, self.hart_count) }
    }

    pub(crate) const fn device_tree(&self) -> &[u8] {
        // SAFETY: as in `memory`.
        unsafe { slice::from_raw_parts(self.device_tree, self.device_tree_size) }
    }

    pub(crate) const fn initrd(&self) -> &[u8] {
        if self.initrd.is_null() {
            return &[];
        }
        // SAFETY: as in `memory`.
        unsafe { slice::from_raw_parts(self.initrd, self.initrd_size) }
    }

    pub(crate) const fn command_line(&self) -> &[u8] {
        // SAFETY: as in `memory`.
        unsafe { slice::from_raw_parts(self.command_line, self.command_line_size) }
    }

    /// Returns the address of physical memory in the linear map.
    pub(crate) const fn linear(&self, phys: usize) -> usize {
        self.linear_offset.wrapping_add(phys)
    }
}
