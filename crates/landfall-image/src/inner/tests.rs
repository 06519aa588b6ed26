extern crate std;

use std::vec;
use std::vec::Vec;

use super::*;

const PARTS_OF_ALL_KINDS: [Part<'static>; 4] = [
    Part { kind: PartKind::Module, bytes: b"module" },
    Part { kind: PartKind::ModuleName, bytes: b"a.txt" },
    Part { kind: PartKind::Kernel, bytes: b"kernel of 19 bytes." },
    Part { kind: PartKind::CommandLine, bytes: b"" },
];

fn record(parts: &[Part<'_>], options: Options) -> Vec<u8> {
    let mut bytes = vec![0xff; size(parts)];
    write(parts, options, &mut bytes).expect("a record");
    bytes
}

#[test]
fn a_record_has_the_parts_and_options_that_were_written() {
    for physical in [InnerPlace::Random, InnerPlace::Lowest] {
        for replacement in [Replacement::Refused, Replacement::ByInitrd] {
            let options = Options { physical, replacement };
            let bytes = record(&PARTS_OF_ALL_KINDS, options);
            let read = InnerRecord::read(&bytes).expect("a record");
            assert_eq!(read.options(), options);
            assert!(read.parts().eq(PARTS_OF_ALL_KINDS));
            assert_eq!(read.kernel(), PARTS_OF_ALL_KINDS[2].bytes);
        }
    }
}

#[test]
fn each_damaged_bit_is_found() {
    let good = record(&PARTS_OF_ALL_KINDS, Options::default());
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert!(InnerRecord::read(&bad).is_err(), "bit {bit}");
    }
    for size in 0..good.len() {
        assert!(InnerRecord::read(&good[..size]).is_err(), "{size} bytes");
    }
}

/// A record whose checksum is right for its damage.
fn forged(offset: usize, word: u64) -> Result<(), InnerError> {
    let mut bytes = record(&PARTS_OF_ALL_KINDS, Options::default());
    bytes[offset..offset + 8].copy_from_slice(&word.to_le_bytes());
    let sum = checksum(&bytes);
    bytes[CHECKSUM..CHECKSUM + 8].copy_from_slice(&sum.to_le_bytes());
    InnerRecord::read(&bytes).map(|_| ())
}

#[test]
fn parts_lie_behind_the_list_and_in_the_record() {
    assert_eq!(forged(PARTS, PartKind::Module.number()), Ok(()));
    for (offset, word) in [
        (PARTS, 0),
        (PARTS, 5),
        (PARTS + 8, 0),
        (PARTS + 8, PARTS as u64 + 8),
        (PARTS + 8, u64::MAX),
        (PARTS + 16, u64::MAX),
        (PARTS + 16, 1 << 20),
    ] {
        assert_eq!(forged(offset, word), Err(InnerError::Part { number: 0 }), "{word:#x} at {offset}");
    }
    for count in [5, 1 << 61, u64::MAX] {
        assert!(matches!(forged(COUNT, count), Err(InnerError::Part { .. })), "{count} parts");
    }
    assert_eq!(forged(8, 4 << 32 | u64::from(VERSION)), Err(InnerError::Options { found: 4 }));
}

#[test]
fn a_record_has_one_kernel() {
    let [module, name, kernel, _] = PARTS_OF_ALL_KINDS;
    for parts in [&[module, name][..], &[kernel, kernel]] {
        assert_eq!(write(parts, Options::default(), &mut vec![0; size(parts)]), Err(InnerError::Kernels));
    }
    let short = write(&[kernel], Options::default(), &mut [0; 8]);
    assert_eq!(short, Err(InnerError::TooShort { size: 8 }));
}

#[test]
fn a_record_is_found_in_an_image() {
    let mut image = vec![0; 3 * ALIGNMENT];
    assert_eq!(InnerRecord::find(&image), None);
    image[ALIGNMENT + 8..ALIGNMENT + 16].copy_from_slice(&MAGIC.to_le_bytes());
    image[2 * ALIGNMENT..2 * ALIGNMENT + 8].copy_from_slice(&MAGIC.to_le_bytes());
    assert_eq!(InnerRecord::find(&image), Some(2 * ALIGNMENT));
}
