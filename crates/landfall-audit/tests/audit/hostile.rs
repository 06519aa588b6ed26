//! Memory that is full of garbage: each audit ends, within its limits.

use landfall_audit::search::search;
use landfall_audit::{Code, Format, Limits, Mode, Origin, PAGE, Phys, Request, Root, audit};

use crate::machine::{Machine, ROOT, entry};

/// A generator of words, for machines that are the same in every run (splitmix64).
struct Words(u64);

impl Words {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}

/// A machine of 64 pages. Every entry is random, and about half of them lead to one of the pages.
fn garbage(seed: u64) -> Machine {
    let mut words = Words(seed);
    let mode = Mode::ALL[usize::try_from(seed % 3).expect("small")];
    let mut machine = Machine::new(mode);
    for page in 0..64 {
        let bits = |words: &mut Words| match words.next() % 4 {
            0 => words.next(),
            1 => words.next() & !(u64::MAX << 54) | 1,
            _ => entry(ROOT + words.next() % 64 * PAGE, 1),
        };
        let page = machine.pages.entry(ROOT + page * PAGE).or_insert([0; 512]);
        page.fill_with(|| bits(&mut words));
    }
    machine
}

#[test]
fn garbage_ends_within_the_limits() {
    for seed in 0..48 {
        let mut machine = garbage(seed);
        let limits = Limits { tables: 40, runs: 5000 };
        let other = Root { mode: Mode::Sv57, table: Phys(ROOT + PAGE) };
        let roots = vec![(machine.root(), Origin::Given), (other, Origin::Guess)];
        let result = audit(&mut machine, &Request { roots, limits, ..Request::default() });
        assert!(result.cost.tables <= 40 && result.cost.entries <= 40 * 512, "{seed}");
        assert!(machine.reads.values().all(|reads| *reads == 1), "{seed}");
        let runs: usize = result.roots.iter().map(|root| root.runs.len()).sum();
        assert!(runs <= 5000, "{seed}");
        assert!(result.findings.count(Code::WalkLimit) != 0, "{seed}: 64 tables are more than 40");
        assert!(result.findings.kept().len() <= landfall_audit::KEPT * Code::ALL.len());
        let mut json = Vec::new();
        result.write_json(&mut json).expect("bytes in memory");
        assert!(!json.is_empty() && !result.to_string().is_empty());
        // The search reads each page, and for each candidate its tables and a way to a leaf.
        let found = search(&mut machine, Format::default());
        assert!(found.bytes <= (64 + 3 * 64 * (64 + 6)) * PAGE, "{seed}");
    }
}

#[test]
fn runs_beyond_the_limit_are_counted() {
    let mut machine = Machine::new(Mode::Sv39);
    (0..100).for_each(|page| machine.set(page * 8192, 0, entry(0x9000_0000, 0xd3)));
    let roots = vec![(machine.root(), Origin::Given)];
    let limits = Limits { runs: 10, ..Limits::default() };
    let audit = audit(&mut machine, &Request { roots, limits, ..Request::default() });
    assert_eq!(audit.roots[0].runs.len(), 10);
    let finding = audit.findings.kept().iter().find(|finding| finding.code == Code::WalkLimit);
    assert!(finding.expect("the limit").found.contains(": 90 leaves"));
}
