//! Checks the machine's memory when `main` begins, and the console at the end.

use super::{Landed, reported};
use crate::devicetree::Tree;
use crate::image::Image;
use crate::moving::Move;
use crate::reported::Known;
use crate::session::{Console, Session};
use landfall_host::verdict::Verdict;
use landfall_judge::intervals::Interval;
use landfall_judge::slots;

impl Landed {
    /// Checks all memory when `main` begins.
    pub(crate) fn check_memory(&mut self, session: &mut Session, image: &Image) -> Result<(), String> {
        self.findings.extend(self.tables.check_unchanged(session)?);
        self.findings.extend(self.check_words(session, image)?);
        Ok(())
    }

    /// Checks slots, other words, seeds, the memory of others, and the old place of a move.
    pub(crate) fn check_words(&self, session: &mut Session, image: &Image) -> Result<Vec<String>, String> {
        let base = self.base;
        let mut findings = slots::check(session, image, [self.entry.base, base], self.expected.kernel)?;
        findings.extend(slots::check_seeds(session, image, base, self.tree_was, &self.tree.seeds)?);
        findings.extend(self.bystanders.check(session, "in the landing")?);
        findings.extend(self.prediction.check_tree(session, &self.entry)?);
        if let Some(moved) = &self.moved {
            findings.extend(self.check_left(session, image, moved)?);
        }
        let secrets = self.prediction.secrets();
        findings.extend(slots::check_early(session, image, base, &secrets)?);
        if self.tree.seeds.is_empty() {
            return Ok(findings);
        }
        let left = session.tree(self.tree_was.start).and_then(|tree| Ok(Tree::read(&tree)?));
        match left {
            Ok(tree) if tree.seeds.is_empty() => {}
            Ok(_) => findings.push("the tree still has a property for a seed".to_owned()),
            Err(error) => findings.push(format!("the tree was damaged: {error}")),
        }
        Ok(findings)
    }

    /// Checks that the image's old place holds neither the kernel's address nor any other draw.
    fn check_left(&self, session: &mut Session, image: &Image, moved: &Move) -> Result<Vec<String>, String> {
        let mut secrets = self.prediction.secrets();
        if secrets.is_empty() {
            // Nothing was random, so the file itself may hold these numbers.
            return Ok(Vec::new());
        }
        secrets.extend(&moved.entropy);
        let Self { expected, policy, .. } = self;
        let mut kernel = Interval::new(expected.kernel, image.size);
        if policy.linear_pin.is_some() || policy.kernel_pin.is_some() {
            // The image itself holds pinned addresses.
            kernel.end = kernel.start;
        } else {
            secrets.extend([expected.offset, expected.kernel.wrapping_sub(self.base)]);
        }
        let is_secret = |word| kernel.holds(Interval::new(word, 1)) || secrets.contains(&word);
        moved.check_left(session, &self.taken(), is_secret)
    }

    /// Returns the memory that the landing uses.
    pub(crate) fn taken(&self) -> Vec<Interval> {
        let tables = self.tables.walk.tables.iter().map(|table| Interval::new(*table, 4096));
        let stacks = self.expected.stack_memory.iter().copied();
        tables.chain(stacks).chain(self.prediction.tree_copy()).collect()
    }

    /// Compares the report with the observed landing.
    pub(crate) fn check_console(&mut self, image: &Image, console: &Console) {
        match &console.verdict {
            Some(Verdict::Landed(report)) => {
                let known = Known {
                    seen: self.seen(image, &self.tables),
                    entry: &self.entry,
                    expected: &self.expected,
                    moved: self.moved.as_ref(),
                    arrived: &self.arrived,
                };
                let mut findings = reported::check(report, &known);
                findings.extend(self.prediction.check_report(report));
                self.findings.extend(findings);
            }
            other => self.findings.push(format!("the console has no report, but {other:?}")),
        }
        if !console.ended {
            self.findings.push("the machine did not power off".to_owned());
        }
    }
}
