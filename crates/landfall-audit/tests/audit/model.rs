//! The walk against walkers that take one address at a time: one of these tests, written from the
//! specification, and that of `landfall-judge`.

use landfall_audit::walk::{EntryPlace, Fault, FaultKind, Leaf, PathEnd, Sink, Walker, path};
use landfall_audit::{Format, Limits, Mode, Napot, PAGE, Phys, Root, Span, Types, Virt};
use landfall_judge::Extensions;
use landfall_judge::walk::Root as JudgeRoot;
use proptest::prelude::*;

use crate::machine::Machine;

/// More than a few tables need that lead to each other: 24 entries of each of five levels. The sink
/// keeps no runs.
const LIMITS: Limits = Limits {
    tables: 100,
    repeats: 24 * 24 * 24 * 24 * 24,
    repeats_of_one: u16::MAX,
    runs: 0,
    runs_of_repeats: 0,
};

/// Everything that a walk meets.
#[derive(Default)]
struct Everything {
    leaves: Vec<Leaf>,
    /// Addresses of entries that lead to a table that was met before.
    again: Vec<Span<Virt>>,
}

impl Sink for Everything {
    fn leaf(&mut self, leaf: Leaf) {
        self.leaves.push(leaf);
    }

    fn fault(&mut self, fault: Fault) {
        if matches!(fault.kind, FaultKind::Loop | FaultKind::Shared { .. }) {
            self.again.push(fault.span);
        }
        assert!(!matches!(fault.kind, FaultKind::Limit | FaultKind::NotFollowed { .. }));
    }

    fn inherited(&mut self, _span: Span<Virt>, _from: usize) {
        unreachable!("there is one root");
    }
}

/// Bits 7:1 and 62:61 of the leaf, and the physical address: "Virtual Address Translation Process".
fn translate(machine: &Machine, virt: u64, has_types: bool) -> Option<(u64, u64, u64)> {
    let levels = u64::from(machine.mode.levels());
    let mut table = crate::machine::ROOT;
    for level in (0..levels).rev() {
        let number = virt >> (12 + 9 * level) & 0x1ff;
        let pte = machine.pages.get(&table)?[usize::try_from(number).expect("nine bits")];
        let (readable, writable, executable) = (pte >> 1 & 1, pte >> 2 & 1, pte >> 3 & 1);
        if pte & 1 == 0 || (readable == 0 && writable == 1) || pte >> 54 & 0x7f != 0 {
            return None;
        }
        let (napot, pbmt, ppn) = (pte >> 63, pte >> 61 & 3, pte >> 10 & 0xfff_ffff_ffff);
        if readable == 0 && executable == 0 {
            if napot != 0 || pbmt != 0 || pte & 0xd0 != 0 {
                return None;
            }
            table = ppn * 4096;
            continue;
        }
        if pbmt == 3 || (pbmt != 0 && !has_types) {
            return None;
        }
        let below = (1 << (9 * level)) - 1;
        let page = virt >> 12;
        let page = if napot == 1 {
            if level != 0 || ppn & 0xf != 8 {
                return None;
            }
            ppn & !0xf | page & 0xf
        } else if ppn & below != 0 {
            return None;
        } else {
            ppn | page & below
        };
        return Some((pte & 0xfe, pbmt, page * 4096 + virt % 4096));
    }
    None
}

/// The index of an entry: few of them, so that groups of 16 and neighbors come.
fn index() -> impl Strategy<Value = usize> {
    prop_oneof![0_usize..48, 250_usize..262, 500_usize..512]
}

/// An entry of tables that lead to each other. `tables` is their number.
fn bits(tables: u64) -> impl Strategy<Value = u64> {
    // One pointer in four has a further bit among U, G, A, D and those for software.
    let bit = prop_oneof![3 => Just(0), 1 => (4_u64..10).prop_map(|bit| 1 << bit)];
    let pointer = (0..tables, bit)
        .prop_map(|(table, bit)| crate::machine::entry(crate::machine::ROOT + table * PAGE, 1 | bit));
    let leaf = (0_u64..1 << 10, any::<u8>(), 0_u64..4).prop_map(|(page, flags, kind)| {
        // Pages that are aligned for larger leaves, and some that are not.
        let page = match kind {
            0 => page,
            1 => page << 9,
            2 => page << 18,
            _ => page << 27,
        };
        page << 10 | u64::from(flags) | 1
    });
    let napot = (0_u64..4, any::<u8>())
        .prop_map(|(group, flags)| 1 << 63 | (group << 4 | 8) << 10 | u64::from(flags) | 3);
    let typed = (0_u64..64, 1_u64..4).prop_map(|(page, memory)| memory << 61 | page << 10 | 0xcf);
    prop_oneof![4 => pointer, 4 => leaf, 2 => napot, 1 => typed, 1 => any::<u64>()]
}

fn machine() -> impl Strategy<Value = Machine> {
    let mode = prop::sample::select(Mode::ALL.to_vec());
    let table = |tables| prop::collection::vec((index(), bits(tables), any::<bool>()), 1..24);
    let tables = (2_u64..9).prop_flat_map(move |count| {
        let count_of = usize::try_from(count).expect("few");
        prop::collection::vec(table(count), count_of)
    });
    (mode, tables).prop_map(|(mode, tables)| {
        let mut machine = Machine::new(mode);
        for (number, words) in (0..).zip(tables) {
            let number: u64 = number;
            let page = machine.pages.entry(crate::machine::ROOT + number * PAGE).or_insert([0; 512]);
            for (index, bits, fills) in words {
                // A whole group with the same entry is a leaf of 64 KiB.
                let whole = index / 16 * 16..index / 16 * 16 + 16;
                let range = if fills && bits >> 63 != 0 { whole } else { index..index + 1 };
                page[range].fill(bits);
            }
        }
        machine
    })
}

/// Addresses at places where something may begin or end: of leaves alike those of some.
fn addresses(everything: &Everything, mode: Mode) -> Vec<u64> {
    // A prime, so that leaves of all tables are tried.
    let step = if everything.leaves.len() < 1000 { 1 } else { 61 };
    let leaves = everything.leaves.iter().step_by(step).map(|leaf| (leaf.virt.0, leaf.size.bytes()));
    let again = everything.again.iter().map(|span| (span.start.0, span.size));
    let borders = leaves.chain(again).flat_map(|(start, size)| {
        let last = start.wrapping_add(size - 1);
        [start, last, start.wrapping_sub(1), last.wrapping_add(1), start.wrapping_add(size / 2)]
    });
    let bits = 12 + 9 * u32::from(mode.levels());
    let is_canonical = |virt: &u64| {
        let top = virt.cast_signed() >> (bits - 1);
        top == 0 || top == -1
    };
    borders.filter(is_canonical).collect()
}

/// Walks a machine, and compares each address with `oracle`.
fn agree(mut machine: Machine, format: Format, oracle: impl Fn(&Machine, u64) -> Option<(u64, u64, u64)>) {
    let mut everything = Everything::default();
    let root = Root { mode: machine.mode, table: Phys(crate::machine::ROOT) };
    let mut walker = Walker::new(&mut machine, format, LIMITS);
    let repeats = walker.walk(root, 0, &mut everything);
    walker.repeat(repeats, &mut everything);
    let (tables, cost) = walker.finish();
    assert!(cost.tables <= tables.len() as u64);
    let reads: u32 = machine.reads.values().sum();
    assert_eq!(u64::from(reads), cost.tables + cost.repeats);
    assert!(!everything.again.is_empty() || cost.repeats == 0);
    everything.leaves.sort_by_key(|leaf| leaf.virt);
    let ends = |leaf: &Leaf| Span::new(leaf.virt, leaf.size.bytes()).end();
    let ascends = everything.leaves.windows(2).all(|pair| ends(&pair[0]) <= u128::from(pair[1].virt.0));
    assert!(ascends, "an address is listed twice");
    for virt in addresses(&everything, machine.mode) {
        let found = |leaf: &Leaf| {
            let text = (leaf.attributes.access(), leaf.attributes.flags());
            (text, leaf.attributes.memory().to_string(), leaf.phys.0 + (virt - leaf.virt.0))
        };
        let way = path(&mut machine, root, format, Virt(virt));
        let by_path = if let PathEnd::Mapped(leaf) = &way.end { Some(found(leaf)) } else { None };
        assert_eq!(
            usize::from(machine.mode.levels()) - way.entries.len(),
            last_level(&way.entries),
            "{way:?}"
        );
        let right = oracle(&machine, virt).map(|(flags, memory, phys)| {
            let letter = |(bit, letter): (u64, char)| if flags >> bit & 1 != 0 { letter } else { '-' };
            let access = [(1, 'R'), (2, 'W'), (3, 'X')].map(letter).iter().collect::<String>();
            let others = [(4, 'U'), (5, 'G'), (6, 'A'), (7, 'D')].map(letter).iter().collect::<String>();
            let memory = ["default", "nc", "io", "reserved"][usize::try_from(memory).expect("two bits")];
            ((access, others), memory.to_owned(), phys)
        });
        assert_eq!(by_path, right, "at {virt:#x} in {}", machine.mode);
        let is_there = |leaf: &&Leaf| Span::new(leaf.virt, leaf.size.bytes()).contains(Virt(virt));
        let after = everything.leaves.partition_point(|leaf| leaf.virt.0 <= virt);
        let by_walk = everything.leaves[..after].last().filter(is_there);
        assert_eq!(by_walk.map(found), right, "at {virt:#x} in {}", machine.mode);
        if let (PathEnd::Mapped(leaf), Some(own)) = (&way.end, by_walk) {
            assert_eq!(leaf, own);
        }
    }
}

/// The level of the last entry of a path; those before it have the levels above.
fn last_level(entries: &[EntryPlace]) -> usize {
    assert!(entries.windows(2).all(|pair| pair[0].level == pair[1].level + 1));
    entries.last().map_or(0, |entry| entry.level.into())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_address_is_translated_as_by_the_specification(machine in machine()) {
        agree(machine, Format::default(), |machine, virt| translate(machine, virt, true));
    }

    #[test]
    fn every_address_is_translated_as_by_the_judge(machine in machine()) {
        let format = Format { napot: Napot::Svnapot, types: Types::Reserved, ..Format::default() };
        agree(machine, format, |machine, virt| {
            let levels = machine.mode.levels().into();
            let root = JudgeRoot { levels, table: crate::machine::ROOT, extensions: Extensions::Svnapot };
            let read = |at: u64| {
                let page = machine.pages.get(&(at / PAGE * PAGE));
                page.map_or(0, |words| words[usize::try_from(at % PAGE / 8).expect("nine bits")])
            };
            let hit = root.translate(virt, read).ok()?;
            let flags = hit.leaf.flags;
            let bits = [flags.r(), flags.w(), flags.x(), flags.u(), flags.g(), flags.a(), flags.d()];
            let bits = bits.into_iter().zip(1..).map(|(is_set, bit)| u64::from(is_set) << bit).sum();
            Some((bits, 0, hit.phys))
        });
    }
}
