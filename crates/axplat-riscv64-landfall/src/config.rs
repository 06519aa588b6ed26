//! Constants of every board. A kernel asks `axplat` for values that depend on the board.

/// The architecture.
pub const ARCH: &str = "riscv64";
/// The platform.
pub const PLATFORM: &str = "riscv64-landfall";
/// The package.
pub const PACKAGE: &str = env!("CARGO_PKG_NAME");

/// The platform.
pub mod plat {
    /// The most CPUs. `axplat::power::cpu_num` returns their number.
    pub const MAX_CPU_NUM: usize = 128;
    /// Bytes of the stack on which the kernel's main function begins.
    pub const BOOT_STACK_SIZE: usize = 256 << 10;
}

/// Interrupts by their numbers in `scause`.
pub mod devices {
    /// The timer's.
    pub const TIMER_IRQ: usize = 1 << 63 | 5;
    /// Those between harts.
    pub const IPI_IRQ: usize = 1 << 63 | 1;
    /// Interrupts of devices are numbered from 1 up to, and without, this (RISC-V PLIC
    /// specification, "Interrupt Sources").
    pub const SOURCES: usize = 1024;
}
