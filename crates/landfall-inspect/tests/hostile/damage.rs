//! Arbitrary bytes, and good files with arbitrary damage.

use proptest::prelude::*;

use crate::check;
use crate::small::{Segment, elf};

fn good() -> Vec<u8> {
    elf(&[Segment(5, 0x8020_0000, 0x1000, 0x1000), Segment(6, 0x8020_1000, 0x2000, 0x1000)])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes_give_an_answer(mut file in proptest::collection::vec(any::<u8>(), 0..2000), kind in 0..3) {
        let magic: (usize, &[u8]) = match kind {
            0 => (0, b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xf3\0\x01\0\0\0"),
            1 => (0x30, b"RISCV\0\0\0RSC\x05"),
            _ => (0x40, b"LANDFALL\x02\0\0\0"),
        };
        if let Some(place) = file.get_mut(magic.0..magic.0 + magic.1.len()) {
            place.copy_from_slice(magic.1);
        }
        check(&file);
    }

    #[test]
    fn damaged_headers_give_an_answer(damage in proptest::collection::vec((0_usize..200, any::<u8>()), 1..12)) {
        let mut file = good();
        for (at, byte) in damage {
            file[at] = byte;
        }
        check(&file);
    }

    #[test]
    fn a_file_that_ends_early_gives_an_answer(size in 0_usize..0x3000) {
        check(&good()[..size]);
    }
}
