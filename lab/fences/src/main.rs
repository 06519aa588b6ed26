//! `cargo fences`: landings, fences and mutants on the worst legal harts.

use std::env;
use std::error::Error;
use std::time::Instant;

use landfall_fences::kernel::Kernel;
use landfall_fences::site::{Site, SiteKind};
use landfall_fences::trial::Trial;
use landfall_fences::{landings, mutants, oracle, subsets};
use landfall_hart::liberty::Liberties;

const USAGE: &str = "\
usage: cargo fences sites [KERNEL]
       cargo fences landings COUNT [FIRST SEED]
       cargo fences subsets SEEDS
       cargo fences mutants SEEDS [WORD OF A PLACE]
       cargo fences explain SEED [OFFSET OF A FENCE TO LEAVE OUT ...]";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["sites", rest @ ..] => sites(rest.first().unwrap_or(&"hello")),
        ["landings", count, rest @ ..] => {
            let first = rest.first().map_or(Ok(0), |seed| seed.parse())?;
            all_landings(count.parse()?, first)
        }
        ["subsets", seeds] => all_subsets(seeds.parse()?),
        ["mutants", seeds, rest @ ..] => all_mutants(seeds.parse()?, rest.first().unwrap_or(&"")),
        ["explain", seed, left_out @ ..] => explain(seed.parse()?, left_out),
        _ => Err(USAGE.into()),
    }
}

fn sites(name: &str) -> Result<(), Box<dyn Error>> {
    for site in Kernel::build(name)?.sites {
        println!("{:#8x} {:<28} {}", site.offset, site.text(), site.place);
    }
    Ok(())
}

fn all_landings(count: usize, first: u64) -> Result<(), Box<dyn Error>> {
    let kernel = Kernel::build("hello")?;
    let started = Instant::now();
    let all = landings::run(
        &kernel.image,
        first,
        count,
        |_| Liberties::worst(),
        |finished| {
            if finished % 1000 == 0 {
                eprintln!("{finished} of {count} landings, {} s", started.elapsed().as_secs());
            }
        },
    );
    for surprise in &all.surprises {
        println!("seed {}: expected {}\n    seen {}", surprise.trial.seed, surprise.expected, surprise.seen);
    }
    for (liberty, choices) in &all.opportunities {
        println!("{choices:>14} choices of {}", liberty.name());
    }
    println!(
        "{} of {count} landings as expected, {} instructions, {} s",
        all.good,
        all.instructions,
        started.elapsed().as_secs()
    );
    if all.surprises.is_empty() { Ok(()) } else { Err("some landings surprise".into()) }
}

/// Places of the landing's own fences: not those of the console, and of code after it.
const LANDING: [&str; 8] = [
    "landfall_probe",
    "landfall_move",
    "landfall_copier",
    "landfall_leap_fence",
    "landfall_landed",
    "landfall_wait_for_release",
    "landfall_secondary",
    "landfall_secondary_landed",
];

/// Returns the fences of the landing itself.
fn landing_fences(kernel: &Kernel) -> Vec<&Site> {
    let is_fence = |site: &&Site| !matches!(site.kind, SiteKind::CsrWrite | SiteKind::Atomic);
    let publishes = |site: &Site| site.text() == "fence rw, ow";
    let is_landing = |site: &&Site| LANDING.contains(&site.place.as_str()) || publishes(site);
    kernel.sites.iter().filter(is_fence).filter(is_landing).collect()
}

fn all_subsets(seeds: u64) -> Result<(), Box<dyn Error>> {
    let kernel = Kernel::build("hello")?;
    let fences = landing_fences(&kernel);
    let started = Instant::now();
    let count = 1 << fences.len();
    let all = subsets::run(&kernel, &fences, seeds, Liberties::worst(), |finished| {
        if finished % 64 == 0 {
            eprintln!("{finished} of {count} subsets, {} s", started.elapsed().as_secs());
        }
    });
    for (bit, fence) in fences.iter().enumerate() {
        let single = all.failing.get(&(1 << bit));
        println!(
            "{bit:>2} {:<16} {:<44} alone {single:?}, witness {:?}",
            fence.text(),
            fence.place,
            all.witness(bit)
        );
    }
    println!(
        "{} of {count} subsets fail; {} landings, {} s",
        all.failing.len(),
        all.landings,
        started.elapsed().as_secs()
    );
    Ok(())
}

fn all_mutants(seeds: u64, word: &str) -> Result<(), Box<dyn Error>> {
    let kernel = Kernel::build("hello")?;
    let wanted = |site: &Site| site.place.contains(word);
    let all = mutants::run(&kernel, wanted, seeds, Liberties::worst(), |one| {
        eprintln!(
            "{:#8x} {:<40} {:<44} {:?}",
            one.site.offset, one.mutant.change, one.site.place, one.killed_by
        );
    });
    let survivors = all.iter().filter(|one| one.killed_by.is_none()).count();
    println!("{survivors} of {} mutants survive", all.len());
    Ok(())
}

fn explain(seed: u64, left_out: &[&str]) -> Result<(), Box<dyn Error>> {
    let kernel = Kernel::build("hello")?;
    let offsets: Result<Vec<_>, _> =
        left_out.iter().map(|text| usize::from_str_radix(text.trim_start_matches("0x"), 16)).collect();
    let offsets = offsets?;
    let changes = kernel.sites.iter().filter(|site| offsets.contains(&site.offset));
    let image = kernel.with(changes.map(|site| (site, site.removed().instruction)));
    let trial = Trial::drawn(seed, Liberties::worst());
    println!("{}", trial.config(&image)?.describe());
    let (machine, result) = trial.run(&image)?;
    println!("{}\n{result:?}", String::from_utf8_lossy(machine.output()));
    let config = trial.config(&image)?;
    match trial.explain(&image, |machine, seen| *seen != oracle::expected(&config, machine))? {
        Some(explanation) => print!("{explanation}"),
        None => println!("as expected"),
    }
    Ok(())
}
