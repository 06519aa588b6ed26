//! Cases that are more than a landing: refusals, panics, damage that the judge must report, seeds.

use landfall_plan::policy::PhysicalPlacement;

use super::{Prepared, absent, failed};
use crate::case::Seeding;
use crate::judge::{self, Landed, Layout};
use crate::moving::Tamper;
use crate::mutation::{Moment, Mutation};
use crate::secrets::{self, Search};
use crate::session::{Console, Session};
use landfall_host::verdict::Verdict;

impl Prepared<'_> {
    pub(super) fn refusal(&self, right: &str) -> Result<Vec<String>, String> {
        let console = self.console()?;
        let mut findings = Vec::new();
        match &console.verdict {
            Some(Verdict::Refused { rule, message }) if rule == right => {
                let words = self.case.words.as_deref().unwrap_or_default();
                if message.is_empty() || !message.contains(words) {
                    findings.push(format!("{rule} says \"{message}\", without \"{words}\""));
                }
            }
            other => findings.push(format!(
                "{right} is right, and the console says {}",
                describe(other.as_ref(), &console)
            )),
        }
        if !console.ended {
            findings.push("the machine did not power off".to_owned());
        }
        Ok(findings)
    }

    /// Boots a kernel that no judge follows; its console must have these lines.
    pub(super) fn console_has(&self, lines: &[String]) -> Result<Vec<String>, String> {
        let console = self.console()?;
        let mut findings = absent(&console, lines);
        findings.extend(failed(&console));
        if !matches!(console.verdict, Some(Verdict::Landed(_))) {
            let description = describe(console.verdict.as_ref(), &console);
            findings.push(format!("a landing is right, and the console says {description}"));
        }
        if !console.ended {
            findings.push("the machine did not power off".to_owned());
        }
        Ok(findings)
    }

    /// Fills the registers of each hart before it lands, and checks them afterwards.
    pub(super) fn registers(&self) -> Result<Vec<String>, String> {
        let (mut session, entry) = self.enter(self.case.seeding)?;
        judge::fill_registers(&mut session)?;
        let mut landed = judge::leap(&mut session, self.image(), &entry)?;
        landed.check_every_hart(&mut session, self.image())?;
        Ok(landed.findings)
    }

    pub(super) fn panic(&self, right: &str) -> Result<Vec<String>, String> {
        let console = self.console()?;
        let mut findings = Vec::new();
        match &console.verdict {
            Some(Verdict::Panicked { message }) if message.contains(right) => {}
            other => findings.push(format!(
                "a panic is right, and the console says {}",
                describe(other.as_ref(), &console)
            )),
        }
        if !console.ended {
            findings.push("the machine did not power off".to_owned());
        }
        Ok(findings)
    }

    /// Damages the result of a landing. The judge must report nothing before the damage, and must
    /// report the damage.
    pub(super) fn objection(&self, mutation: Mutation) -> Result<Vec<String>, String> {
        let image = self.image();
        let (mut session, entry) = self.enter(self.case.seeding)?;
        let tamper = match mutation.moment() {
            Moment::Move(tamper) => tamper,
            Moment::Leap | Moment::Main => Tamper::Not,
        };
        let mut landed = judge::leap_tampered(&mut session, image, &entry, tamper)?;
        let objections = match mutation.moment() {
            Moment::Move(_) => std::mem::take(&mut landed.findings),
            Moment::Leap => {
                let before = landed.judge_again(&mut session, image)?;
                landed.findings.extend(before);
                mutation.apply(&mut session, image, &landed)?;
                landed.judge_again(&mut session, image)?
            }
            Moment::Main => {
                landed.go_to_main(&mut session, image)?;
                let before = landed.check_words(&mut session, image)?;
                landed.findings.extend(before);
                mutation.apply(&mut session, image, &landed)?;
                landed.check_words(&mut session, image)?
            }
        };
        if !objections.iter().any(|objection| objection.contains(mutation.words())) {
            let words = mutation.words();
            landed.findings.push(format!("no judge says \"{words}\" of {mutation:?}, but {objections:#?}"));
        }
        let by_audit = objections.iter().any(|objection| objection.starts_with("audit: "));
        if by_audit != (mutation.moment() == Moment::Leap) {
            landed
                .findings
                .push(format!("the audit sees no damage of tables, or other damage: {objections:#?}"));
        }
        Ok(landed.findings)
    }

    /// Returns a machine that landed and stands before `main`, with the findings so far.
    pub(super) fn landed(&self) -> Result<(Session, Landed), String> {
        let (mut session, entry) = self.enter(self.case.seeding)?;
        let mut landed = judge::leap(&mut session, self.image(), &entry)?;
        landed.go_to_main(&mut session, self.image())?;
        landed.check_memory(&mut session, self.image())?;
        Ok((session, landed))
    }

    /// Boots to `main`, and then lets the kernel search free memory.
    pub(super) fn secrets(&self, search: Search) -> Result<Vec<String>, String> {
        let image = self.image();
        let (mut session, entry) = self.enter(self.case.seeding)?;
        let mut landed = judge::leap(&mut session, image, &entry)?;
        landed.go_to_main(&mut session, image)?;
        let lines = secrets::lines(&mut session, image, &landed, search)?;
        landed.go_to_end(&mut session, image)?;
        let console = session.finish()?;
        landed.check_console(self.image(), &console);
        landed.findings.extend(absent(&console, &lines));
        landed.findings.extend(secrets::check(&console, search));
        Ok(landed.findings)
    }

    /// Boots to `main`, and then until the harts use the kernel's own tables.
    pub(super) fn own_tables(&self, device: u64) -> Result<Vec<String>, String> {
        let (mut session, mut landed) = self.landed()?;
        landed.go_to_own_tables(&mut session, self.image(), device)?;
        let console = session.finish()?;
        landed.check_console(self.image(), &console);
        landed.findings.extend(failed(&console));
        Ok(landed.findings)
    }

    /// Boots to `main`, and then to the kernel of ArceOS, whose platform maps device registers.
    pub(super) fn platform(&self, lines: &[String]) -> Result<Vec<String>, String> {
        let (mut session, mut landed) = self.landed()?;
        let added = landed.go_to_platform(&mut session, self.image())?;
        let console = session.finish()?;
        landed.check_console(self.image(), &console);
        landed.check_reported_regions(&console, &added);
        landed.findings.extend(absent(&console, lines));
        Ok(landed.findings)
    }

    /// Boots the same and damages the tables; the judge must report the damage.
    pub(super) fn platform_objection(&self) -> Result<Vec<String>, String> {
        let (mut session, mut landed) = self.landed()?;
        landed.go_to_platform(&mut session, self.image())?;
        let silent = landed.damage_platform(&mut session, self.image())?;
        landed.findings.extend(silent);
        Ok(landed.findings)
    }

    /// Boots the same with a whole ArceOS.
    pub(super) fn application(&self, lines: &[String]) -> Result<Vec<String>, String> {
        let (mut session, mut landed) = self.landed()?;
        landed.go_to_platform(&mut session, self.image())?;
        landed.go_to_application(&mut session, self.image())?;
        let console = session.finish()?;
        landed.check_console(self.image(), &console);
        landed.findings.extend(absent(&console, lines));
        Ok(landed.findings)
    }

    /// Boots to `main`, and then to the end, while harts change a live address space.
    pub(super) fn spaces(&self) -> Result<Vec<String>, String> {
        let (mut session, mut landed) = self.landed()?;
        landed.follow_spaces(&mut session, self.image())?;
        if !landed.findings.is_empty() {
            return Ok(landed.findings);
        }
        let console = session.finish()?;
        landed.check_console(self.image(), &console);
        landed.findings.extend(absent(&console, &[&format!("landfall: test {} ok", self.case.kernel)]));
        Ok(landed.findings)
    }

    /// Boots the same, and damages tables; the judge must report each damage.
    pub(super) fn spaces_objection(&self) -> Result<Vec<String>, String> {
        let (mut session, mut landed) = self.landed()?;
        landed.damage_spaces(&mut session, self.image())?;
        Ok(landed.findings)
    }

    /// Boots a kernel that builds and enables its own tables.
    pub(super) fn own_start(&self, lines: &[&str]) -> Result<Vec<String>, String> {
        let (mut session, entry) = self.enter(self.case.seeding)?;
        let mut findings = judge::follow_own_start(&mut session, self.image(), &entry)?;
        let console = session.finish()?;
        findings.extend(absent(&console, lines));
        if !console.ended {
            findings.push("the machine did not power off".to_owned());
        }
        Ok(findings)
    }

    fn layout(&self, seeding: Seeding) -> Result<Layout, String> {
        let (mut session, entry) = self.enter(seeding)?;
        let landed = judge::leap(&mut session, self.image(), &entry)?;
        if let Some(finding) = landed.findings.first() {
            return Err(finding.clone());
        }
        Ok(landed.layout())
    }

    pub(super) fn layouts(&self) -> Result<Vec<String>, String> {
        let Seeding::Seed(seed) = self.case.seeding else { return Err("this case needs a seed".to_owned()) };
        let same = [self.layout(self.case.seeding)?, self.layout(self.case.seeding)?];
        let other = self.layout(Seeding::Seed(seed ^ 1))?;
        let mut findings = Vec::new();
        if same[0] != same[1] {
            findings.push(format!("one seed gave two layouts: {same:x?}"));
        }
        let moves =
            self.case.policy.is_some_and(|policy| policy.physical_placement() == PhysicalPlacement::Random);
        let same_base = moves && same[0].base == other.base;
        let [stacks, tables] = [same[0].stacks == other.stacks, same[0].tables == other.tables];
        if same[0].kernel == other.kernel || same[0].offset == other.offset || same_base || stacks || tables {
            findings.push(format!(
                "seeds that differ in one bit gave the same place: {:x?}, {other:x?}",
                same[0]
            ));
        }
        Ok(findings)
    }
}

/// Describes the verdict on the console in a few words.
fn describe(verdict: Option<&Verdict>, console: &Console) -> String {
    match verdict {
        Some(Verdict::Refused { rule, message }) => format!("{rule}: {message}"),
        Some(Verdict::Landed(_)) => "that the kernel has landed".to_owned(),
        Some(verdict) => format!("{verdict:?}"),
        None => {
            format!("nothing of it; it ends with \"{}\"", console.lines.last().map_or("", String::as_str))
        }
    }
}
