//! Boots on Spike, as tests with names. They need a download, so a plain `cargo test` ignores them:
//! `cargo test -p landfall-spike --test spike -- --ignored`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use landfall_spike::boot::{Bench, Boot};
use landfall_spike::matrix;
use libtest_mimic::{Arguments, Failed, Trial};

/// The simulator and firmware, obtained when the first boot needs them.
type Shared = Arc<OnceLock<Result<Bench, String>>>;

fn main() -> ExitCode {
    let bench = Shared::default();
    let trial = |(name, boot): (String, Boot)| {
        let bench = Arc::clone(&bench);
        Trial::test(name, move || run(&bench, &boot)).with_kind("spike").with_ignored_flag(true)
    };
    let trials = matrix::all().into_iter().map(trial).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn run(bench: &Shared, boot: &Boot) -> Result<(), Failed> {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let ready = bench.get_or_init(|| Bench::ready(cache).map_err(|error| error.to_string()));
    let findings = ready.as_ref()?.judge(boot)?;
    if findings.is_empty() { Ok(()) } else { Err(findings.join("\n").into()) }
}
