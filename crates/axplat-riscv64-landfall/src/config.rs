//! Constants of every board. A kernel asks `axplat` for values that depend on the board.
//!
//! ```
//! use axplat_riscv64_landfall::config::{ARCH, PLATFORM};
//!
//! assert!(PLATFORM.starts_with(ARCH));
//! ```

/// The architecture.
pub const ARCH: &str = "riscv64";
/// The platform.
pub const PLATFORM: &str = "riscv64-landfall";
/// The package.
pub const PACKAGE: &str = env!("CARGO_PKG_NAME");

/// The platform.
///
/// ```
/// use axplat_riscv64_landfall::config::plat::{BOOT_STACK_SIZE, MAX_CPU_NUM};
///
/// // An array with one place for each CPU, as a kernel declares it.
/// static STACK_SIZES: [usize; MAX_CPU_NUM] = [BOOT_STACK_SIZE; MAX_CPU_NUM];
/// assert!(STACK_SIZES.iter().all(|size| size % 4096 == 0));
/// ```
pub mod plat {
    /// The most CPUs. `axplat::power::cpu_num` returns their number.
    pub const MAX_CPU_NUM: usize = 128;
    /// Bytes of the stack on which the kernel's main function begins.
    pub const BOOT_STACK_SIZE: usize = 256 << 10;
}

/// Interrupts by their numbers in `scause`.
///
/// ```
/// use axplat_riscv64_landfall::config::devices::{IPI_IRQ, SOURCES, TIMER_IRQ};
///
/// /// The interrupts of devices are numbered by the interrupt controller.
/// fn is_of_a_device(irq: usize) -> bool {
///     (1..SOURCES).contains(&irq)
/// }
/// assert!(is_of_a_device(10) && !is_of_a_device(TIMER_IRQ) && !is_of_a_device(IPI_IRQ));
/// ```
pub mod devices {
    /// The timer's.
    pub const TIMER_IRQ: usize = 1 << 63 | 5;
    /// Those between harts.
    pub const IPI_IRQ: usize = 1 << 63 | 1;
    /// Interrupts of devices are numbered from 1 up to, and without, this (RISC-V PLIC
    /// specification, "Interrupt Sources").
    pub const SOURCES: usize = 1024;
}
