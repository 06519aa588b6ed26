//! `cargo fences`: landings, fences and mutants on the worst legal harts.

#![forbid(unsafe_code)]

mod command;
mod options;

use std::env;
use std::error::Error;

use self::options::{HELP, Options};

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse(env::args().skip(1))?;
    let words: Vec<_> = options.words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["sites"] => command::sites(&options),
        ["landings", count] => command::landings(&options, count.parse()?, 0),
        ["landings", count, first] => command::landings(&options, count.parse()?, first.parse()?),
        ["soak", generations] => command::soak(&options, generations.parse()?, 0),
        ["soak", generations, first] => command::soak(&options, generations.parse()?, first.parse()?),
        ["subsets", seeds, places @ ..] => command::subsets(&options, seeds.parse()?, places),
        ["mutants", seeds, places @ ..] => command::mutants(&options, seeds.parse()?, places),
        ["sources", seeds, places @ ..] => command::sources(&options, seeds.parse()?, places),
        ["explain", seed, left_out @ ..] => command::explain(&options, seed.parse()?, left_out),
        _ => Err(HELP.into()),
    }
}
