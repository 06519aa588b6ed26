//! `cargo fences`: landings, fences and mutants on the worst legal harts.

use std::env;
use std::error::Error;
use std::time::Instant;

use landfall_fences::kernel::{Image, Kernel};
use landfall_fences::site::{Site, SiteKind};
use landfall_fences::trial::Trial;
use landfall_fences::work::Work;
use landfall_fences::{landings, mutants, oracle, sources, subsets, survivors};
use landfall_hart::liberty::Liberties;

const USAGE: &str = "\
usage: cargo fences [KERNEL] sites
       cargo fences [KERNEL] landings COUNT [FIRST SEED]
       cargo fences [KERNEL] subsets SEEDS [WORD OF A PLACE ...]
       cargo fences [KERNEL] mutants SEEDS [WORD OF A PLACE]
       cargo fences [KERNEL] explain SEED [OFFSET OF A FENCE TO LEAVE OUT ...]
       cargo fences [KERNEL] sources SEEDS [WORD OF A PLACE ...]
       cargo fences soak GENERATIONS [FIRST SEED]

KERNEL is hello, space, modules, kexec, or another kernel that prints a report; hello by default";

/// Generations of each machine of a soak.
const GENERATIONS: u64 = 30;

/// The first words of the commands.
const COMMANDS: [&str; 7] = ["sites", "landings", "subsets", "mutants", "sources", "explain", "soak"];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let mut words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let is_kernel = words.first().is_some_and(|word| !COMMANDS.contains(word));
    let name = if is_kernel { words.remove(0) } else { "hello" };
    match words.as_slice() {
        ["sites"] => sites(name),
        ["landings", count, rest @ ..] => {
            let first = rest.first().map_or(Ok(0), |seed| seed.parse())?;
            all_landings(name, count.parse()?, first)
        }
        ["subsets", seeds, places @ ..] => all_subsets(name, seeds.parse()?, places),
        ["mutants", seeds, rest @ ..] => all_mutants(name, seeds.parse()?, rest.first().unwrap_or(&"")),
        ["explain", seed, left_out @ ..] => explain(name, seed.parse()?, left_out),
        ["sources", seeds, places @ ..] => all_sources(name, seeds.parse()?, places),
        ["soak", generations, rest @ ..] => {
            let first = rest.first().map_or(Ok(0), |seed| seed.parse())?;
            soak(generations.parse()?, first)
        }
        _ => Err(USAGE.into()),
    }
}

fn sites(name: &str) -> Result<(), Box<dyn Error>> {
    for site in Kernel::build(name)?.sites {
        println!("{:#8x} {:<28} {}", site.offset, site.text(), site.place);
    }
    Ok(())
}

fn all_landings(name: &str, count: usize, first: u64) -> Result<(), Box<dyn Error>> {
    show_landings(&Kernel::build(name)?.image, count, first)
}

/// Starts the kernel `kexec` by itself, on machines with 30 generations each.
fn soak(generations: u64, first: u64) -> Result<(), Box<dyn Error>> {
    let count = usize::try_from(generations.div_ceil(GENERATIONS))?;
    let image = Kernel::build("kexec")?.image.with_work(Work::Generations { count: GENERATIONS });
    show_landings(&image, count, first)
}

fn show_landings(image: &Image, count: usize, first: u64) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let every = if count > 1000 { 1000 } else { 10 };
    let progress = |finished| {
        if finished % every == 0 {
            eprintln!("{finished} of {count} machines, {} s", started.elapsed().as_secs());
        }
    };
    let all = landings::run(image, first, count, |_| Liberties::worst(), progress);
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

/// Returns the fences in places with one of the words; without a word, those of the landing itself.
fn wanted_fences<'a>(kernel: &'a Kernel, places: &[&str]) -> Vec<&'a Site> {
    if places.is_empty() {
        return landing_fences(kernel);
    }
    let is_wanted = |site: &&Site| places.iter().any(|place| site.place.contains(place));
    kernel.sites.iter().filter(|site| site.kind != SiteKind::CsrWrite).filter(is_wanted).collect()
}

/// Returns the fences of the landing itself.
fn landing_fences(kernel: &Kernel) -> Vec<&Site> {
    let is_fence = |site: &&Site| !matches!(site.kind, SiteKind::CsrWrite | SiteKind::Atomic);
    let publishes = |site: &Site| site.text() == "fence rw, ow";
    let is_landing = |site: &&Site| LANDING.contains(&site.place.as_str()) || publishes(site);
    kernel.sites.iter().filter(is_fence).filter(is_landing).collect()
}

fn all_subsets(name: &str, seeds: u64, places: &[&str]) -> Result<(), Box<dyn Error>> {
    let kernel = Kernel::build(name)?;
    let fences = wanted_fences(&kernel, places);
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

fn all_mutants(name: &str, seeds: u64, word: &str) -> Result<(), Box<dyn Error>> {
    let kernel = Kernel::build(name)?;
    if mutants::kills(&kernel.image, 0, Liberties::worst()) {
        return Err("the kernel itself fails".into());
    }
    let wanted = |site: &Site, _: &_| site.place.contains(word);
    let all = mutants::run(&kernel, wanted, seeds, Liberties::worst(), |one| {
        eprintln!(
            "{:#8x} {:<40} {:<44} {:?}",
            one.site.offset, one.mutant.change, one.site.place, one.killed_by
        );
    });
    let survivors = all.iter().filter(|one| one.killed_by.is_none()).count();
    println!("{survivors} of {} mutants survive", all.len());
    if name != "hello" || !word.is_empty() {
        return Ok(());
    }
    let faults = survivors::faults(&all);
    for fault in &faults {
        println!("{fault}");
    }
    if faults.is_empty() { Ok(()) } else { Err("the list of survivors is wrong".into()) }
}

/// Tries each change of each line of source, in all places to which the compiler has copied it.
fn all_sources(name: &str, seeds: u64, places: &[&str]) -> Result<(), Box<dyn Error>> {
    let kernel = Kernel::build(name)?;
    let wanted = |site: &Site| {
        site.kind != SiteKind::CsrWrite && places.iter().any(|place| site.place.contains(place))
    };
    let all = sources::run(&kernel, wanted, seeds, Liberties::worst(), |one| {
        let copies = one.source.changes.len();
        eprintln!(
            "{:<44} {:<60} {copies:>3} copies {:?}",
            one.source.change, one.source.place, one.killed_by
        );
    });
    let survivors = all.iter().filter(|one| one.killed_by.is_none()).count();
    println!("{survivors} of {} changes of sources survive", all.len());
    Ok(())
}

fn explain(name: &str, seed: u64, left_out: &[&str]) -> Result<(), Box<dyn Error>> {
    let kernel = Kernel::build(name)?;
    let offsets: Result<Vec<_>, _> =
        left_out.iter().map(|text| usize::from_str_radix(text.trim_start_matches("0x"), 16)).collect();
    let offsets = offsets?;
    let changes = kernel.sites.iter().filter(|site| offsets.contains(&site.offset));
    let image = kernel.with(changes.map(|site| (site, site.removed().instruction)));
    let trial = Trial::drawn(&image, seed, Liberties::worst());
    println!("{}", trial.config(&image)?.describe());
    let (machine, result) = trial.run(&image)?;
    println!("{}\n{result:?}", String::from_utf8_lossy(machine.output()));
    let config = trial.config(&image)?;
    match trial.explain(&image, |machine, seen| *seen != oracle::expected(&image, &config, machine))? {
        Some(explanation) => print!("{explanation}"),
        None => println!("as expected"),
    }
    Ok(())
}
