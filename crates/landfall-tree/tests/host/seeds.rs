//! Entropy: where it comes from, and that it leaves no trace.

use landfall_tree::{Entropy, Seeds};

use crate::read;
use crate::writer::{root, whole};

/// RFC 8439, appendix A.1, test vector 5: a key of zeros, a nonce that ends in 2, the first block.
const BLOCK: [u8; 64] = [
    0xc2, 0xc6, 0x4d, 0x37, 0x8c, 0xd5, 0x36, 0x37, 0x4a, 0xe2, 0x04, 0xb9, 0xef, 0x93, 0x3f, 0xcd, 0x1a,
    0x8b, 0x22, 0x88, 0xb3, 0xdf, 0xa4, 0x96, 0x72, 0xab, 0x76, 0x5b, 0x54, 0xee, 0x27, 0xc7, 0x8a, 0x97,
    0x0e, 0x0e, 0x95, 0x5c, 0x14, 0xf3, 0xa8, 0x8e, 0x74, 0x1b, 0x97, 0xc2, 0x86, 0xf7, 0x5f, 0x8f, 0xc2,
    0x99, 0xe8, 0x14, 0x83, 0x62, 0xfa, 0x19, 0x8a, 0x39, 0x53, 0x1b, 0xed, 0x6d,
];

fn tree(kaslr: Option<&[u8]>, rng: Option<&[u8]>) -> Vec<u8> {
    let chosen = root().begin("chosen").text("stdout-path", "/uart");
    let chosen = kaslr.into_iter().fold(chosen, |chosen, seed| chosen.bytes("kaslr-seed", seed));
    let chosen = rng.into_iter().fold(chosen, |chosen, seed| chosen.bytes("rng-seed", seed));
    whole(chosen.text("bootargs", "quiet").end())
}

fn take(tree: &mut [u8]) -> Option<Entropy> {
    let (_, found) = read(tree).expect("a sound tree");
    found.seeds.take(tree)
}

#[test]
fn the_draws_are_the_first_block_of_chacha20() {
    let seed = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    let entropy = take(&mut tree(Some(&seed), None)).expect("there is a seed");
    let word = |index: usize| u64::from_le_bytes(*BLOCK[index * 8..].first_chunk().expect("64 bytes"));
    assert_eq!((entropy.draws.linear_map, entropy.draws.kernel), (word(0), word(1)));
    assert_eq!((entropy.draws.tables, entropy.draws.spare), (word(6), word(7)));
}

#[test]
fn every_byte_of_either_seed_counts() {
    let (kaslr, rng) = ([7; 8], [9; 70]);
    let of =
        |kaslr: &[u8], rng: &[u8]| take(&mut tree(Some(kaslr), Some(rng))).expect("there is a seed").kernel;
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
fn raw_seeds_give_what_the_tree_gives() {
    for (kaslr, rng) in
        [(Some(&[3; 8][..]), None), (None, Some(&[4; 40][..])), (Some(&[5; 8]), Some(&[6; 32]))]
    {
        let bytes = tree(kaslr, rng);
        let (_, found) = read(&bytes).expect("a sound tree");
        assert_eq!(found.seeds.values(&bytes), (kaslr, rng));
        let raw = Entropy::from_seeds(kaslr, rng).expect("there is a seed");
        let taken = take(&mut bytes.clone()).expect("there is a seed");
        assert_eq!((&raw.draws, raw.kernel), (&taken.draws, taken.kernel));
    }
}

#[test]
fn no_seed_or_one_of_zeros_is_no_entropy() {
    assert!(take(&mut tree(None, None)).is_none());
    assert!(take(&mut tree(Some(&[0; 8]), Some(&[0; 32]))).is_none());
    assert!(take(&mut tree(Some(&[]), Some(&[]))).is_none());
}

#[test]
fn seeds_are_gone_from_the_tree_and_the_rest_stays() {
    let (kaslr, rng) = ([0xa5; 8], [0x5a; 33]);
    let mut tree = tree(Some(&kaslr), Some(&rng));
    assert!(take(&mut tree).is_some());
    assert!(
        !tree.windows(4).any(|bytes| bytes == &kaslr[..4] || bytes == &rng[..4]),
        "bytes of a seed are left"
    );
    let (facts, found) = read(&tree).expect("the tree is still sound");
    assert!(found.seeds.kaslr.is_none() && found.seeds.rng.is_none());
    assert_eq!(facts.command_line.size(), 5, "what stood behind them is still there");
}

#[test]
fn nothing_to_take_changes_nothing() {
    let mut tree = tree(None, None);
    let before = tree.clone();
    assert!(Seeds::default().take(&mut tree).is_none());
    assert_eq!(tree, before);
}
