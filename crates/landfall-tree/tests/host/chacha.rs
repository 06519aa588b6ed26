//! `ChaCha20` (RFC 8439, 2.3) and what the landing makes of it, written down again from the
//! documents.

/// One block, as 16 words.
pub(crate) fn block(key: [u8; 32], counter: u32, nonce: [u32; 3]) -> [u32; 16] {
    let mut start = [0; 16];
    start[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
    for (word, bytes) in start[4..12].iter_mut().zip(key.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    start[12] = counter;
    start[13..].copy_from_slice(&nonce);
    let mut words = start;
    for _ in 0..10 {
        for [a, b, c, d] in [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15]] {
            quarter(&mut words, a, b, c, d);
        }
        for [a, b, c, d] in [[0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]] {
            quarter(&mut words, a, b, c, d);
        }
    }
    std::array::from_fn(|index| words[index].wrapping_add(start[index]))
}

fn quarter(words: &mut [u32; 16], a: usize, b: usize, c: usize, d: usize) {
    for (x, y, z, turn) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
        words[x] = words[x].wrapping_add(words[y]);
        words[z] = (words[z] ^ words[x]).rotate_left(turn);
    }
}

/// The 16 words of 64 bits that come of these seeds.
pub(crate) fn mixed(kaslr: &[u8], rng: &[u8], zkr: &[u8]) -> [u64; 16] {
    let all = [kaslr, rng, zkr].concat();
    let parts: Vec<&[u8]> = all.chunks(32).collect();
    let (last, before) = parts.split_last().expect("there is a seed");
    let with = |key: [u8; 32], part: &[u8]| {
        std::array::from_fn(|index| key[index] ^ part.get(index).copied().unwrap_or(0))
    };
    let mut key = [0; 32];
    for part in before {
        let next = block(with(key, part), 0, [0; 3]);
        key = std::array::from_fn(|index| next[index / 4].to_le_bytes()[index % 4]);
    }
    let lengths = [kaslr, rng, zkr].map(|seed| u32::try_from(seed.len()).expect("a small seed"));
    let key = with(key, last);
    let words = [block(key, 0, lengths), block(key, 1, lengths)].concat();
    std::array::from_fn(|index| u64::from(words[2 * index]) | u64::from(words[2 * index + 1]) << 32)
}

#[test]
fn the_block_is_that_of_rfc_8439() {
    // 2.3.2, the test vector.
    let key = std::array::from_fn(|index| u8::try_from(index).expect("below 32"));
    let words = block(key, 1, [0x0900_0000, 0x4a00_0000, 0]);
    assert_eq!(words[..4], [0xe4e7_f110, 0x1559_3bd1, 0x1fdd_0f50, 0xc471_20a3]);
    assert_eq!(words[12..], [0xd19c_12b5, 0xb94e_16de, 0xe883_d0cb, 0x4e3c_50a2]);
}
