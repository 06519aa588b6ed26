//! Debian's Linux before and after landfall, by kexec.
//!
//! It has no `kexec_file_load`, so the program that calls `kexec_load` makes the tree. It has no
//! `CONFIG_RELOCATABLE`, so it runs at one virtual address.
//!
//! ```text
//! debian         Linux's image, from Debian's package
//! start          the ways in which a machine starts its first kernel
//! facts          lines of the first process
//! journey        Linux starts landfall, and landfall starts Linux, which starts landfall
//! simulator      Linux on the simulator
//! audit          audits of Linux and of landfall's kernels, beside QEMU's own walk
//! vmcore         Linux as the crash kernel, and gdb on the core that it saves
//! ```

mod audit;
mod debian;
mod facts;
mod journey;
mod simulator;
mod start;
mod vmcore;

use super::check::Check;
use super::matrix::{MODES, mode_name};
use super::settings::Extent;
use audit::Kernel;
use start::Start;

/// Returns the tests. Two starts are in each run of CI, and the others are in the long one. So is
/// the core of a crash.
pub(super) fn checks(extent: Extent) -> Vec<Check> {
    let is_in = move |start: &Start| extent == Extent::Soak || start.is_daily();
    let journey = |start: Start| {
        Check::new(format!("linux/journey/{}", start.name()), move || journey::run(start)).with_archive()
    };
    let vmcore = Check::new("linux/vmcore", vmcore::run).with_archive();
    let simulator = |preset| {
        Check::new(format!("linux/simulator/{preset}"), move || simulator::run(preset)).with_archive()
    };
    // On the worst machine Linux takes minutes.
    let presets = if extent == Extent::Soak { &["plain", "worst"][..] } else { &["plain"] };
    let audits = Kernel::ALL.into_iter().flat_map(|kernel| MODES.map(|mode| (kernel, mode)));
    let audits = audits.filter(|_| extent == Extent::Soak).map(|(kernel, mode)| {
        let name = format!("linux/audit/{}-{}", kernel.name(), mode_name(mode));
        Check::new(name, move || audit::run(kernel, mode)).with_archive()
    });
    let simulators = presets.iter().copied().map(simulator);
    Start::ALL
        .into_iter()
        .filter(is_in)
        .map(journey)
        .chain([vmcore])
        .chain(simulators)
        .chain(audits)
        .collect()
}
