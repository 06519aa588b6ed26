//! Entropy: its sources, its bits, and that it leaves no trace.

use landfall_plan::randomness::{Seed, SeedSource};
use landfall_tree::{Entropy, MAX_SEEDS, Seeds, Tree};
use proptest::prelude::*;

use crate::chacha::mixed;
use crate::read;
use crate::writer::{Writer, root, whole};

const KASLR: SeedSource = SeedSource::KASLR_SEED;
const RNG: SeedSource = SeedSource::RNG_SEED;

fn tree(kaslr: &[&[u8]], rng: &[&[u8]]) -> Vec<u8> {
    let chosen = root().begin("chosen").text("stdout-path", "/uart");
    let chosen = kaslr.iter().fold(chosen, |chosen, seed| chosen.bytes("kaslr-seed", seed));
    let chosen = rng.iter().fold(chosen, |chosen, seed| chosen.bytes("rng-seed", seed));
    whole(chosen.text("bootargs", "quiet").end())
}

fn take(tree: &mut [u8]) -> Option<Entropy> {
    let (mut facts, found) = read(tree).expect("a sound tree");
    found.seeds.take(tree, &mut facts, &[])
}

fn words(entropy: &Entropy) -> Vec<u64> {
    let draws = &entropy.draws;
    let all = [
        draws.linear_map,
        draws.kernel,
        draws.physical,
        draws.near,
        draws.dynamic,
        draws.stacks,
        draws.tables,
    ];
    let kernel = entropy.kernel().copied().unwrap_or_default();
    all.into_iter().chain([draws.spare]).chain(kernel).collect()
}

fn seed_of(tree: &mut [u8]) -> Seed {
    take(tree).expect("there is a seed").draws.seed
}

proptest! {
    #[test]
    fn the_generator_is_the_documented_one(
        kaslr in prop::collection::vec(1..=u8::MAX, 0..70),
        rng in prop::collection::vec(1..=u8::MAX, 0..140),
        zkr in prop::collection::vec(1..=u8::MAX, 8..80),
    ) {
        let seeds = [(KASLR, &kaslr[..]), (RNG, &rng), (SeedSource::ZKR, &zkr)];
        let entropy = Entropy::mix(seeds).expect("there is a seed");
        let expected = mixed(&kaslr, &rng, &zkr);
        let long_enough = (kaslr.len() + rng.len()) * 8 + zkr.len() * 4 >= 64;
        prop_assert_eq!(entropy.kernel().is_some(), long_enough);
        let count = if long_enough { 12 } else { 8 };
        prop_assert_eq!(&words(&entropy)[..count], &expected[..count]);
    }
}

#[test]
fn every_byte_of_each_seed_counts() {
    let (kaslr, rng) = ([7; 8], [9; 70]);
    let of = |kaslr: &[u8], rng: &[u8]| words(&take(&mut tree(&[kaslr], &[rng])).expect("there is a seed"));
    let plain = of(&kaslr, &rng);
    assert_eq!(plain, of(&kaslr, &rng), "the same seeds give the same");
    for index in 0..8 {
        let mut other = kaslr;
        other[index] ^= 1;
        assert_ne!(of(&other, &rng), plain, "kaslr-seed, byte {index}");
    }
    for index in 0..70 {
        let mut other = rng;
        other[index] ^= 1;
        assert_ne!(of(&kaslr, &other), plain, "rng-seed, byte {index}");
    }
}

#[test]
fn two_equal_halves_do_not_cancel() {
    let of = |half: u8| words(&take(&mut tree(&[], &[&[half; 64]])).expect("there is a seed"));
    assert_ne!(of(1), of(2));
}

#[test]
fn seeds_that_differ_in_where_one_ends_differ() {
    let of = |kaslr: &[u8], rng: &[u8]| words(&take(&mut tree(&[kaslr], &[rng])).expect("there is a seed"));
    assert_ne!(of(&[5; 8], &[5; 32]), of(&[5; 9], &[5; 31]));
    assert_ne!(of(&[5; 8], &[5; 8]), of(&[5; 8], &[5, 5, 5, 5, 5, 5, 5, 5, 0]));
}

#[test]
fn the_bits_are_those_that_the_seeds_can_hold() {
    for (kaslr, rng, bits, source) in [
        (&[][..], &[0x42][..], 8, RNG),
        (&[0x12, 0x34, 0x56, 0x78], &[], 32, KASLR),
        (&[1; 8], &[], 64, KASLR),
        (&[1; 8], &[2; 8], 128, KASLR.and(RNG)),
        (&[], &[3; 31], 248, RNG),
        (&[1; 8], &[3; 31], 256, KASLR.and(RNG)),
        (&[], &[3; 64], 256, RNG),
        (&[0; 8], &[3; 4], 32, RNG),
    ] {
        let seed = seed_of(&mut tree(&[kaslr], &[rng]));
        assert_eq!(seed, Seed { source, bits }, "{kaslr:?}, {rng:?}");
    }
}

#[test]
fn a_kernel_gets_no_entropy_from_fewer_than_64_bits() {
    let kernel = |size: usize| {
        let entropy = take(&mut tree(&[], &[&vec![3; size]])).expect("there is a seed");
        entropy.kernel().is_some()
    };
    assert_eq!((kernel(7), kernel(8)), (false, true));
}

#[test]
fn the_harts_generator_counts_half_of_its_bits() {
    let mut bytes = tree(&[], &[]);
    let (mut facts, found) = read(&bytes).expect("a sound tree");
    let entropy = found.seeds.take(&mut bytes, &mut facts, &[9; 32]).expect("there is a seed");
    assert_eq!(entropy.draws.seed, Seed { source: SeedSource::ZKR, bits: 128 });
}

#[test]
fn a_seed_that_repeats_counts_once() {
    let entropy = take(&mut tree(&[], &[&[7], &[7]])).expect("there is a seed");
    assert_eq!(entropy.draws.seed.bits, 8);
    assert_eq!(words(&entropy), words(&take(&mut tree(&[], &[&[7]])).expect("there is a seed")));
    assert_eq!(seed_of(&mut tree(&[], &[&[7], &[8]])).bits, 16);
}

#[test]
fn no_seed_or_one_of_zeros_is_no_entropy() {
    assert!(take(&mut tree(&[], &[])).is_none());
    assert!(take(&mut tree(&[&[0; 8]], &[&[0; 32]])).is_none());
    assert!(take(&mut tree(&[&[]], &[&[]])).is_none());
}

#[test]
fn every_seed_of_every_chosen_is_gone_and_the_rest_stays() {
    let (kaslr, rng) = ([0xa5; 8], [0x5a; 33]);
    let one = |tree: Writer, name: &str| {
        let tree = tree.begin(name).bytes("kaslr-seed", &kaslr).bytes("rng-seed", &rng);
        tree.bytes("rng-seed", &rng).text("bootargs", "quiet").end()
    };
    let mut tree = whole(one(one(root(), "chosen").begin("soc").end(), "chosen@0"));
    assert!(take(&mut tree).is_some());
    assert!(
        !tree.windows(4).any(|bytes| bytes == &kaslr[..4] || bytes == &rng[..4]),
        "bytes of a seed are left"
    );
    let (_, found) = read(&tree).expect("the tree is still sound");
    assert!(found.seeds.is_empty());
    assert!(Tree::new(&tree).and_then(Tree::seeds).expect("the tree is still sound").is_empty());
}

#[test]
fn the_seeds_alone_are_those_of_every_chosen() {
    for names in [["chosen", "chosen"], ["chosen", "chosen@1"], ["chosen@0", "chosen@1"]] {
        let mut tree = whole(names.iter().fold(root(), |tree, name| {
            tree.begin(name).bytes("kaslr-seed", &[7; 8]).begin("n").bytes("rng-seed", &[8; 8]).end().end()
        }));
        let seeds = Tree::new(&tree).and_then(Tree::seeds).expect("a sound tree");
        seeds.delete(&mut tree);
        assert!(!tree.windows(8).any(|bytes| bytes == [7; 8]), "{names:?}");
        assert!(tree.windows(8).any(|bytes| bytes == [8; 8]), "a child has no seeds");
    }
}

#[test]
fn the_structure_block_ends_where_the_deleted_seeds_have_moved_its_end() {
    let size = |tree: &[u8]| u32::from_be_bytes([tree[36], tree[37], tree[38], tree[39]]);
    let mut tree = tree(&[&[3; 8]], &[&[4; 5], &[6; 33]]);
    let (before, seeds) = (size(&tree), read(&tree).expect("a sound tree").1.seeds);
    assert!(!seeds.is_empty());
    assert!(take(&mut tree).is_some());
    // Each property takes three words, and its value in whole words.
    assert_eq!(before - size(&tree), 3 * 12 + 8 + 8 + 36);
}

#[test]
fn no_text_of_entropy_holds_its_words() {
    let entropy = take(&mut tree(&[], &[&[9; 64]])).expect("a seed");
    assert_eq!(format!("{entropy:?}"), "Entropy { .. }");
}

#[test]
fn the_command_line_is_found_where_it_has_moved() {
    for (before, behind) in [(0, 2), (1, 1), (2, 0)] {
        let seeds = |writer, count| {
            (0..count).fold(writer, |writer: Writer, at| writer.bytes("rng-seed", &[at + 1; 5]))
        };
        let chosen = seeds(seeds(root().begin("chosen"), before).text("bootargs", "quiet loud"), behind);
        let mut tree = whole(chosen.end());
        let (mut facts, found) = read(&tree).expect("a sound tree");
        assert!(found.seeds.take(&mut tree, &mut facts, &[]).is_some());
        let at = usize::try_from(facts.command_line.start().get() - crate::PLACE).expect("an offset");
        assert_eq!(&tree[at..at + 11], b"quiet loud\0", "{before} seeds before it, {behind} behind it");
        assert_eq!(facts.command_line, read(&tree).expect("a sound tree").0.command_line);
    }
}

#[test]
fn more_seeds_than_can_be_kept_are_refused() {
    let seeds = |count: usize| {
        let all: Vec<[u8; 1]> = (0..count).map(|at| [u8::try_from(at + 1).expect("a byte")]).collect();
        tree(&[], &all.iter().map(<[u8; 1]>::as_slice).collect::<Vec<_>>())
    };
    assert!(read(&seeds(MAX_SEEDS)).is_ok());
    assert_eq!(read(&seeds(MAX_SEEDS + 1)).expect_err("too many").rule().number(), 6);
    assert!(Tree::new(&seeds(MAX_SEEDS + 1)).and_then(Tree::seeds).is_err());
}

#[test]
fn nothing_to_take_changes_nothing() {
    let mut tree = tree(&[], &[]);
    let before = tree.clone();
    let (mut facts, _) = read(&tree).expect("a sound tree");
    assert!(Seeds::default().take(&mut tree, &mut facts, &[]).is_none());
    assert_eq!(tree, before);
}

#[test]
fn seeds_of_another_tree_delete_nothing() {
    let seeds = read(&tree(&[], &[&[1; 900]])).expect("a sound tree").1.seeds;
    let mut small = whole(root());
    let before = small.clone();
    seeds.delete(&mut small);
    assert_eq!(small, before);
    seeds.delete(&mut []);
}
