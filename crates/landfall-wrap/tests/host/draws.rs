//! The draws against `ChaCha20`, written out.

use landfall_wrap::InnerDraws;
use proptest::prelude::*;

/// The first block of `ChaCha20` with a nonce of 64 bits, as its author defined it.
fn block(key: [u8; 32], nonce: [u8; 8]) -> Vec<u8> {
    let words = |bytes: &[u8]| -> Vec<u32> {
        bytes.chunks(4).map(|word| u32::from_le_bytes(word.try_into().expect("four bytes"))).collect()
    };
    let input: Vec<u32> =
        [words(b"expand 32-byte k"), words(&key), vec![0, 0], words(&nonce)].into_iter().flatten().collect();
    let mut state = input.clone();
    let mut quarter = |a: usize, b: usize, c: usize, d: usize| {
        for (x, y, z, turn) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
            state[x] = state[x].wrapping_add(state[y]);
            state[z] = (state[z] ^ state[x]).rotate_left(turn);
        }
    };
    for _ in 0..10 {
        for column in 0..4 {
            quarter(column, column + 4, column + 8, column + 12);
        }
        for column in 0..4 {
            quarter(column, (column + 1) % 4 + 4, (column + 2) % 4 + 8, (column + 3) % 4 + 12);
        }
    }
    state.iter().zip(input).flat_map(|(word, input)| word.wrapping_add(input).to_le_bytes()).collect()
}

proptest! {
    #[test]
    fn draws_are_one_block(entropy: [u8; 32]) {
        let expected = block(entropy, *b"inner   ");
        let draws = InnerDraws::new(&entropy);
        prop_assert_eq!(&draws.virt.to_le_bytes()[..], &expected[..8]);
        prop_assert_eq!(&draws.phys.to_le_bytes()[..], &expected[8..16]);
        prop_assert_eq!(&draws.entropy[..], &expected[16..48]);
    }
}

#[test]
fn no_draw_is_printed() {
    let printed = format!("{:?}", InnerDraws::new(&[7; 32]));
    assert_eq!(printed, "InnerDraws { .. }");
}
