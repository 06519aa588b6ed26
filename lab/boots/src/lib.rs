//! `cargo landfall test`: the proof of everything the project claims.
//!
//! ```text
//! host           the workspace's own tests
//! kernels        what is booted: built once, read by image
//! matrix         landings          \
//! refusals       rules broken       > cases --boot--> passed, or why not
//! trees          device trees broken/
//!
//! groups         what is no case of the matrix, two at a time
//!   builds       what must not build, and what must not load
//!     application  the same file as an EFI application
//!   unfit        damaged files that `check` must find
//!   new          a kernel that `cargo landfall new` has made
//!   examples     the kernels of `examples/`
//!   documents    the code in documents, built and booted
//!   mistakes     what must not compile
//!   scripts      linker scripts that must not link
//!   platforms    kernels of ArceOS, on landfall's platform and on ArceOS's own
//!   debugger     gdb and LLDB, by names, on kernels that move and land
//!   compare      what `cargo compare` measures, in its main points
//!
//! boot           carries out one case
//!   paths        firmware and boot loaders on the way to the kernel
//!   session      a machine under a debugger
//!   judge        what a landing must be:
//!     tables       every satp, read from the machine's memory, by the walker of landfall-judge
//!     model        what the last tables must map
//!     moving       the image's way to another place in physical memory
//!     bystanders   memory that belongs to others
//!     slots        every word of the kernel
//!     reported     the kernel's report against all that
//!     exact        a plan made on the host against all that
//!   mutation     damage that the judge must see
//!   secrets      a search of all free memory
//!   unwilling    EFI firmware that fails, or says what nobody would expect
//!   efi          what must hold where EFI firmware has loaded the image
//!
//! image, instruction, devicetree, intervals     the kernel's file and the machine's tree, read by the tests' own code
//! wishes                                        the kernel's policy, read likewise
//! icicle                                        a device tree for a board that QEMU makes none for
//! random, progress, summary                     seeds, and counts
//! ```
//!
//! What judges shares no code with what it judges: nothing of the planner, the mapper or the kernel's reader of trees is used here. One judge is there to
//! use them: `exact`, which says that a landing can be foretold, and not that it is right.

mod application;
mod boot;
mod builds;
mod bystanders;
mod case;
mod command;
mod debugger;
mod devicetree;
mod documents;
mod efi;
mod exact;
mod examples;
mod groups;
mod host;
mod icicle;
mod image;
pub mod instruction;
mod intervals;
mod judge;
mod kernels;
mod matrix;
mod mistakes;
mod model;
mod moving;
mod mutation;
mod new;
pub mod paths;
mod platforms;
mod policies;
mod progress;
mod random;
mod refusals;
mod reported;
mod scripts;
mod secrets;
mod session;
mod slots;
mod summary;
mod tables;
mod trees;
mod unfit;
mod unwilling;
mod wishes;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};
use std::thread;

use anyhow::Error;
use landfall_host::output;
use landfall_host::setup;
use landfall_predict::units::Seed;

use boot::{Bench, Failed};
use case::{Case, Load};
use kernels::Kernels;
use matrix::Matrix;
use paths::Supply;
use progress::Progress;
use random::Random;
use refusals::Damaged;
use summary::Summary;

/// The seed of the batch that is the same every time.
const FIXED: u64 = 0x1a2d_fa11_0000_0001;

/// How many machines run at once.
const AT_ONCE: usize = 2;

/// How much to prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// At most ten minutes on two cores.
    Normal,
    /// Thousands of boots.
    Soak,
}

/// What a user asks of `test`.
#[derive(Clone, Debug)]
pub struct Options {
    /// How much to prove.
    pub extent: Extent,
    /// The seed of the batch that differs each time.
    pub seed: Option<Seed>,
    /// Only cases with this in their name, and no host tests.
    pub only: Option<String>,
}

/// Runs the tests.
///
/// # Errors
/// [`Error`] says what could not be shown.
pub fn run(options: &Options) -> Result<(), Error> {
    setup::rust_target()?;
    setup::disassembler()?;
    let qemu = setup::qemu(setup::FOR_TEST)?;
    let host = if options.only.is_none() { host::run()? } else { host::Outcome::default() };
    let mut kernels = Kernels::build()?;
    let wants = |name: &str| options.only.as_deref().is_none_or(|only| name.contains(only));
    // Only where it is asked for by name: it takes half a minute and crates that nothing else needs.
    if options.only.as_deref().is_some_and(|only| only.contains("arceos")) {
        kernels.add_application()?;
    }
    let mut checks = groups::run(&qemu, &kernels, options);
    for (name, reason) in checks.iter().filter_map(|(name, result)| Some((name, result.as_ref().err()?))) {
        output::error(format_args!("{name}: {reason}"));
    }
    let seed = match options.seed {
        Some(Seed(seed)) => seed,
        None => {
            Random::fresh_seed().map_err(|source| Error::new(source).context("cannot read /dev/urandom"))?
        }
    };
    let mut cases = all(&kernels, options.extent, seed).map_err(Error::msg)?;
    cases.retain(|case| wants(&case.name));
    check_pattern(options.only.as_deref(), cases.len() + checks.len())?;
    if cases.iter().any(|case| matches!(case.load, Load::Path(_) | Load::Efi(_)))
        && let Supply::Nowhere { obstacle } = paths::supply()?
    {
        output::note(format_args!("not run: boots by firmware of other releases: {obstacle}"));
        cases.retain(|case| !matches!(case.load, Load::Path(_) | Load::Efi(_)));
    }
    if let (Some(only), true, true) = (&options.only, cases.is_empty(), checks.is_empty()) {
        let what = format!("nothing was tested: no test with \"{only}\" in its name can run here");
        return Err(Error::msg(what));
    }
    output::note(format_args!("matrix: {} cases; seed of the fresh batch: {}", cases.len(), Seed(seed)));
    let bench = Bench { qemu: &qemu, kernels: &kernels };
    let matrix = boot_all(&bench, &cases, seed, options.extent);

    let document = matrix.summary.paths.check_document().map(|result| ("paths/document".to_owned(), result));
    if let Some((name, Err(reason))) = &document {
        output::error(format_args!("{name}: {reason}"));
    }
    checks.extend(document);
    let passed_checks = checks.iter().filter(|(_, result)| result.is_ok()).count();
    let passed = host.passed + passed_checks + matrix.passed;
    let failed = host.failed + checks.len() - passed_checks + cases.len() - matrix.passed;
    output::result(format_args!("{}{} boots in {} s", matrix.summary, cases.len(), matrix.seconds));
    output::result(format_args!("{passed} passed, {failed} failed"));
    if failed == 0 {
        Ok(())
    } else {
        Err(Error::msg(format!("{failed} tests failed; the reasons stand above")))
    }
}

/// A pattern that no test has is a mistake of the user's, and no test that failed.
fn check_pattern(only: Option<&str>, found: usize) -> Result<(), Error> {
    match (only, found) {
        (Some(only), 0) => {
            let message =
                format!("no test's name contains \"{only}\"; try a part of one, such as refusal/R6");
            Err(Error::msg(message))
        }
        _ => Ok(()),
    }
}

/// All cases.
fn all(kernels: &Kernels, extent: Extent, seed: u64) -> Result<Vec<Case>, String> {
    let rounds = if extent == Extent::Soak { 12 } else { 1 };
    let mut cases = Vec::new();
    for (batch, batch_seed) in [("fixed", FIXED), ("fresh", seed)] {
        let mut matrix = Matrix::new(kernels, batch, batch_seed);
        for _ in 0..rounds {
            matrix.product();
            matrix.addresses();
        }
        matrix.rules();
        matrix.prefilled();
        cases.append(&mut matrix.cases);
    }
    cases.extend(policies(kernels, extent, seed));
    let mut matrix = Matrix::new(kernels, "once", FIXED ^ seed);
    matrix.singles();
    matrix.trees();
    matrix.own(rounds);
    matrix.axplat();
    matrix.application();
    matrix.efi();
    matrix.applications();
    matrix.unwilling();
    matrix.without_hsm(rounds);
    matrix.paths();
    matrix.boards();
    matrix.loaders();
    matrix.overflows();
    matrix.user_mode();
    matrix.mutations();
    matrix.secrets();
    cases.append(&mut matrix.cases);
    let damaged = if extent == Extent::Soak { Damaged::EachBit } else { Damaged::EachWord };
    cases.extend(refusals::cases(kernels, FIXED, damaged)?);
    Ok(cases)
}

/// What kernels may want: all of it in the fixed batch, any of it in the fresh one.
fn policies(kernels: &Kernels, extent: Extent, seed: u64) -> Vec<Case> {
    let rounds = if extent == Extent::Soak { 12 } else { 1 };
    let mut fixed = Matrix::new(kernels, "policy", FIXED);
    fixed.policies();
    for round in 0..rounds {
        fixed.rules_with_policies(round);
    }
    fixed.parts();
    fixed.moves(8);
    let mut fresh = Matrix::new(kernels, "fresh-policy", seed);
    fresh.any_policies(50 * rounds);
    fixed.cases.append(&mut fresh.cases);
    fixed.cases
}

/// What came of all boots.
struct Outcome {
    passed: usize,
    summary: Summary,
    seconds: u64,
}

/// From so many harts on a machine has the host to itself: a hart that waits for its turn too long is given up by the kernel.
const MANY_HARTS: u32 = 16;

fn boot_all(bench: &Bench<'_>, cases: &[Case], seed: u64, extent: Extent) -> Outcome {
    without_huge_pages();
    let next = AtomicUsize::new(0);
    let host = RwLock::new(());
    let state = Mutex::new((Progress::new(cases.len()), Summary::default(), 0));
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = if case.machine.harts.get() < MANY_HARTS {
                let _shared = host.read();
                boot::run(bench, case)
            } else {
                let _alone = host.write();
                boot::run(bench, case)
            };
            // A thread that panicked has failed its case; the others go on.
            let mut state = state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let traits = result.as_ref().map(Vec::as_slice).unwrap_or_default();
            state.1.add(case, traits, result.is_ok());
            state.2 += usize::from(result.is_ok());
            let passed = result.is_ok();
            if let Err(failed) = result {
                state.0.clear();
                tell(case, &failed, seed, extent);
            }
            state.0.step(passed);
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    let (progress, summary, passed) = state.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    progress.clear();
    Outcome { passed, summary, seconds: progress.elapsed().as_secs() }
}

/// Machines here live for a fraction of a second and touch little of their memory: zeroing 2 MiB where 4 KiB are touched takes a third of their time. What this process starts inherits it.
fn without_huge_pages() {
    #[cfg(target_os = "linux")]
    // Where that cannot be, they are only slower.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

/// A failure, and how to repeat it.
fn tell(case: &Case, failed: &Failed, seed: u64, extent: Extent) {
    let name = &case.name;
    output::error(format_args!("{name} failed:"));
    failed.reasons.iter().for_each(|reason| output::note(format_args!("    {reason}")));
    let soak = if extent == Extent::Soak { " --soak" } else { "" };
    output::note(format_args!(
        "  again: cargo landfall test{soak} --matrix-seed {} --only {name}",
        Seed(seed)
    ));
    if let Some(command) = case.run_command() {
        output::note(format_args!("  alone: {command}"));
    }
    if !failed.qemu.is_empty() {
        output::note(format_args!("  QEMU:  {}", failed.qemu));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_no_test_has_is_a_usage_mistake() {
        let mistake = check_pattern(Some("nosuchtest"), 0).expect_err("no test has it");
        assert!(mistake.to_string().contains("\"nosuchtest\""), "{mistake}");
        assert!(check_pattern(Some("refusal"), 1).is_ok() && check_pattern(None, 0).is_ok());
    }
}
