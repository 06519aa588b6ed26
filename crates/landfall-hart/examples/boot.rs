//! Boots a kernel: `boot FILE plain|worst|errata SEED HARTS [COMMAND LINE]`.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::time::Instant;

use landfall_hart::config::{Config, Kernel, Options};
use landfall_hart::liberty::{Liberties, Liberty};
use landfall_hart::{Machine, explain};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [file, preset, seed, harts, rest @ ..] = arguments.as_slice() else {
        return Err("usage: boot FILE plain|worst|errata SEED HARTS [COMMAND LINE]".into());
    };
    let liberties = match preset.as_str() {
        "worst" => Liberties::worst(),
        "errata" => Liberties::errata(),
        _ => Liberties::PLAIN,
    };
    let options = Options {
        harts: harts.parse()?,
        command_line: rest.first().cloned().unwrap_or_default(),
        memory: 1 << 30,
        ..Options::new(Kernel::read(&fs::read(file)?)?)
    };
    let config = Config::draw(seed.parse()?, liberties, &options)?;
    println!("{}", config.describe());
    let started = Instant::now();
    let mut machine = Machine::new(config.clone());
    let outcome = machine.run(100_000_000);
    let took = started.elapsed();
    io::stdout().write_all(machine.output())?;
    println!("{outcome:?} after {} instructions, {took:?}", machine.executed());
    for liberty in config.liberties.iter() {
        println!("{:>12} choices of {}", machine.opportunities(liberty), liberty.name());
    }
    let fails = |machine: &Machine, _| !machine.output().windows(14).any(|part| part == b"landfall: exit");
    if fails(&machine, outcome)
        && let Some(explanation) = explain(&config, 100_000_000, fails)
    {
        println!("{explanation}");
    }
    Ok(())
}

const _: &[Liberty] = Liberty::ALL;
