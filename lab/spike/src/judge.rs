//! W^X from outside: every table that a `satp` ever pointed to, as the log makes it up.
//!
//! The walker and the rules share no code with the landing. The log also shows that the walker sees
//! what the machine saw: each fetch must hit an executable leaf, and each store a writable one.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use landfall_judge::Leaf;
use landfall_judge::rules::{self, Violation};
use landfall_judge::walk::{NotPaged, Root, Walk};

use crate::commit::{Commit, Store};
use crate::shadow::Shadow;

const PAGE: u64 = 4096;

/// Findings beyond this number say nothing new.
const MAX_FINDINGS: usize = 20;

/// The judge of one boot.
#[derive(Debug)]
pub struct Judge<'a> {
    shadow: Shadow<'a>,
    /// The root of each hart that translates, with its `satp`.
    roots: BTreeMap<u64, (u64, Root)>,
    /// The pages of tables that harts use.
    tables: HashSet<u64>,
    /// Pages from which a hart has fetched, by `satp`.
    fetched: HashSet<(u64, u64)>,
    /// Leaves by size in the first tables that are not a probe's.
    landed: Option<BTreeMap<u64, u64>>,
    /// Harts that have used tables which are not a probe's.
    harts: BTreeSet<u64>,
    findings: Vec<String>,
}

/// The judge's result.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Leaves by size in bytes, when the first hart landed.
    pub leaves: BTreeMap<u64, u64>,
    /// Harts that landed.
    pub harts: BTreeSet<u64>,
    /// Breaches of the rules.
    pub findings: Vec<String>,
}

impl<'a> Judge<'a> {
    /// Begins with `image` at `at`, and translation off.
    #[must_use]
    pub fn new(image: &'a [u8], at: u64) -> Self {
        Self {
            shadow: Shadow::new(image, at),
            roots: BTreeMap::new(),
            tables: HashSet::new(),
            fetched: HashSet::new(),
            landed: None,
            harts: BTreeSet::new(),
            findings: Vec::new(),
        }
    }

    /// Takes the next line of the log.
    pub fn line(&mut self, line: &[u8]) {
        let Some(commit) = Commit::read(line) else { return };
        self.check_fetch(&commit);
        let changed = commit.stores.iter().filter(|store| self.store(&commit, **store)).count();
        if changed > 0 {
            self.fetched.clear();
            let roots: BTreeMap<u64, Root> = self.roots.values().copied().collect();
            for root in roots.into_values() {
                self.check_tables(root, &commit);
            }
        }
        if let Some(satp) = commit.satp {
            self.switch(satp, &commit);
        }
    }

    /// Ends.
    #[must_use]
    pub fn finish(self) -> Seen {
        Seen { leaves: self.landed.unwrap_or_default(), harts: self.harts, findings: self.findings }
    }

    fn check_fetch(&mut self, commit: &Commit) {
        let Some(&(satp, root)) = self.roots.get(&commit.hart) else { return };
        if !self.fetched.insert((satp, commit.pc & !(PAGE - 1))) {
            return;
        }
        match root.translate(commit.pc, |address| self.shadow.word(address)) {
            Ok(hit) if hit.leaf.flags.x() && !hit.leaf.flags.w() => {}
            other => self.find(commit, &format!("a fetch went through {other:?}")),
        }
    }

    /// Stores, and returns true if a table has changed that a hart uses.
    fn store(&mut self, commit: &Commit, store: Store) -> bool {
        let Store { address, value, width } = store;
        let physical = match self.roots.get(&commit.hart) {
            None => address,
            Some(&(_, root)) => match root.translate(address, |address| self.shadow.word(address)) {
                Ok(hit) if hit.leaf.flags.w() && !hit.leaf.flags.x() => hit.phys,
                other => {
                    self.find(commit, &format!("a store to {address:#x} went through {other:?}"));
                    return false;
                }
            },
        };
        self.shadow.store(physical, value, width);
        self.tables.contains(&(physical & !(PAGE - 1)))
    }

    fn switch(&mut self, satp: u64, commit: &Commit) {
        match Root::from_satp(satp) {
            Ok(root) => {
                self.roots.insert(commit.hart, (satp, root));
                let Some(walk) = self.check_tables(root, commit) else { return };
                self.harts.insert(commit.hart);
                self.landed.get_or_insert_with(|| count(&walk.leaves));
            }
            Err(NotPaged::Bare) => {
                self.roots.remove(&commit.hart);
            }
            Err(error @ NotPaged::Reserved { .. }) => self.find(commit, &error.to_string()),
        }
    }

    /// Checks all tables below `root`. Returns them, unless they are the probe's: one page at its
    /// own physical address, which holds the code that runs.
    fn check_tables(&mut self, root: Root, commit: &Commit) -> Option<Walk> {
        let walk = root.walk(|address| self.shadow.word(address));
        self.tables.extend(&walk.tables);
        let page = commit.pc & !(PAGE - 1);
        let probe = matches!(walk.leaves.as_slice(), [leaf] if is_probe(leaf, page));
        for malformed in &walk.malformed {
            self.find(commit, &malformed.to_string());
        }
        for violation in rules::check(&walk.leaves) {
            if !(probe && matches!(violation, Violation::LowerHalf(_))) {
                self.find(commit, &violation.to_string());
            }
        }
        (!probe).then_some(walk)
    }

    fn find(&mut self, commit: &Commit, finding: &str) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(format!("hart {} at {:#x}: {finding}", commit.hart, commit.pc));
        }
    }
}

fn is_probe(leaf: &Leaf, page: u64) -> bool {
    (leaf.virt, leaf.phys, leaf.size) == (page, page, PAGE) && leaf.flags.x() && !leaf.flags.w()
}

fn count(leaves: &[Leaf]) -> BTreeMap<u64, u64> {
    let mut counts = BTreeMap::new();
    for leaf in leaves {
        *counts.entry(leaf.size).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One root table in sv39 at this address.
    const TABLE: u64 = 0x8000_1000;
    const SATP: u64 = 8 << 60 | TABLE >> 12;
    /// Entry 510 serves this gigabyte.
    const GIGABYTE: u64 = 0xffff_ffff_8000_0000;
    /// V, R, W, A and D of a leaf of 1 GiB at 0x80000000; V, R, X, A and D of one at 0x40000000.
    const WRITABLE: u64 = 0x2000_00c7;
    const EXECUTABLE: u64 = 0x1000_00cb;

    /// Lets a machine store entries, turn translation on and go on; returns the findings.
    fn findings(entries: &[(u64, u64)], then: &[String]) -> Vec<String> {
        let mut judge = Judge::new(&[], 0);
        for (index, entry) in entries {
            let address = TABLE + index * 8;
            judge.line(
                format!("core   0: 1 0x0000000080000000 (0x0) mem {address:#018x} {entry:#018x}").as_bytes(),
            );
        }
        judge.line(format!("core   0: 1 0x0000000080000004 (0x0) c384_satp {SATP:#018x}").as_bytes());
        for line in then {
            judge.line(line.as_bytes());
        }
        judge.finish().findings
    }

    fn store(pc: u64, address: u64, value: u64) -> String {
        format!("core   0: 1 {pc:#018x} (0x0) mem {address:#018x} {value:#018x}")
    }

    #[test]
    fn sound_tables_and_accesses_have_no_findings() {
        let text = GIGABYTE - (1 << 30);
        let found = findings(&[(509, EXECUTABLE), (510, WRITABLE)], &[store(text, GIGABYTE, 1)]);
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn a_writable_and_executable_leaf_is_found_when_satp_points_to_it() {
        let found = findings(&[(510, WRITABLE | 8)], &[]);
        assert!(matches!(found.as_slice(), [one] if one.contains("writable and executable")), "{found:?}");
    }

    #[test]
    fn a_frame_that_is_executable_here_and_writable_there_is_found() {
        let found = findings(&[(509, WRITABLE & !4 | 8), (510, WRITABLE)], &[]);
        assert!(matches!(found.as_slice(), [one] if one.contains("is executable")), "{found:?}");
    }

    #[test]
    fn an_entry_that_changes_later_is_found() {
        let text = GIGABYTE - (1 << 30);
        let entry = GIGABYTE + (TABLE - 0x8000_0000) + 509 * 8;
        let found = findings(&[(509, EXECUTABLE), (510, WRITABLE)], &[store(text, entry, EXECUTABLE | 4)]);
        assert!(matches!(found.as_slice(), [one] if one.contains("writable and executable")), "{found:?}");
    }

    #[test]
    fn accesses_that_the_tables_forbid_are_found() {
        let text = GIGABYTE - (1 << 30);
        for (pc, address) in [(GIGABYTE, GIGABYTE), (text, text), (text, 0x1000)] {
            let found = findings(&[(509, EXECUTABLE), (510, WRITABLE)], &[store(pc, address, 1)]);
            assert_eq!(found.len(), 1, "{pc:#x} {address:#x}: {found:?}");
        }
    }

    #[test]
    fn the_probe_may_map_its_own_page_and_nothing_else_low() {
        // The entries of three levels for the page 0x80000000.
        let low = |access: u64| [(2, 0x2000_0801), (512, 0x2000_0c01), (1024, 0x2000_0001 | access)];
        assert_eq!(findings(&low(0xca), &[]), [""; 0]);
        assert!(!findings(&low(0xc6), &[]).is_empty());
    }
}
