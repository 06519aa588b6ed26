//! `PowerIf`.

use axplat::power::PowerIf;

use super::board::board;

struct Power;

#[super::impl_interface]
impl PowerIf for Power {
    /// The hart has landed already, and waits: it gets its stack and its turn.
    #[cfg(feature = "smp")]
    fn cpu_boot(cpu_id: usize, stack_top_paddr: usize) {
        if board().cpus.call(cpu_id, stack_top_paddr).is_none() {
            log::warn!("CPU {cpu_id} cannot be booted: CPUs 1 to {} can, once", board().cpus.count() - 1);
        }
    }

    /// With the feature `report` the landing's report comes first: tools look no further once they
    /// have it.
    fn system_off() -> ! {
        #[cfg(feature = "report")]
        landfall::println!("landfall: report {}", board().landing.report().json());
        landfall::exit(0)
    }

    /// As many as have landed.
    fn cpu_num() -> usize {
        board().cpus.count()
    }
}
