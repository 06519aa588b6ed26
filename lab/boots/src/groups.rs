//! What is tested besides the matrix: groups of checks, two at a time, since none knows of another.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::debugger::run as debug;
use super::kernels::Kernels;
use super::{AT_ONCE, Options, builds, documents, examples, mistakes, new, platforms, scripts, unfit};
use landfall_host::qemu::Qemu;
use landfall_host::setup::Debugger;

/// A check's name, and what is wrong.
pub(super) type Check = (String, Result<(), String>);

type Work<'a> = Box<dyn Fn() -> Vec<Check> + Send + Sync + 'a>;

/// Runs all groups that have a check which is asked for.
pub(super) fn run(qemu: &Qemu, kernels: &Kernels, options: &Options) -> Vec<Check> {
    // Those that take longest come first.
    let groups: [(&[&str], Work<'_>); 10] = [
        (&["new"], Box::new(|| named(new::run()))),
        (&["script"], Box::new(scripts::run)),
        (&["document"], Box::new(documents::run)),
        (&["mistake"], Box::new(mistakes::run)),
        (&["example"], Box::new(examples::run)),
        (&["gdb"], Box::new(|| named(debug(Debugger::Gdb, qemu, kernels)))),
        (&["lldb"], Box::new(|| named(debug(Debugger::Lldb, qemu, kernels)))),
        (&["unfit"], Box::new(|| named(unfit::run(kernels, qemu, options.extent)))),
        (&["build", "conversions"], Box::new(|| named(builds::run(kernels)))),
        (&["axplat"], Box::new(|| named(platforms::run(qemu)))),
    ];
    let only = options.only.as_deref();
    let is_wanted = |names: &[&str]| only.is_none_or(|only| names.iter().any(|name| only.starts_with(name)));
    let wanted: Vec<_> = groups.iter().filter(|(names, _)| is_wanted(names)).collect();
    let (next, checks) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((_, work)) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let done = work();
                    checks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(done);
                }
            });
        }
    });
    let mut checks = checks.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    checks.retain(|(name, _)| only.is_none_or(|only| name.contains(only)));
    checks
}

fn named(checks: Vec<(&str, Result<(), String>)>) -> Vec<Check> {
    checks.into_iter().map(|(name, result)| (name.to_owned(), result)).collect()
}
