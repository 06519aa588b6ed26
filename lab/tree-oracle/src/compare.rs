//! The comparison of the two readers.

use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::randomness::SeedSource;
use landfall_plan::{Facts, Refusal, Rule};
use landfall_tree::Tree;

use crate::found::{Seed, TreeContents};
use crate::validate;

/// The place of each tree in memory.
const PLACE: PhysAddr = PhysAddr::new(0x8800_0000);
/// The offset of the header's field `size_dt_struct`.
const STRUCTURE_SIZE: usize = 36;

/// The verdict of both readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Both have read the same facts.
    Accepted,
    /// Both refuse, by this rule.
    Refused(Rule),
}

/// Reads a tree with both readers, at a multiple of 4 and elsewhere. A landing reads the words of
/// the first, and the bytes of the second.
///
/// # Panics
/// If the readers differ: in their verdict, the rule, the message and the offset of a refusal, a
/// fact, a seed or a feature. Also if anything of a refused tree is left in the facts.
#[must_use]
pub fn compare(bytes: &[u8], boot_hart: u64) -> Verdict {
    let mut memory = vec![0; bytes.len() + 8];
    let aligned = memory.as_ptr().align_offset(4);
    let [verdict, elsewhere] = [aligned, aligned + 1].map(|at| {
        let place = &mut memory[at..][..bytes.len()];
        place.copy_from_slice(bytes);
        compare_here(place, boot_hart)
    });
    assert_eq!(verdict, elsewhere, "at another address");
    verdict
}

fn compare_here(bytes: &[u8], boot_hart: u64) -> Verdict {
    let (mut facts, mut expected) = (known(bytes, boot_hart), known(bytes, boot_hart));
    let found = Tree::read(bytes, &mut facts);
    let screened = Tree::new(bytes);
    match (&screened, validate::Tree::new(bytes).map(|_| ())) {
        (Ok(_), Ok(())) => {}
        (Err(refusal), Err(expected)) => same_refusal(bytes, *refusal, expected),
        (found, expected) => panic!("the screen: {found:?}, and not {expected:?}"),
    }
    match (found, crate::read(bytes, &mut expected)) {
        (Ok(found), Ok(contents)) => {
            same_facts(&facts, &expected);
            assert_eq!(found.lists_boot_hart, contents.lists_boot_hart, "lists_boot_hart");
            assert_eq!(found.lacks_memory_map, contents.lacks_memory_map, "lacks_memory_map");
            same_seeds(bytes, &found, &contents);
            let features = screened.expect("it was read").hart_features(|_| true);
            let expected = validate::Tree { bytes: &crate::from_the_root(bytes) }.hart_features();
            assert_eq!((features.svpbmt, features.cache_block), expected, "the features");
            Verdict::Accepted
        }
        (Err(refusal), Err(expected)) => {
            same_refusal(bytes, refusal, expected);
            same_facts(&facts, &Facts::UNKNOWN);
            Verdict::Refused(refusal.rule())
        }
        (found, expected) => panic!("{:?}, and not {:?}", found.map(|_| ()), expected.map(|_| ())),
    }
}

fn known(bytes: &[u8], boot_hart: u64) -> Facts {
    let mut facts = Facts::UNKNOWN;
    facts.tree = PhysRange::new(PLACE, bytes.len() as u64);
    facts.boot_hart = boot_hart;
    facts
}

/// A structure block of no whole words has no end. For a value in its last bytes the refusals have
/// other words.
fn same_refusal(bytes: &[u8], refusal: Refusal, expected: Refusal) {
    let size = bytes.get(STRUCTURE_SIZE + 3).copied().unwrap_or_default();
    if size.is_multiple_of(4) {
        assert_eq!(refusal, expected);
    } else {
        assert_eq!(refusal.rule(), expected.rule());
    }
}

fn same_facts(facts: &Facts, expected: &Facts) {
    assert_eq!(facts.ram, expected.ram, "ram");
    assert_eq!(facts.no_map, expected.no_map, "no_map");
    assert_eq!(facts.reserved, expected.reserved, "reserved");
    assert_eq!(facts.unplaced_reservations, expected.unplaced_reservations, "unplaced_reservations");
    assert_eq!(facts.tree, expected.tree, "tree");
    assert_eq!(facts.initrd, expected.initrd, "initrd");
    assert_eq!(facts.initrd_fault, expected.initrd_fault, "initrd_fault");
    assert_eq!(facts.kexec, expected.kexec, "kexec");
    assert_eq!(facts.command_line, expected.command_line, "command_line");
    assert_eq!(facts.options, expected.options, "options");
    assert!(facts.harts.iter().eq(expected.harts.iter()), "{:?}, and not {:?}", facts.harts, expected.harts);
    assert_eq!(facts.harts.beyond(), expected.harts.beyond(), "beyond");
    assert_eq!(facts.boot_hart, expected.boot_hart, "boot_hart");
    assert_eq!(facts.zero_block, expected.zero_block, "zero_block");
    assert_eq!(facts.timebase, expected.timebase, "timebase");
}

/// The seeds have the same values, and without them both trees have the same bytes.
fn same_seeds(bytes: &[u8], found: &landfall_tree::TreeContents, expected: &TreeContents) {
    for source in [SeedSource::KASLR_SEED, SeedSource::RNG_SEED] {
        let mut values: Vec<&[u8]> = Vec::new();
        for seed in expected.seeds.iter().filter(|seed| seed.source == source) {
            let value = &bytes[seed.value.clone()];
            if value.iter().any(|byte| *byte != 0) && !values.contains(&value) {
                values.push(value);
            }
        }
        assert!(found.seeds.values(bytes, source).eq(values), "{source:?}");
    }
    let mut without = bytes.to_vec();
    found.seeds.delete(&mut without);
    assert!(without == deleted(bytes, &expected.seeds), "the tree without its seeds");
    let alone = Tree::new(bytes).and_then(Tree::seeds).expect("it was read");
    let mut again = bytes.to_vec();
    alone.delete(&mut again);
    assert!(without == again, "the seeds alone");
}

/// Returns the tree without these properties: the block behind each moves down.
fn deleted(bytes: &[u8], seeds: &[Seed]) -> Vec<u8> {
    let word = |at: usize| u32::from_be_bytes(*bytes[at..].first_chunk().expect("a header")) as usize;
    let end = word(8) + word(STRUCTURE_SIZE);
    let mut tree = bytes.to_vec();
    let mut gone = 0;
    for seed in seeds.iter().rev() {
        let place = seed.value.start - 12..seed.value.end.next_multiple_of(4);
        gone += place.len();
        tree.splice(end..end, vec![0; place.len()]);
        tree.drain(place);
    }
    let size = u32::try_from(word(STRUCTURE_SIZE) - gone).expect("a size");
    tree[STRUCTURE_SIZE..STRUCTURE_SIZE + 4].copy_from_slice(&size.to_be_bytes());
    tree
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    /// Compares the facts of a tree with the same ones after a change.
    fn differ(change: impl Fn(&mut Facts)) {
        let tree = &samples()[0];
        let (mut facts, mut expected) = (known(tree, 1), known(tree, 1));
        Tree::read(tree, &mut facts).expect("a sound tree");
        crate::read(tree, &mut expected).expect("a sound tree");
        same_facts(&facts, &expected);
        change(&mut expected);
        same_facts(&facts, &expected);
    }

    #[test]
    #[should_panic(expected = "timebase")]
    fn another_number_is_a_difference() {
        differ(|facts| facts.timebase += 1);
    }

    #[test]
    #[should_panic(expected = "no_map")]
    fn a_range_less_is_a_difference() {
        differ(|facts| facts.no_map.clear());
    }

    #[test]
    #[should_panic(expected = "Harts")]
    fn a_hart_less_is_a_difference() {
        differ(|facts| facts.harts.clear());
    }

    #[test]
    #[should_panic(expected = "left == right")]
    fn another_offset_is_a_difference() {
        let at = |offset| Refusal::BadTree { offset, what: "" };
        same_refusal(&[0; 40], at(1), at(2));
    }

    #[test]
    #[should_panic(expected = "the tree without its seeds")]
    fn a_seed_less_is_a_difference() {
        let tree = &samples()[0];
        let mut facts = known(tree, 1);
        let found = Tree::read(tree, &mut facts).expect("a sound tree");
        let mut contents = crate::read(tree, &mut facts).expect("a sound tree");
        contents.seeds.push(Seed { source: SeedSource::ZKR, value: tree.len() - 8..tree.len() });
        same_seeds(tree, &found, &contents);
    }
}
