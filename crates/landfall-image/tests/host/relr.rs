//! RELR tables.

use landfall_image::relr::{Slots, Words, count};
use proptest::prelude::*;

use crate::draws;

/// The decoder of the ELF gABI, word for word.
fn naive(words: &[u64]) -> Vec<u64> {
    let mut slots = vec![];
    let mut base = 0_u64;
    for &word in words {
        if word % 2 == 0 {
            slots.push(word);
            base = word.wrapping_add(8);
        } else {
            for bit in 0..63 {
                if word >> (bit + 1) & 1 == 1 {
                    slots.push(base.wrapping_add(bit * 8));
                }
            }
            base = base.wrapping_add(63 * 8);
        }
    }
    slots
}

/// An encoder, to have sound tables: for each address that no bitmap reaches, the address, then
/// bitmaps as long as they hold a slot.
fn encode(slots: &[u64]) -> Vec<u64> {
    let mut words = vec![];
    let mut rest = slots.iter().copied().peekable();
    while let Some(first) = rest.next() {
        words.push(first);
        let mut base = first + 8;
        loop {
            let mut bitmap = 0;
            while let Some(slot) = rest.next_if(|&slot| slot < base + 63 * 8) {
                bitmap |= 1 << ((slot - base) / 8);
            }
            if bitmap == 0 {
                break;
            }
            words.push(bitmap << 1 | 1);
            base += 63 * 8;
        }
    }
    words
}

proptest! {
    #![proptest_config(draws(2048))]

    #[test]
    fn any_table_is_read_as_the_gabi_says(
        words in prop::collection::vec(prop_oneof![any::<u64>(), (0..4096_u64).prop_map(|n| n * 8), Just(1)], 0..12),
    ) {
        let slots: Vec<u64> = Slots::new(words.iter().copied()).collect();
        prop_assert_eq!(&slots, &naive(&words));
        prop_assert_eq!(count(words.iter().copied()), slots.len() as u64);
    }

    #[test]
    fn a_sound_table_gives_back_the_slots_that_it_was_made_of(
        slots in prop::collection::btree_set((0..2000_u64).prop_map(|n| 0xffff_ffff_8000_0000 + n * 8), 0..400),
    ) {
        let slots: Vec<u64> = slots.into_iter().collect();
        let words = encode(&slots);
        prop_assert!(words.len() <= slots.len());
        prop_assert!(Words::of(slots.iter().copied()).eq(words.iter().copied()));
        prop_assert!(Slots::new(words.into_iter()).eq(slots));
    }
}
