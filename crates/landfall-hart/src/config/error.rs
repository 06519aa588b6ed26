//! The reasons why there is no such machine.

use super::span::Span;

/// The reason why no machine can be drawn.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The machine would have no hart.
    #[error("the machine has no hart")]
    NoHart,
    /// The machine has more harts than its interrupt controller supports.
    #[error("the machine has {harts} harts; the most are {most}")]
    Harts {
        /// The number of harts.
        harts: usize,
        /// The largest number.
        most: usize,
    },
    /// The alignment is no power of 2, or less than 4 bytes.
    #[error("the alignment of the kernel is {found:#x}; it must be a power of 2 and at least 4")]
    Alignment {
        /// The alignment.
        found: u64,
    },
    /// The memory cannot hold the firmware, the kernel, the initrd and the tree.
    #[error("the machine has {memory:#x} bytes of memory; the kernel and its files need {needed:#x}")]
    Memory {
        /// Bytes of memory.
        memory: u64,
        /// Bytes that are needed.
        needed: u64,
    },
    /// The regions and devices do not fit below the largest address.
    #[error("the memory, {memory:#x} bytes, does not fit into 50 bits of physical addresses")]
    Addresses {
        /// Bytes of memory.
        memory: u64,
    },
    /// The place given for the kernel is not in memory.
    #[error("the kernel at {:#x} to {:#x} is not in free memory", .kernel.start, .kernel.end())]
    Place {
        /// The place.
        kernel: Span,
    },
    /// The kernel is an ELF with physical addresses, and another place was given.
    #[error("the kernel asks for {asked:#x} and {given:#x} was given")]
    TwoPlaces {
        /// The address in the ELF.
        asked: u64,
        /// The address given.
        given: u64,
    },
    /// The command line has a zero byte.
    #[error("the command line has a zero byte")]
    CommandLine,
    /// The device tree cannot be written.
    #[error("the device tree cannot be written: {0}")]
    Tree(#[from] vm_fdt::Error),
}
