//! Paging on a host: the mapper and the walker against the oracle.
//!
//! Models and walker come from `landfall-judge`, which knows nothing of the code under test. The
//! draws are the same in every run; `PROPTEST_RNG_SEED=<number>` gives others, and
//! `PROPTEST_CASES=<number>` more of them.

mod edit;
mod edit_cases;
mod edit_machine;
mod edit_withdraw;
mod errors;
mod formats;
mod mapper;
mod tables;
mod translate;
mod types;

use proptest::test_runner::{Config, RngSeed};

/// `cases` draws, unless the environment wants another number.
fn draws(cases: u32) -> Config {
    let default = Config::default();
    let rng_seed = match default.rng_seed {
        RngSeed::Random => RngSeed::Fixed(0x1a4d_fa11),
        given @ RngSeed::Fixed(_) => given,
    };
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { cases };
    Config { cases, rng_seed, failure_persistence: None, ..default }
}
