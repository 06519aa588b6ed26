//! Many landings, and many starts of a kernel by itself.

use std::time::Instant;

use landfall_fences::kernel::{Image, Kernel};
use landfall_fences::landings::{self, Surprise};
use landfall_fences::work::Work;

use super::Done;
use crate::options::Options;

/// Generations of each machine of a soak.
const GENERATIONS: u64 = 30;

/// Runs landings of a kernel.
pub(crate) fn landings(options: &Options, count: usize, first: u64) -> Done {
    show(&Kernel::build(&options.kernel)?.image, options, count, first)
}

/// Starts the kernel `kexec` by itself, on machines with 30 generations each.
pub(crate) fn soak(options: &Options, generations: u64, first: u64) -> Done {
    let count = usize::try_from(generations.div_ceil(GENERATIONS))?;
    let image = Kernel::build("kexec")?.image.with_work(Work::Generations { count: GENERATIONS });
    show(&image, options, count, first)
}

fn show(image: &Image, options: &Options, count: usize, first: u64) -> Done {
    let started = Instant::now();
    let every = if count > 1000 { 1000 } else { 10 };
    let mut finished = 0;
    let each = |surprise: Option<&Surprise>| {
        finished += 1;
        if let Some(surprise) = surprise {
            println!(
                "seed {}: expected {}\n    seen {}",
                surprise.trial.seed, surprise.expected, surprise.seen
            );
        }
        if finished % every == 0 {
            eprintln!("{finished} of {count} machines, {} s", started.elapsed().as_secs());
        }
    };
    let all = landings::run(image, first, count, options.liberties, each);
    for (liberty, choices) in &all.opportunities {
        println!("{choices:>14} choices of {}", liberty.name());
    }
    println!(
        "{} of {count} landings as expected, {} of them refusals, {} instructions, {} s",
        all.good,
        all.refused,
        all.instructions,
        started.elapsed().as_secs()
    );
    if all.surprises.is_empty() { Ok(()) } else { Err("some landings surprise".into()) }
}
