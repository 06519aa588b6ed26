//! Damaged files: a rule refuses each, or it loads as the oracle says.

use landfall_wrap::Inner;
use proptest::prelude::*;

use crate::kernel::Kernel;
use crate::loaded::check::check;

/// The largest kernel that a test loads.
const LARGEST: u64 = 1 << 24;

/// Checks a damaged file. Returns true if no rule refuses it.
fn survives(file: &[u8]) -> bool {
    match Inner::read(file) {
        Err(refusal) => {
            assert!(refusal.to_string().contains("; "), "{refusal} has no remedy");
            false
        }
        Ok(inner) if inner.span().size() > LARGEST => true,
        Ok(_) => {
            check(file, u64::MAX / 3);
            true
        }
    }
}

fn kernels() -> [Vec<u8>; 2] {
    [Kernel::movable(0).file(), Kernel::fixed().file()]
}

/// Offsets of all that the rules read: headers, tables, dynamic section, slots.
fn places() -> impl Iterator<Item = usize> {
    (0..0x160).chain(0x2100..0x2140).chain(0x2800..0x2810).chain(0x3000..0x3020).chain(0x3800..0x3880)
}

#[test]
fn each_damaged_bit_is_refused_or_loads() {
    let mut survivors = 0;
    for file in kernels() {
        for bit in places().flat_map(|byte| (0..8).map(move |bit| byte * 8 + bit)) {
            let mut damaged = file.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            survivors += usize::from(survives(&damaged));
        }
    }
    assert!(survivors > 100, "{survivors}: nearly all damage is refused, so little is loaded");
}

#[test]
fn each_word_with_a_hostile_value_is_refused_or_loads() {
    const VALUES: [u64; 9] =
        [0, 1, 0x1000, 0x7fff_ffff_ffff_ffff, 1 << 63, u64::MAX, u64::MAX - 7, 0xffff_ffff_8000_0000, 0x5000];
    for file in kernels() {
        for at in places() {
            for value in VALUES {
                let mut damaged = file.clone();
                damaged[at..at + 8].copy_from_slice(&value.to_le_bytes());
                survives(&damaged);
            }
        }
    }
}

#[test]
fn each_cut_is_refused() {
    for file in kernels() {
        for size in (0..file.len()).step_by(13) {
            assert!(!survives(&file[..size]), "{size} bytes");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn several_damaged_words_are_refused_or_load(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u64>(), 0..64_u32), 1..5),
        fixed: bool,
    ) {
        let mut file = kernels()[usize::from(fixed)].clone();
        let places: Vec<usize> = places().step_by(4).collect();
        for (place, value, shift) in changes {
            let at = *place.get(&places);
            file[at..at + 8].copy_from_slice(&(value >> shift).to_le_bytes());
        }
        survives(&file);
    }
}
