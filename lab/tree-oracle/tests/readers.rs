//! Both readers on sound trees, on mutations of them and on damaged bytes.

use std::fs;
use std::path::Path;

use landfall_plan::Rule;
use landfall_tree_oracle::{Mutator, Verdict, compare, samples};
use proptest::prelude::*;

/// Mutations in each run. The decision about the reader records a longer one.
const MUTATIONS: usize = 20_000;

/// Returns the samples, and QEMU's trees among the fuzz targets' inputs and the fixtures.
fn trees() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files =
        ["fuzz/corpus/tree/virt.dtb", "fuzz/corpus/readers/board.dtb", "fuzz/corpus/readers/virt.dtb"];
    let files = files.into_iter().chain(["crates/landfall-efi/tests/host/acpi/virt.dtb"]);
    let read = |file: &str| {
        let bytes = fs::read(root.join(file)).expect("a tree");
        // A file may be padded.
        let size = u32::from_be_bytes(*bytes[4..].first_chunk().expect("a header"));
        bytes[..size as usize].to_vec()
    };
    samples().into_iter().chain(files.map(read)).collect()
}

#[test]
fn sound_trees_are_accepted_with_equal_facts() {
    for (index, tree) in trees().iter().enumerate() {
        for boot_hart in 0..3 {
            assert_eq!(compare(tree, boot_hart), Verdict::Accepted, "tree {index}");
        }
    }
}

#[test]
fn mutated_trees_are_read_alike_and_reach_each_verdict() {
    let mut mutator = Mutator::new(18, &samples());
    let (mut accepted, mut bad_tree, mut too_many) = (0, 0, 0);
    for _ in 0..MUTATIONS {
        let (tree, boot_hart) = (mutator.tree(), mutator.boot_hart());
        match compare(&tree, boot_hart) {
            Verdict::Accepted => accepted += 1,
            Verdict::Refused(Rule::TooManyRanges) => too_many += 1,
            Verdict::Refused(_) => bad_tree += 1,
        }
    }
    // A mutator that breaks all trees would compare the first checks alone.
    assert!(accepted > MUTATIONS / 4 && bad_tree > MUTATIONS / 4, "{accepted} accepted, {bad_tree} refused");
    assert!(too_many > 0, "no tree has too many ranges");
}

#[test]
fn a_tree_that_is_cut_anywhere_is_read_alike() {
    for tree in samples() {
        for size in 0..tree.len() {
            let mut cut = tree[..size].to_vec();
            let _ = compare(&cut, 0);
            if let Some(field) = cut.get_mut(4..8) {
                field.copy_from_slice(&u32::try_from(size).expect("a size").to_be_bytes());
                let _ = compare(&cut, 0);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_bytes_are_read_alike(
        which in 0..3_usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut tree = samples().swap_remove(which);
        for (place, byte) in damage {
            let place = place.index(tree.len());
            tree[place] = byte;
        }
        let _ = compare(&tree, 1);
    }
}
