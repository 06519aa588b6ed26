//! The search for roots: those of machines are found, and nothing that only looks like a root.

use landfall_audit::search::search;
use landfall_audit::{Format, Mode, Phys, Root};

use crate::machine::{KERNEL, Machine, R, ROOT, U, V, W, X, entry};

const TEXT: u64 = 0xffff_ffff_8000_0000;

/// A kernel with leaves of several sizes.
fn kernel(mode: Mode) -> Machine {
    let mut machine = Machine::new(mode);
    machine.map(TEXT, 0x9000_0000, 0, 4, R | X | KERNEL);
    machine.map(TEXT + (2 << 20), 0x9020_0000, 1, 4, R | W | KERNEL);
    machine.map(TEXT - (64 << 30), 0x8000_0000, 2, 2, R | W | KERNEL);
    machine
}

#[test]
fn the_root_of_each_mode_is_found_and_no_other_table() {
    for mode in Mode::ALL {
        let mut machine = kernel(mode);
        // Pages of text, of zeros and of words.
        machine.pages.insert(ROOT - 0x4000, [0x0000_0013_0000_0013; 512]);
        machine.pages.insert(ROOT - 0x3000, [0; 512]);
        machine.pages.insert(ROOT - 0x2000, std::array::from_fn(|index| index as u64));
        let found = search(&mut machine, Format::default());
        assert_eq!(found.roots, [Root { mode, table: Phys(ROOT) }], "{mode}");
        assert!(found.bytes >= 4096 * machine.pages.len() as u64);
    }
}

#[test]
fn an_empty_table_in_front_of_the_others_is_no_obstacle() {
    const EMPTY: u64 = ROOT - 0x2000;
    for mode in Mode::ALL {
        let mut machine = kernel(mode);
        // The lowest entry of the upper half leads there, as to Linux' table of the fixmap.
        machine.pages.insert(EMPTY, [0; 512]);
        machine.pages.get_mut(&ROOT).expect("the root")[256] = entry(EMPTY, V);
        assert_eq!(
            search(&mut machine, Format::default()).roots,
            [Root { mode, table: Phys(ROOT) }],
            "{mode}"
        );
    }
}

/// A rule, and a change that breaks it.
type Break = (&'static str, fn(&mut Machine));

#[test]
fn a_page_that_breaks_one_rule_is_no_root() {
    let breaks: [Break; 8] = [
        ("two leaves with the same memory", |machine| {
            machine.set(TEXT - (62 << 30), 2, entry(0x8000_0000, R | KERNEL));
        }),
        ("nothing in the upper half", |machine| {
            let root = machine.pages.get_mut(&ROOT).expect("the root");
            root[1] = root[510];
            root[256..].fill(0);
        }),
        ("a leaf of user mode", |machine| machine.set(TEXT - (62 << 30), 2, entry(1 << 30, R | U | KERNEL))),
        ("a faulty entry", |machine| machine.set(0, 2, entry(0x1000, R | KERNEL))),
        ("upper bits of an invalid entry", |machine| machine.set(0, 2, 1 << 60)),
        ("a pointer to nothing", |machine| machine.set(0, 2, entry(0x1000, V))),
        ("a pointer to itself", |machine| machine.set(0, 2, entry(ROOT, V))),
        ("no leaf", |machine| {
            machine.pages.values_mut().skip(2).for_each(|page| page.fill(0));
            machine.pages.values_mut().nth(1).expect("a table").fill(0);
            machine.set(TEXT - (64 << 30), 2, 0);
            machine.set(TEXT - (63 << 30), 2, 0);
        }),
    ];
    for (name, change) in breaks {
        let mut machine = kernel(Mode::Sv39);
        change(&mut machine);
        assert_eq!(search(&mut machine, Format::default()).roots, [], "{name}");
    }
}
