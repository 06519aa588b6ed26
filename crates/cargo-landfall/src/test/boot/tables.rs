//! EFI firmware whose configuration tables are changed before the image runs.

use super::firmware::{AFTERWARDS, ENTRY, judge};
use super::{Prepared, TIME};
use crate::test::efi::configuration::{Configuration, Tables};
use crate::test::session::{Session, told};

impl Prepared<'_> {
    /// `rule` is what the kernel must refuse by, in words of the case; without one it must land.
    pub(super) fn changed(&self, tables: Tables, rule: Option<&str>) -> Result<Vec<String>, String> {
        let mut session = Session::start(self.bench.qemu, &self.machine, self.directory.path(), TIME)?;
        let entry = self.base + (self.image().word(ENTRY) & 0xffff_ffff);
        session.set_breakpoint(entry)?;
        session.go()?.ok_or("the machine ended before the image was entered")?;
        session.remove_breakpoint(entry)?;
        let table = told(session.gdb.register("a1"))?;
        Configuration::read(&mut session, table)?.change(&mut session, tables)?;
        if rule.is_some() {
            // A machine that has refused under firmware does not end.
            session.end_within(AFTERWARDS);
        }
        let console = session.finish()?;
        // A console of 80 characters cuts longer lines.
        let said = console.lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join(" ");
        let words = self.case.words.unwrap_or_default();
        let mut findings = judge(&console, rule);
        if !said.contains(words) {
            findings.push(format!("the console does not say \"{words}\""));
        }
        Ok(findings)
    }
}
