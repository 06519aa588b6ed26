//! One fixture for each code, which gives its finding and no other.

use landfall_audit::{Audit, Code, Finding, Known, Limits, Mode, Origin, Phys, Request, Span, Virt, audit};

use crate::machine::{A, D, G, IO, KERNEL, Machine, N, R, ROOT, U, V, W, X, entry};

/// A text page of a kernel.
const TEXT: u64 = 0xffff_ffff_8000_0000;
/// Its memory.
const MEMORY: u64 = 0x9000_0000;
/// The first address of the linear map.
const LINEAR: u64 = 0xffff_ffd6_0000_0000;

type Fixture = (Code, fn() -> Audit);

const ALL: [Fixture; 20] = [
    (Code::LeafWx, || one(TEXT, 0, entry(MEMORY, R | W | X | KERNEL))),
    (Code::AliasWx, || {
        let mut machine = Machine::new(Mode::Sv39);
        machine.map(TEXT, MEMORY + 0x5000, 0, 2, R | X | KERNEL);
        machine.map(LINEAR, MEMORY, 1, 1, R | W | KERNEL);
        machine.audit(Known::default())
    }),
    (Code::AliasType, || {
        let mut machine = Machine::new(Mode::Sv39);
        machine.map(LINEAR, MEMORY, 1, 1, R | W | KERNEL);
        machine.map(TEXT, MEMORY, 0, 1, R | W | KERNEL | IO);
        machine.audit(Known::default())
    }),
    (Code::LeafUser, || one(TEXT, 0, entry(MEMORY, R | U | KERNEL))),
    (Code::LeafIdentity, || {
        // The lower half of sv48 holds the address.
        let mut machine = Machine::new(Mode::Sv48);
        machine.map(MEMORY, MEMORY, 0, 1, R | X | KERNEL);
        machine.audit(Known::default())
    }),
    (Code::LeafNoMap, || {
        let mut machine = Machine::new(Mode::Sv39);
        machine.map(LINEAR, MEMORY, 1, 1, R | W | KERNEL);
        let no_map =
            vec![Span::new(Phys(MEMORY + 0x3000), 0x1000), Span::new(Phys(MEMORY + (2 << 20)), 4096)];
        machine.audit(Known { no_map, ..Known::default() })
    }),
    (Code::LeafAd, || one(TEXT, 0, entry(MEMORY, V | R | W | G | A))),
    (Code::LeafMisaligned, || one(TEXT, 1, entry(MEMORY + 0x1000, R | KERNEL))),
    (Code::EntryReserved, || one(TEXT, 0, entry(MEMORY, R | KERNEL | 1 << 54))),
    (Code::EntryWriteOnly, || one(TEXT, 0, entry(MEMORY, W | KERNEL))),
    (Code::EntryDeep, || one(TEXT, 0, entry(MEMORY, V))),
    (Code::NapotReserved, || one(TEXT, 0, entry(MEMORY + 0x4000, R | KERNEL | N))),
    (Code::NapotGroup, || {
        let mut machine = Machine::new(Mode::Sv39);
        (0..15).for_each(|page| machine.set(TEXT + page * 4096, 0, entry(MEMORY + 0x8000, R | KERNEL | N)));
        machine.audit(Known::default())
    }),
    (Code::TableLoop, || one(TEXT, 1, entry(ROOT, V))),
    (Code::TableShared, || {
        let mut machine = Machine::new(Mode::Sv39);
        machine.map(TEXT, MEMORY, 0, 1, R | KERNEL);
        let shared = machine.table(TEXT, 0);
        machine.set(TEXT + (2 << 20), 1, entry(shared, V));
        machine.audit(Known::default())
    }),
    (Code::TableMissing, || one(TEXT, 1, entry(0x1000, V))),
    (Code::WalkLimit, || {
        let mut machine = Machine::new(Mode::Sv39);
        machine.map(TEXT, MEMORY, 0, 1, R | KERNEL);
        let roots = vec![(machine.root(), Origin::Given)];
        let limits = Limits { tables: 2, ..Limits::default() };
        audit(&mut machine, &Request { roots, limits, ..Request::default() })
    }),
    (Code::PageFirst, || one(0, 0, entry(MEMORY, R | KERNEL))),
    (Code::PageLast, || one(!0xfff, 0, entry(MEMORY, R | KERNEL))),
    (Code::StackGuard, || {
        let mut machine = Machine::new(Mode::Sv39);
        machine.map(TEXT, MEMORY, 0, 3, R | W | KERNEL);
        let stacks = vec![Span::new(Virt(TEXT + 0x1000), 0x2000), Span::new(Virt(TEXT), 0x1000)];
        machine.audit(Known { stacks, ..Known::default() })
    }),
];

/// A kernel with one entry.
fn one(virt: u64, level: u8, bits: u64) -> Audit {
    let mut machine = Machine::new(Mode::Sv39);
    machine.set(virt, level, bits);
    machine.audit(Known::default())
}

fn finding(code: Code) -> Finding {
    let (_, fixture) = ALL.into_iter().find(|(own, _)| *own == code).expect("a fixture");
    fixture().findings.kept()[0].clone()
}

#[test]
fn each_code_has_a_fixture() {
    assert_eq!(ALL.map(|(code, _)| code), Code::ALL);
}

#[test]
fn each_fixture_gives_its_finding_once_and_no_other() {
    for (code, fixture) in ALL {
        let audit = fixture();
        let found: Vec<_> =
            audit.findings.codes().map(|found| (found, audit.findings.count(found))).collect();
        assert_eq!(found, [(code, 1)], "{code}: {:#?}", audit.findings.kept());
        let text = audit.to_string();
        assert!(text.contains(&format!("{code}: {}", code.explanation().title)), "{text}");
        assert!(text.ends_with("1 finding\n"), "{text}");
    }
}

#[test]
fn a_kernel_without_faults_has_no_finding() {
    for mode in Mode::ALL {
        let mut machine = Machine::new(mode);
        machine.map(TEXT, MEMORY, 0, 4, R | X | KERNEL);
        machine.map(TEXT + 0x4000, MEMORY + 0x4000, 0, 2, R | KERNEL);
        machine.map(LINEAR, MEMORY, 0, 6, R | KERNEL);
        machine.map(LINEAR + 0x6000, MEMORY + 0x6000, 0, 506, R | W | KERNEL);
        // User mode executes memory that the kernel writes by its linear map. The kernel handles
        // its faults of A and D.
        machine.map(0x1000, MEMORY + 0x7000, 0, 1, V | R | X | U);
        machine.map(0x2000, MEMORY + 0x8000, 0, 1, V | R | W | U);
        let audit = machine.audit(Known::default());
        assert_eq!(audit.findings.kept(), [], "{mode}");
        assert!(machine.reads.values().all(|reads| *reads == 1), "{mode}: each table is read once");
        assert_eq!(audit.cost.tables, machine.pages.len() as u64);
        assert_eq!(audit.cost.bytes, 4096 * audit.cost.tables);
        assert_eq!(audit.cost.entries, 512 * audit.cost.tables);
        let announced: usize = machine.announced.iter().map(Vec::len).sum();
        assert_eq!(announced, machine.pages.len() - 1, "{mode}: each table but the root is announced");
    }
}

#[test]
fn a_finding_names_the_first_frame_and_both_addresses() {
    let alias = finding(Code::AliasWx);
    assert_eq!((alias.span, alias.phys), (Span::new(Virt(TEXT), 0x2000), Some(Phys(MEMORY + 0x5000))));
    assert_eq!(alias.found, format!("R-X here, and RW- at {:#x}", LINEAR + 0x5000));
    let no_map = finding(Code::LeafNoMap);
    assert_eq!(
        (no_map.span, no_map.phys),
        (Span::new(Virt(LINEAR + 0x3000), 0x1000), Some(Phys(MEMORY + 0x3000)))
    );
    let stack = finding(Code::StackGuard);
    assert_eq!((stack.span, stack.phys), (Span::new(Virt(TEXT), 0x1000), Some(Phys(MEMORY))));
    // A write to a page without W faults.
    let mut guarded = Machine::new(Mode::Sv39);
    guarded.map(TEXT, MEMORY, 0, 1, R | X | KERNEL);
    guarded.map(TEXT + 0x1000, MEMORY + 0x1000, 0, 1, R | W | KERNEL);
    let stacks = vec![Span::new(Virt(TEXT + 0x1000), 0x1000)];
    assert_eq!(guarded.audit(Known { stacks, ..Known::default() }).findings.total(), 0);
    let shared = finding(Code::TableShared);
    assert_eq!(shared.span, Span::new(Virt(TEXT + (2 << 20)), 2 << 20));
    assert!(shared.found.ends_with(&format!("from {TEXT:#x} on")), "{}", shared.found);
    let last = finding(Code::PageLast);
    assert_eq!(last.span.end(), 1 << 64);
    let group = finding(Code::NapotGroup).entry.expect("an entry");
    assert_eq!((group.index, group.level, group.bits), (15, 0, 0), "the entry that differs");
}

#[test]
fn user_mode_that_writes_what_runs_is_found() {
    for (writer, code) in [(U, U), (U, 0), (0, 0)] {
        let mut machine = Machine::new(Mode::Sv39);
        machine.map(0x1000, MEMORY, 0, 1, V | R | W | A | D | writer);
        machine.map(0x8000, MEMORY, 0, 1, V | R | X | A | D | code);
        let audit = machine.audit(Known::default());
        assert!(audit.findings.codes().eq([Code::AliasWx]), "{:#?}", audit.findings.kept());
    }
}

#[test]
fn findings_of_one_code_are_counted_beyond_those_that_are_kept() {
    let mut machine = Machine::new(Mode::Sv39);
    // Every second page, so that no leaf goes on in the next one.
    (0..250).for_each(|page| machine.map(TEXT + page * 8192, MEMORY, 0, 1, R | W | X | KERNEL));
    let audit = machine.audit(Known::default());
    assert_eq!(audit.findings.count(Code::LeafWx), 250);
    assert_eq!(audit.findings.kept().len(), landfall_audit::KEPT);
    assert!(audit.to_string().contains("and 242 more"));
}

#[test]
fn two_roots_share_tables_and_frames() {
    let mut machine = Machine::new(Mode::Sv39);
    machine.map(TEXT, MEMORY, 0, 1, R | X | KERNEL);
    let kernel = machine.pages[&ROOT];
    // Another process: the same kernel, and a lower half that writes the kernel's text.
    let other = ROOT + (1 << 20);
    machine.pages.insert(other, kernel);
    machine.pages.get_mut(&other).expect("the root")[1] = entry(0x4000_0000 * 2, V | R | W | U | A | D);
    let origin = |hart| Origin::Harts { harts: vec![hart] };
    let second = landfall_audit::Root { mode: Mode::Sv39, table: Phys(other) };
    let roots = vec![(machine.root(), origin(0)), (second, origin(1))];
    let audit = audit(&mut machine, &Request { roots, ..Request::default() });
    assert!(audit.findings.codes().eq([Code::AliasWx]));
    assert!(audit.findings.kept()[0].found.contains("root"), "{}", audit.findings.kept()[0].found);
    let inherited = &audit.roots[1].inherited;
    assert_eq!((inherited.len(), inherited[0].start, inherited[0].root), (1, Virt(0xffff_ffff_8000_0000), 0));
    assert_eq!(audit.roots[1].runs.len(), 1, "the kernel's half is listed once");
    assert!(machine.reads.values().all(|reads| *reads == 1));
}

#[test]
fn a_table_of_an_earlier_root_at_another_address_is_named_with_that_root() {
    let mut machine = Machine::new(Mode::Sv39);
    machine.map(TEXT, MEMORY, 0, 1, R | X | KERNEL);
    let shared = machine.table(TEXT, 0);
    // Another root leads to it at the level above.
    let other = ROOT + (1 << 20);
    machine.pages.insert(other, [0; 512]);
    machine.pages.get_mut(&other).expect("the root")[300] = entry(shared, V);
    let second = landfall_audit::Root { mode: Mode::Sv39, table: Phys(other) };
    let roots = vec![(machine.root(), Origin::Given), (second, Origin::Given)];
    let audit = audit(&mut machine, &Request { roots, ..Request::default() });
    let found = &audit.findings.kept()[0].found;
    let right =
        format!("points to the table of level 0 that serves the addresses from {TEXT:#x} on in root 0");
    assert_eq!(*found, right);
}
