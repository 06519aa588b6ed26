//! A boot that was.

use landfall_predict::facts_file::FactsFile;

use super::Boot;
use crate::fault::Fault;
use crate::kernel::Named;
use crate::request::Facts;

/// Returns the boot of a file of facts; with `kernel` in place of its own, if there is one.
pub(super) fn boot(facts: &Facts, kernel: Option<Named>) -> Result<Boot, Fault> {
    let file = FactsFile::parse(facts.facts.to_string().as_bytes());
    let file = file.map_err(|error| Fault::of("machine.facts", error.to_string()))?;
    let (name, blueprint) = kernel.map(|kernel| (kernel.name, kernel.blueprint)).unzip();
    Ok(Boot { kernel: name, case: Ok(file.case(blueprint)), assumed: Vec::new() })
}
