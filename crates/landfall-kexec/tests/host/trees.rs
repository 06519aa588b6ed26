//! The tree of the next kernel, as `dtoolkit` reads it.

use dtoolkit::fdt::Fdt;
use dtoolkit::{Node, Property};
use landfall_kexec::{Blob, Next};
use landfall_paging::PhysAddr;
use landfall_tree::SeedSecret;

use crate::files::small;
use crate::machine::{INITRD, Machine, property, tree};

/// Returns the properties of `/chosen` in the tree of the next kernel.
fn chosen(machine: &mut Machine, next: &Next<'_>) -> Vec<(String, Vec<u8>)> {
    let plan = machine.plan(next).expect("a plan");
    let tree = Fdt::new(machine.in_block(plan.tree)).expect("a tree");
    let chosen = tree.root().child("chosen").expect("a node");
    chosen.properties().map(|property| (property.name().to_owned(), property.value().to_vec())).collect()
}

fn value<'a>(chosen: &'a [(String, Vec<u8>)], name: &str) -> Option<&'a [u8]> {
    let mut found = chosen.iter().filter(|(known, _)| known == name);
    let first = found.next().map(|(_, value)| value.as_slice());
    assert!(found.next().is_none(), "{name} is there twice");
    first
}

#[test]
fn chosen_is_that_of_the_next_kernel_and_nothing_of_the_old_one_stays() {
    let (file, initrd) = (small(), vec![7; 0x5001]);
    let seed = SeedSecret::new([1, 2, 3, 4], 256).next_seed();
    let next = Next::new(Blob::contiguous(&file, PhysAddr::new(0x8200_1000)))
        .with_command_line(b"new words")
        .with_initrd(Blob::contiguous(&initrd, INITRD.start()))
        .with_seed(&seed);
    let chosen = chosen(&mut Machine::new(), &next);
    let number = |number: u64| number.to_be_bytes().to_vec();
    assert_eq!(value(&chosen, "bootargs"), Some(&b"new words\0"[..]));
    assert_eq!(value(&chosen, "linux,initrd-start").map(<[u8]>::to_vec), Some(number(INITRD.start().get())));
    assert_eq!(value(&chosen, "linux,initrd-end").map(<[u8]>::to_vec), Some(number(INITRD.end().get())));
    assert_eq!(value(&chosen, "kaslr-seed"), Some(seed.kaslr_seed()));
    assert_eq!(value(&chosen, "rng-seed"), Some(seed.rng_seed()));
    assert_eq!(value(&chosen, "boot-hartid").map(<[u8]>::to_vec), Some(number(1)));
    assert_eq!(value(&chosen, "linux,booted-from-kexec"), Some(&[][..]));
    assert_eq!(value(&chosen, "stdout-path"), Some(&b"/soc/serial\0"[..]));
    assert_eq!(value(&chosen, "linux,usable-memory-range"), None);
    assert_eq!(chosen.len(), 8);
}

#[test]
fn without_wishes_chosen_has_no_command_line_initrd_or_seed() {
    let file = small();
    let chosen = chosen(&mut Machine::new(), &Next::new(Blob::contiguous(&file, PhysAddr::new(0x8200_1000))));
    for name in ["bootargs", "linux,initrd-start", "linux,initrd-end", "kaslr-seed", "rng-seed"] {
        assert_eq!(value(&chosen, name), None, "{name}");
    }
}

#[test]
fn all_other_nodes_are_as_before() {
    let file = small();
    let mut machine = Machine::with_tree(tree(&[property("kaslr-seed", &[9; 8])]));
    let plan = machine.plan(&Next::new(Blob::contiguous(&file, PhysAddr::new(0x8200_1000)))).expect("a plan");
    let names = |tree: &[u8]| {
        let text = Fdt::new(tree).expect("a tree").to_string();
        let start = text.find("chosen {").expect("a node");
        let end = start + text[start..].find('}').expect("its end");
        [&text[..start], &text[end..]].concat()
    };
    let after = machine.in_block(plan.tree).to_vec();
    assert_eq!(names(&after), names(&machine.tree));
    assert!(!after.windows(8).any(|bytes| bytes == [9; 8]), "the old seed is gone");
}

#[test]
fn reservations_stay_except_those_of_the_old_initrd_and_tree() {
    // They are in the header, behind 40 bytes.
    let mut machine = Machine::new();
    let kept = (0x8290_0000_u64, 0x3000_u64);
    let old = (INITRD.start().get(), INITRD.size());
    let in_pages = (machine.facts.tree.start().get(), machine.facts.tree.size().next_multiple_of(0x1000));
    machine.tree = with_reservations(&machine.tree, &[old, kept, in_pages]);
    let file = small();
    let plan = machine.plan(&Next::new(Blob::contiguous(&file, PhysAddr::new(0x8200_1000)))).expect("a plan");
    let tree = Fdt::new(machine.in_block(plan.tree)).expect("a tree");
    let found: Vec<_> = tree.memory_reservations().map(|range| (range.address(), range.size())).collect();
    assert_eq!(found, [kept]);
}

/// Returns a tree with these reservations (devicetree specification v0.4, 5.3).
fn with_reservations(tree: &[u8], reservations: &[(u64, u64)]) -> Vec<u8> {
    let word = |at: usize| u32::from_be_bytes(tree[at..at + 4].try_into().expect("a word")) as usize;
    let (at, more) = (word(16), reservations.len() * 16);
    let entries: Vec<u8> = reservations
        .iter()
        .flat_map(|(start, size)| [*start, *size].map(u64::to_be_bytes).concat())
        .collect();
    let mut new = [&tree[..at], &entries, &tree[at..]].concat();
    for field in [4, 8, 12] {
        let value = u32::try_from(word(field) + more).expect("a small tree");
        new[field..field + 4].copy_from_slice(&value.to_be_bytes());
    }
    new
}
