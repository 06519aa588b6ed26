//! The formats against naive readers of the same bytes, and against arbitrary bytes.
//!
//! The draws are the same in every run; `PROPTEST_RNG_SEED=<number>` gives others, and
//! `PROPTEST_CASES=<number>` more of them.

mod header;
mod image;
mod pe;
mod record;
mod relr;
mod seal;

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
