//! Words as they lie in memory: numbers of all sizes, and names of all lengths. `read` reads each
//! tree at all addresses modulo 8.

use landfall_plan::Refusal;

use crate::read;
use crate::writer::{Writer, root, whole};

/// A tree with two pages of RAM behind its last property.
fn with_memory(tree: Writer) -> Vec<u8> {
    whole(tree.node("m", 0x8000_0000, 0x2000).text("device_type", "memory").end())
}

fn what(tree: &[u8]) -> &'static str {
    match read(tree) {
        Err(Refusal::BadTree { what, .. }) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_value_has_any_size() {
    for size in [0, 1, 3, 4, 5, 0xff, 0x100, 0x101, 0xffff, 0x1_0000, 0x1_0001, 0x12_3456] {
        let (facts, _) = read(&with_memory(root().bytes("large", &vec![3; size]))).expect("a sound tree");
        assert_eq!(facts.ram.size(), 0x2000, "{size:#x}");
    }
    for size in [0x100, 0x1_0000, 0x100_0000, u32::MAX - 3, u32::MAX] {
        let huge = root().word(3).word(size).word(0).word(0);
        assert_eq!(what(&whole(huge)), "a property's value is truncated", "{size:#x}");
    }
}

#[test]
fn a_name_has_any_offset() {
    for size in [0, 0xfd, 0x100, 0x1f0, 0x1f1, 0x200, 0xffe0, 0x1_0000, 0x12_3456] {
        let (facts, _) = read(&with_memory(root().bytes(&"n".repeat(size), &[]))).expect("a sound tree");
        assert_eq!(facts.ram.size(), 0x2000, "{size:#x}");
    }
    for offset in [0x100, 0x1_0000, 0x100_0000, u32::MAX] {
        let outside = root().word(3).word(0).word(offset);
        assert_eq!(what(&whole(outside)), "a property's name is outside the strings block", "{offset:#x}");
    }
}

#[test]
fn each_byte_of_a_property_name_is_ascii() {
    let tree = root().text("a-name-of-a-property-that-no-landing-looks-for", "");
    for at in 0..tree.strings.len() - 1 {
        for byte in [0x80, 0xff] {
            let mut foreign = tree.clone();
            foreign.strings[at] = byte;
            assert_eq!(what(&whole(foreign)), "a property's name is not ASCII", "{byte:#x} at {at}");
        }
    }
}

#[test]
fn each_byte_of_a_node_name_is_ascii() {
    const WRONG: &str = "a node's name is not ASCII, or has no terminating zero";
    for length in 1..10 {
        let tree = with_memory(root().begin(&"n".repeat(length)).end());
        assert!(read(&tree).is_ok(), "{length}");
        let name = tree.windows(length + 1).position(|bytes| {
            bytes.split_last().is_some_and(|(last, name)| *last == 0 && name.iter().all(|byte| *byte == b'n'))
        });
        let name = name.expect("the name");
        for at in 0..(length + 1).next_multiple_of(4) {
            for byte in [0x80, 0x81, 0xff] {
                let mut foreign = tree.clone();
                foreign[name + at] = byte;
                assert_eq!(what(&foreign), WRONG, "{byte:#x} at {at} of {length}");
            }
        }
        for byte in [1, 0x7f] {
            let mut other = tree.clone();
            other[name..name + length].fill(byte);
            assert!(read(&other).is_ok(), "{byte:#x}");
        }
    }
}
