//! Lengths, for all encodings.

use landfall_inspect::decode::{Operation, decode, length};

use super::raw::disassemble_bytes;

/// The table of the unprivileged specification, "Expanded Instruction-Length Encoding", read as
/// text from the most significant bit: x is any bit.
const TABLE: [(&str, Option<u8>); 8] = [
    ("xxxxxxxxxxxxxx00", Some(2)),
    ("xxxxxxxxxxxxxx01", Some(2)),
    ("xxxxxxxxxxxxxx10", Some(2)),
    ("xxxxxxxxxx011111", Some(6)),
    ("xxxxxxxxx0111111", Some(8)),
    ("x111xxxxx1111111", None),
    // (80 + 16 nnn) bits: below, since it is no constant.
    ("xnnnxxxxx1111111", Some(0)),
    // aa, bbb: neither of the above.
    ("xxxxxxxxxxxbbb11", Some(4)),
];

fn matches(pattern: &str, parcel: u16) -> bool {
    pattern.bytes().rev().enumerate().all(|(bit, wanted)| match wanted {
        b'0' => parcel >> bit & 1 == 0,
        b'1' => parcel >> bit & 1 == 1,
        _ => true,
    })
}

#[test]
fn all_lengths_are_those_of_the_specification() {
    for parcel in 0..=u16::MAX {
        let (_, stated) = TABLE.iter().find(|(pattern, _)| matches(pattern, parcel)).unwrap();
        let wanted = match stated {
            Some(0) => Some(u8::try_from((80 + 16 * (parcel >> 12 & 7)) / 8).unwrap()),
            other => *other,
        };
        assert_eq!(length(parcel), wanted, "{parcel:#06x}");
    }
}

/// In a stream of all first parcels, each filled up to its length, the disassembler finds the same
/// places.
#[test]
#[ignore = "needs a disassembler: cargo test -- --include-ignored"]
fn a_sweep_over_all_lengths_stays_in_step() {
    let (mut code, mut places) = (Vec::new(), Vec::new());
    for parcel in 0..=u16::MAX {
        let Some(length) = length(parcel) else { continue };
        places.push(u64::try_from(code.len()).unwrap());
        code.extend(parcel.to_le_bytes());
        code.resize(code.len() + usize::from(length) - 2, 0);
    }
    let theirs: Vec<u64> = disassemble_bytes(&code).iter().map(|line| line.address).collect();
    let mut ours = Vec::new();
    let mut at = 0;
    while let Some(found) = decode(&code[at..]) {
        ours.push(u64::try_from(at).unwrap());
        at += usize::from(found.length);
    }
    assert_eq!(ours, places);
    assert_eq!(theirs, places);
}

#[test]
fn what_ends_too_early_is_no_instruction() {
    for parcel in 0..=u16::MAX {
        let Some(length) = length(parcel) else { continue };
        let mut bytes = parcel.to_le_bytes().to_vec();
        bytes.resize(usize::from(length), 0);
        assert!(decode(&bytes).is_some());
        assert!(decode(&bytes[..usize::from(length) - 1]).is_none(), "{parcel:#06x}");
    }
}

#[test]
fn long_encodings_are_unknown() {
    let bytes = [0x1f, 0, 0, 0, 0, 0];
    assert_eq!(decode(&bytes).unwrap().operation, Operation::Unknown);
}
