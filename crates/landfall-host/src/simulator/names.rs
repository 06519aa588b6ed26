//! Names for the addresses in an explanation.

use landfall_predict::units::Address;

use crate::symbolize::{Named, Names};

/// The addresses at which one kernel runs: as it was loaded, and where it lands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bases(Vec<Address>);

impl Bases {
    /// Adds an address of the image.
    pub(super) fn add(&mut self, address: Address) {
        if !self.0.contains(&address) {
            self.0.push(address);
        }
    }

    /// Returns the code in `line` by its names in the ELF, each address once.
    pub(super) fn in_line(&self, elf: &[u8], line: &str) -> Vec<Named> {
        let mut found: Vec<Named> = Vec::new();
        for &base in &self.0 {
            for named in Names::of(elf).running_at(Some(base)).in_line(line) {
                if found.iter().all(|other| other.address() != named.address()) {
                    found.push(named);
                }
            }
        }
        found
    }
}
