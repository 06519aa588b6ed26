//! The tests, for a harness that lists, filters and threads them like ordinary ones.

use std::process::ExitCode;
use std::sync::{OnceLock, RwLock};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use super::bench::Bench;
use super::boot;
use super::case::{Case, Load};
use super::cases::{self, Named};
use super::check::{Check, Needs, Runs};
use super::groups;
use super::paths::{self, Supply};
use super::settings::Settings;
use landfall_host::output;
use landfall_host::setup::{self, Consent};

/// The number of harts from which on a machine has the host to itself. The kernel skips a hart that
/// waits too long for its turn. nextest has the same rule in `.config/nextest.toml`.
const MANY_HARTS: u32 = 16;

/// Runs the tests that the arguments of this process select, or lists them.
///
/// The current directory becomes the root of the checkout.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::from_args();
    setup::decide(Consent::Asked);
    without_huge_pages();
    match trials() {
        Ok((trials, settings)) => {
            if !arguments.list {
                output::note(format_args!("seed of the fresh batch: {}", settings.assignments()));
            }
            libtest_mimic::run(&arguments, trials).exit_code()
        }
        Err(error) => {
            output::error(error);
            ExitCode::FAILURE
        }
    }
}

fn trials() -> Result<(Vec<Trial>, Settings), String> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    std::env::set_current_dir(root).map_err(|error| format!("{root}: {error}"))?;
    let settings = Settings::get()?;
    let checks = groups::all(settings)?.into_iter().map(check);
    let boots = cases::names(settings).into_iter().map(|test| boot(test, settings));
    Ok((checks.chain(boots).collect(), settings))
}

fn check(check: Check) -> Trial {
    let Check { name, runs, needs, test } = check;
    let run = move || {
        if needs == Needs::Archive
            && let Supply::Nowhere { obstacle } = supply()?
        {
            return Ok(Completion::ignored_with(obstacle));
        }
        let _shared = HOST.read();
        test().map(|()| Completion::Completed).map_err(Failed::from)
    };
    Trial::ignorable_test(name, run).with_ignored_flag(runs == Runs::IfIncluded)
}

fn boot(test: Named, settings: Settings) -> Trial {
    let is_ignored = !test.is_representative;
    Trial::ignorable_test(test.name.clone(), move || run_boot(&test, settings)).with_ignored_flag(is_ignored)
}

/// The host, which machines share, or one has alone.
static HOST: RwLock<()> = RwLock::new(());

fn run_boot(test: &Named, settings: Settings) -> Result<Completion, Failed> {
    let bench = Bench::get()?;
    // A kernel that does not build is the reason, and not what its list lacks.
    bench.kernels.get(test.kernel)?;
    let list = cases::of(test.kernel, settings);
    let cases = list.get(&test.name).ok_or("the list with the kernel's image has no such test")?;
    if cases.iter().any(|case| matches!(case.load, Load::Path(_) | Load::Efi(_)))
        && let Supply::Nowhere { obstacle } = supply()?
    {
        return Ok(Completion::ignored_with(obstacle));
    }
    let failures: Vec<_> = cases.iter().filter_map(|case| run_case(bench, case, settings).err()).collect();
    if failures.is_empty() { Ok(Completion::Completed) } else { Err(failures.join("\n").into()) }
}

fn run_case(bench: Bench, case: &Case, settings: Settings) -> Result<(), String> {
    let result = if case.machine.harts.get() < MANY_HARTS {
        let _shared = HOST.read();
        boot::run(bench, case)
    } else {
        let _alone = HOST.write();
        boot::run(bench, case)
    };
    result.map_err(|failed| message(case, &failed, settings))
}

/// Returns the failure, with the commands that repeat it.
fn message(case: &Case, failed: &boot::Failed, settings: Settings) -> String {
    let mut lines = failed.reasons.clone();
    let axes: Vec<_> = case.axes.iter().map(|(axis, value)| format!("{axis} {value}")).collect();
    lines.push(format!("case:  {}", axes.join(", ")));
    lines.push(format!(
        "again: {} cargo test -p landfall-boots --test boots -- --include-ignored --exact {}",
        settings.assignments(),
        case.name
    ));
    lines.extend(case.run_command().map(|command| format!("alone: {command}")));
    lines.extend(Some(&failed.qemu).filter(|qemu| !qemu.is_empty()).map(|qemu| format!("QEMU:  {qemu}")));
    lines.join("\n")
}

/// Returns whether firmware of other releases is here, and fetches it if it is not.
fn supply() -> Result<Supply, String> {
    static SUPPLY: OnceLock<Result<Supply, String>> = OnceLock::new();
    SUPPLY.get_or_init(|| paths::supply().map_err(|error| error.to_string())).clone()
}

/// Turns huge pages off for this process and its children. Machines here live for a fraction of a
/// second and touch little of their memory. To zero 2 MiB for 4 KiB takes a third of their time.
fn without_huge_pages() {
    #[cfg(target_os = "linux")]
    // If that fails, they are only slower.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}
