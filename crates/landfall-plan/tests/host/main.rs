//! The plan on a host: every property that the crate documents, on machines drawn at random.
//!
//! Models and walker come from `landfall-judge`, which knows nothing of the code under test. The
//! draws are the same in every run; `PROPTEST_RNG_SEED=<number>` gives others, and
//! `PROPTEST_CASES=<number>` more of them.

#![expect(
    clippy::incompatible_msrv,
    reason = "whoever uses the crate builds it with the Rust that its manifest names; its tests are for a newer one, as proptest is"
)]
#![expect(
    clippy::single_range_in_vec_init,
    reason = "a machine with one memory node has a list of one range"
)]

mod arranged;
mod bits;
mod block;
mod counter;
mod crash;
mod drawn;
mod extreme;
mod free;
mod hart_set;
mod harts;
mod impossible;
mod landed;
mod machine;
mod mode_policy;
mod modes;
mod moved;
mod named;
mod pack;
mod policy;
mod ram;
mod ranges;
mod records;
mod refusals;
mod regions;
mod sites;
mod small;
mod space;
mod stacks;
mod tables;
mod words;

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
