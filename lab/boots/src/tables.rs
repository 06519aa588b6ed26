//! The tables that a `satp` names, as they lie in the machine's memory, and the rules that they must keep.

use std::collections::BTreeMap;

use landfall_judge::Extensions;
use landfall_judge::rules::{self, Violation};
use landfall_judge::walk::{Root, Walk};

use super::image::at;
use super::session::Session;

const PAGE: u64 = 4096;

/// Tables at one moment.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    pub(super) satp: u64,
    pub(super) root: Root,
    pub(super) walk: Walk,
    /// The pages that were read.
    pub(super) pages: BTreeMap<u64, Vec<u8>>,
}

impl Tables {
    /// Walks the tables that `satp` names, from the machine's physical memory. Entries may say what these extensions let them say.
    pub(super) fn read(session: &mut Session, satp: u64, extensions: Extensions) -> Result<Self, String> {
        let root = Root::from_satp(satp).map_err(|error| format!("satp {satp:#x}: {error}"))?;
        let root = root.with_extensions(extensions);
        let mut pages = BTreeMap::new();
        let mut failed = None;
        let walk = root.walk(|address| {
            let page = address & !(PAGE - 1);
            let bytes = pages.entry(page).or_insert_with(|| {
                session.read(page, PAGE).unwrap_or_else(|error| {
                    failed.get_or_insert(format!("the table at {page:#x} is not in memory: {error}"));
                    Vec::new()
                })
            });
            let word = bytes.get(at(address - page)..).and_then(<[u8]>::first_chunk);
            word.map_or(0, |word| u64::from_le_bytes(*word))
        });
        match failed {
            Some(error) => Err(error),
            None => Ok(Self { satp, root, walk, pages }),
        }
    }

    /// Whether the machine's memory still holds the same.
    pub(super) fn check_unchanged(&self, session: &mut Session) -> Result<(), String> {
        for (page, bytes) in &self.pages {
            if session.read(*page, PAGE)? != *bytes {
                return Err(format!("the table at {page:#x} has changed between the leap and main"));
            }
        }
        Ok(())
    }

    /// What breaks the rules for every table.
    pub(super) fn check_rules(&self) -> Vec<String> {
        let malformed = self.walk.malformed.iter().map(ToString::to_string);
        malformed.chain(rules::check(&self.walk.leaves).iter().map(ToString::to_string)).collect()
    }

    /// What breaks the rules for the probe's table, whose one page holds `pc`.
    pub(super) fn check_probe(&self, pc: u64) -> Vec<String> {
        let page = pc & !(PAGE - 1);
        let mut findings: Vec<_> = self.walk.malformed.iter().map(ToString::to_string).collect();
        let violations = rules::check(&self.walk.leaves);
        let others = violations.iter().filter(|violation| !matches!(violation, Violation::LowerHalf(_)));
        findings.extend(others.map(ToString::to_string));
        match self.walk.leaves.as_slice() {
            [leaf] if (leaf.virt, leaf.phys, leaf.size) == (page, page, PAGE) => {
                if !leaf.flags.r() || !leaf.flags.x() {
                    findings.push(format!("the probe's page is not R-X: {leaf}"));
                }
            }
            leaves => findings
                .push(format!("the probe's table must map the page {page:#x} alone, and maps {leaves:?}")),
        }
        findings.iter().map(|finding| format!("the probe: {finding}")).collect()
    }
}
