//! Tables that several entries lead to: their mappings are listed and judged at each address.

use landfall_audit::{Audit, Code, Kind, Known, LeafSize, Mode, Origin, PAGE, Phys, Request, Root, audit};

use crate::machine::{KERNEL, Machine, R, ROOT, U, V, W, X, entry};

const RAM: u64 = 0x8000_0000;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

fn codes(audit: &Audit) -> Vec<(Code, u64)> {
    audit.findings.codes().map(|code| (code, audit.findings.count(code))).collect()
}

/// Returns the runs: virtual and physical address, leaves, and their size.
fn listed(audit: &Audit) -> Vec<(u64, u64, u64, LeafSize)> {
    let runs = audit.roots[0].runs.iter();
    runs.map(|run| (run.virt.0, run.phys.0, run.size / run.leaf.bytes(), run.leaf)).collect()
}

/// The table that serves `virt` at `level`, with an entry of the same level at `also`.
fn share(machine: &mut Machine, virt: u64, also: u64, level: u8) {
    let table = machine.table(virt, level);
    machine.set(also, level + 1, entry(table, V));
}

/// A kernel of 32 MiB whose boot table serves its physical and its own addresses.
fn higher_half() -> (Machine, u64) {
    let mut machine = Machine::new(Mode::Sv39);
    machine.map(RAM, RAM, 1, 2, R | X | KERNEL);
    machine.map(RAM + 4 * MIB, RAM + 4 * MIB, 1, 14, R | W | KERNEL);
    let high = (!0 << 38) + 254 * GIB;
    share(&mut machine, RAM, high, 1);
    (machine, high)
}

#[test]
fn a_boot_table_is_listed_at_both_of_its_addresses() {
    let (mut machine, high) = higher_half();
    let audit = machine.audit(Known::default());
    let at = |start| [(start, RAM, 2, LeafSize::M2), (start + 4 * MIB, RAM + 4 * MIB, 14, LeafSize::M2)];
    assert_eq!(listed(&audit), [at(RAM), at(high)].concat());
    let regions: Vec<_> = audit.roots[0].regions.iter().map(|region| (region.kind, region.tables)).collect();
    assert_eq!(regions, [(Kind::Identity, 1), (Kind::Image, 0), (Kind::LinearMap, 0)]);
    // The root counts for the lower half. The shared table serves no region alone.
    assert_eq!((audit.roots[0].tables, audit.roots[0].tables_of_several), (2, 1));
    assert_eq!(codes(&audit), [(Code::LeafIdentity, 2), (Code::TableShared, 1)]);
    let finding = audit.findings.kept().iter().find(|finding| finding.code == Code::TableShared);
    assert_eq!(finding.expect("the finding").span.start.0, high);
    assert_eq!((audit.cost.tables, audit.cost.repeats), (2, 1));
    assert!(audit.to_string().contains("\nread: tables 2, again 1, bytes 12288, entries 1536\n"), "{audit}");
}

#[test]
fn each_address_is_judged_by_its_own_rules() {
    let mut machine = Machine::new(Mode::Sv39);
    // A table of user mode that the kernel's half has too, up to the last page of all.
    machine.map(2 * GIB - PAGE, RAM, 0, 1, R | W | U | KERNEL);
    share(&mut machine, GIB, !0 << 30, 1);
    let audit = machine.audit(Known::default());
    assert_eq!(codes(&audit), [(Code::LeafUser, 1), (Code::TableShared, 1), (Code::PageLast, 1)]);
    // The other way round: the kernel's last page is the first one too.
    let mut machine = Machine::new(Mode::Sv39);
    machine.map(!0 << 30, RAM, 0, 1, R | KERNEL);
    share(&mut machine, !0 << 30, 0, 1);
    let audit = machine.audit(Known::default());
    assert_eq!(codes(&audit), [(Code::TableShared, 1), (Code::PageFirst, 1)]);
}

#[test]
fn a_fault_in_a_shared_table_is_one_finding() {
    let (mut machine, _) = higher_half();
    machine.set(RAM + 64 * MIB, 1, entry(RAM + PAGE, R | KERNEL));
    machine.set(RAM + 66 * MIB, 1, entry(0x1000, V));
    machine.set(RAM + 68 * MIB, 0, entry(RAM, W | KERNEL));
    let faults = [Code::LeafMisaligned, Code::EntryWriteOnly, Code::TableShared, Code::TableMissing];
    let found = codes(&machine.audit(Known::default()));
    assert_eq!(found[1..], faults.map(|code| (code, 1)), "{found:?}");
}

/// Returns the address that these entries lead to, from the root's on.
fn address(mode: Mode, entries: &[u64]) -> u64 {
    let levels = (0..u32::from(mode.levels())).rev();
    entries.iter().zip(levels).fold(!0 << (12 + 9 * u32::from(mode.levels())), |virt, (index, level)| {
        virt | index << (12 + 9 * level)
    })
}

#[test]
fn a_recursive_entry_lists_leaves_again_as_smaller_ones() {
    for mode in Mode::ALL {
        let mut machine = Machine::new(mode);
        let root = mode.levels() - 1;
        machine.map(address(mode, &[300]), 0, root - 1, 1, R | X | KERNEL);
        machine.set(address(mode, &[510]), root, entry(ROOT, V));
        let audit = machine.audit(Known::default());
        // Each step by the recursive entry makes the tables serve one level lower. The last level
        // has no pointers, so no table is mapped.
        let sizes = [LeafSize::K4, LeafSize::M2, LeafSize::G1, LeafSize::G512];
        let at = |steps: u8| {
            let entries = [vec![510; steps.into()], vec![300]].concat();
            (address(mode, &entries), 0, 1, sizes[usize::from(root - 1 - steps)])
        };
        assert_eq!(listed(&audit), (0..root).map(at).collect::<Vec<_>>(), "{mode}");
        assert_eq!(codes(&audit), [(Code::TableLoop, 1)], "{mode}");
    }
}

#[test]
fn a_table_that_leads_to_itself_is_walked_by_the_rules_of_each_level() {
    let (mut machine, _) = higher_half();
    let table = machine.table(RAM, 1);
    machine.set(RAM + 200 * MIB, 1, entry(table, V));
    let audit = machine.audit(Known::default());
    // The leaves of 2 MiB serve as leaves of 4 KiB, and the pointer as a fault that is no finding.
    let loops = RAM + 200 * MIB;
    let small = [(loops, RAM, 1, LeafSize::K4), (loops + PAGE, RAM + 2 * MIB, 1, LeafSize::K4)];
    assert_eq!(listed(&audit)[2..4], small);
    assert_eq!(listed(&audit).len(), 2 * (2 + 16));
    assert_eq!(codes(&audit), [(Code::LeafIdentity, 2), (Code::TableLoop, 1), (Code::TableShared, 1)]);
}

#[test]
fn writable_and_executable_aliases_by_a_loop_are_found() {
    let mut machine = Machine::new(Mode::Sv39);
    let high = (!0 << 38) + 254 * GIB;
    // No leaf of 2 MiB can begin there, and one of 4 KiB can.
    machine.set(high, 1, entry(RAM + PAGE, R | X | KERNEL));
    let table = machine.table(high, 1);
    machine.set(high + 2 * MIB, 1, entry(table, V));
    machine.map(!0 << 38, RAM + PAGE, 0, 1, R | W | KERNEL);
    let audit = machine.audit(Known::default());
    assert_eq!(codes(&audit), [(Code::AliasWx, 1), (Code::LeafMisaligned, 1), (Code::TableLoop, 1)]);
}

#[test]
fn a_root_may_be_a_table_of_another_root() {
    let (mut machine, high) = higher_half();
    // A second root, which the first has by an entry, as kernels do that edit other address spaces.
    let other = ROOT + MIB;
    machine.pages.insert(other, [0; 512]);
    let shared = machine.table(RAM, 1);
    machine.pages.get_mut(&other).expect("the root")[7] = entry(shared, V);
    machine.set(!0 << 38, 2, entry(other, V));
    let second = Root { mode: Mode::Sv39, table: Phys(other) };
    let roots = vec![(machine.root(), Origin::Given), (second, Origin::Given)];
    let audit = audit(&mut machine, &Request { roots, ..Request::default() });
    let starts = |root: usize| audit.roots[root].runs.iter().map(|run| run.virt.0).collect::<Vec<_>>();
    assert_eq!(starts(1), [7 * GIB, 7 * GIB + 4 * MIB]);
    // By the first root's entry the shared table is one of the last level.
    let small = (0..16).map(|page| (!0 << 38) + 7 * 2 * MIB + page * PAGE);
    let right: Vec<_> = [RAM, RAM + 4 * MIB].into_iter().chain(small).chain([high, high + 4 * MIB]).collect();
    assert_eq!(starts(0), right);
}

#[test]
fn a_root_lists_nothing_by_tables_of_a_later_root() {
    let mut machine = Machine::new(Mode::Sv39);
    // A table of the last level, which serves one level higher too: there its pointer leads on.
    let last = machine.table(GIB, 0);
    machine.set(2 * GIB, 2, entry(last, V));
    let next = ROOT + MIB;
    machine.set(GIB, 0, entry(next, V));
    machine.pages.insert(next, [0; 512]);
    machine.pages.get_mut(&next).expect("the page")[0] = entry(RAM, R | U | KERNEL);
    // Another root leads there by its own tables, at the same address.
    let (root, middle) = (next + PAGE, next + 2 * PAGE);
    machine.pages.extend([(root, [0; 512]), (middle, [0; 512])]);
    machine.pages.get_mut(&root).expect("the root")[2] = entry(middle, V);
    machine.pages.get_mut(&middle).expect("the page")[0] = entry(next, V);
    let second = Root { mode: Mode::Sv39, table: Phys(root) };
    let roots = vec![(machine.root(), Origin::Given), (second, Origin::Given)];
    let audit = audit(&mut machine, &Request { roots, ..Request::default() });
    assert_eq!(listed(&audit), [(2 * GIB, RAM, 1, LeafSize::K4)]);
    assert_eq!((audit.roots[0].inherited.len(), audit.roots[1].inherited.len()), (0, 0));
    assert_eq!(audit.roots[1].runs, audit.roots[0].runs);
}
