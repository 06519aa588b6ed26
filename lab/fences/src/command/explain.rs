//! The reason why one landing fails.

use landfall_fences::kernel::Kernel;
use landfall_fences::oracle;
use landfall_fences::trial::Trial;

use super::Done;
use crate::options::Options;

/// Runs one landing without the fences at these offsets, and explains its failure.
pub(crate) fn explain(options: &Options, seed: u64, left_out: &[&str]) -> Done {
    let kernel = Kernel::build(&options.kernel)?;
    let offsets: Result<Vec<_>, _> =
        left_out.iter().map(|text| usize::from_str_radix(text.trim_start_matches("0x"), 16)).collect();
    let offsets = offsets?;
    let changes = kernel.sites.iter().filter(|site| offsets.contains(&site.offset));
    let image = kernel.with(changes.map(|site| (site, site.removed().instruction)));
    let trial = Trial::drawn(&image, seed, options.liberties);
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
