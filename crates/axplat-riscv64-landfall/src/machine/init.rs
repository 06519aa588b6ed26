//! `InitIf`.

use axplat::init::InitIf;

struct Init;

#[super::impl_interface]
impl InitIf for Init {
    /// Traps, the console, the clocks.
    fn init_early(_cpu_id: usize, _arg: usize) {
        axcpu::init::init_trap();
        super::time::init_early();
    }

    /// The same on another CPU.
    #[cfg(feature = "smp")]
    fn init_early_secondary(_cpu_id: usize) {
        axcpu::init::init_trap();
    }

    /// Interrupts. Nothing else is to be done late.
    fn init_later(cpu_id: usize, _arg: usize) {
        init_interrupts(cpu_id);
    }

    /// The same on another CPU.
    #[cfg(feature = "smp")]
    fn init_later_secondary(cpu_id: usize) {
        init_interrupts(cpu_id);
    }
}

#[cfg_attr(
    not(feature = "irq"),
    expect(unused_variables, reason = "there is nothing to do without interrupts")
)]
fn init_interrupts(cpu_id: usize) {
    #[cfg(feature = "irq")]
    super::irq::init_cpu(cpu_id);
}
