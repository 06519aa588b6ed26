//! Memory that is full of garbage: each audit ends, within its limits.

use landfall_audit::search::search;
use landfall_audit::{Audit, Code, Format, Known, Limits, Mode, Origin, PAGE, Phys, Request, Root, audit};

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
        let limits =
            Limits { tables: 40, repeats: 100, repeats_of_one: 8, runs: 5000, runs_of_repeats: 3000 };
        let other = Root { mode: Mode::Sv57, table: Phys(ROOT + PAGE) };
        let roots = vec![(machine.root(), Origin::Given), (other, Origin::Guess)];
        let result = audit(&mut machine, &Request { roots, limits, ..Request::default() });
        let cost = result.cost;
        assert!(cost.tables <= 40 && cost.repeats <= 100, "{seed}");
        assert_eq!(cost.entries, 512 * (cost.tables + cost.repeats), "{seed}");
        assert!(machine.reads.values().all(|reads| *reads <= 1 + 8), "{seed}");
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
    assert!(finding.expect("the limit").found.contains("not checked: 90"));
}

#[test]
fn a_root_of_pointers_to_itself_ends_within_the_budget() {
    for mode in Mode::ALL {
        let mut machine = Machine::new(mode);
        machine.pages.get_mut(&ROOT).expect("the root").fill(entry(ROOT, 1));
        let Limits { repeats_of_one, .. } = Limits::default();
        let result = machine.audit(Known::default());
        assert_eq!((result.cost.tables, result.cost.repeats), (1, repeats_of_one.into()), "{mode}");
        assert_eq!(result.findings.count(Code::TableLoop), 512, "{mode}");
        assert_eq!(result.findings.count(Code::WalkLimit), 1, "{mode}");
    }
}

#[test]
fn entries_beyond_the_limit_of_repeats_are_counted_and_the_first_is_named() {
    const START: u64 = 0xffff_ffc0_0000_0000;
    const M2: u64 = 2 << 20;
    // As the shadow memory of a sanitizer: one page, by one table, at all addresses.
    let shadow = |limits: Limits| {
        let mut machine = Machine::new(Mode::Sv39);
        (0..512).for_each(|page| machine.set(START + page * PAGE, 0, entry(0x9000_0000, 0x63)));
        let table = machine.table(START, 0);
        (1..300).for_each(|block| machine.set(START + block * M2, 1, entry(table, 1)));
        // Another table with another address behind it.
        machine.set(START + (1 << 30), 0, entry(0x9000_0000, 0x63));
        let other = machine.table(START + (1 << 30), 0);
        machine.set(START + (1 << 30) + M2, 1, entry(other, 1));
        let roots = vec![(machine.root(), Origin::Given)];
        audit(&mut machine, &Request { roots, limits, ..Request::default() })
    };
    let limit = |audit: &Audit| {
        let found = audit.findings.kept().iter().find(|finding| finding.code == Code::WalkLimit);
        found.map(|finding| (finding.span.start.0, finding.found.clone()))
    };
    let runs = |audit: &Audit| audit.roots[0].runs.len();
    let words = |entries: u32| {
        format!(
            "the limit of repeats is reached: entries to tables met before that are not followed: {entries}"
        )
    };
    let audit = shadow(Limits::default());
    assert_eq!(limit(&audit), Some((START + 65 * M2, words(235))));
    assert_eq!(runs(&audit), 65 * 512 + 2, "the other table has its walk");
    let audit = shadow(Limits { repeats_of_one: 299, ..Limits::default() });
    assert_eq!((limit(&audit), runs(&audit)), (None, 300 * 512 + 2));
    let audit = shadow(Limits { repeats: 10, ..Limits::default() });
    assert_eq!(limit(&audit), Some((START + 11 * M2, words(290))));
    assert_eq!((runs(&audit), audit.cost.repeats), (11 * 512 + 1, 10));
    // Runs by themselves come before those of repeats.
    let audit = shadow(Limits { repeats_of_one: 299, runs: 512 + 1 + 2, ..Limits::default() });
    assert_eq!(limit(&audit).expect("a finding").0, START + M2 + 2 * PAGE);
    assert_eq!(audit.roots[0].runs.last().expect("a run").virt.0, START + (1 << 30));
    let audit = shadow(Limits { repeats_of_one: 299, runs_of_repeats: 7, ..Limits::default() });
    assert_eq!((limit(&audit).expect("a finding").0, runs(&audit)), (START + M2 + 7 * PAGE, 512 + 1 + 7));
}
