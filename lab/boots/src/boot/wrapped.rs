//! Boots of kernels behind a landing.

use std::fs;

use super::{Prepared, absent};
use crate::judge::Places;
use crate::session::{Console, as_text};
use crate::wrapped;

impl Prepared<'_> {
    /// Boots to `main` of the wrapper, to the jump to the inner kernel, and to the end.
    pub(super) fn wrapped(&self, lines: &[&str]) -> Result<Vec<String>, String> {
        let elf = as_text(fs::read(wrapped::inner_elf(self.case.kernel)?))?;
        let (mut session, mut landed) = self.landed()?;
        let departed = landed.depart(&mut session, self.image(), &elf)?;
        let console = session.finish()?;
        landed.check_console(self.image(), &console);
        landed.findings.extend(absent(&console, lines));
        landed.findings.extend(console.lines.iter().filter(|line| line.ends_with(" failed")).cloned());
        let places = places(&console).ok_or("the wrapper does not print the places")?;
        landed.findings.extend(departed.check_places(places));
        Ok(landed.findings)
    }
}

/// Returns the places that the wrapper prints.
fn places(console: &Console) -> Option<Places> {
    let number = |text: &str| u64::from_str_radix(text.split(' ').next()?.strip_prefix("0x")?, 16).ok();
    let line = console.lines.iter().find_map(|line| line.strip_prefix("landfall: inner kernel at "))?;
    let (virt, phys) = line.split_once("in memory at ")?;
    Some(Places { virt: number(virt)?, phys: number(phys)? })
}
