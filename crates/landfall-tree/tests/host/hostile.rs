//! Trees that lie, end early, or are noise.

use dtoolkit::error::FdtErrorKind;
use dtoolkit::fdt::Fdt;
use landfall_plan::Refusal;
use landfall_tree::Tree;
use proptest::prelude::*;

use crate::read;
use crate::writer::{Writer, root, whole};

fn board() -> Vec<u8> {
    let tree = root().node("memory@80000000", 0x8000_0000, 0x1000_0000).text("device_type", "memory").end();
    let tree = tree.begin("cpus").cells("#address-cells", &[1]).cells("#size-cells", &[0]);
    let tree = tree.begin("cpu@0").cells("reg", &[0]).text("mmu-type", "riscv,sv57").end().end();
    let tree = tree
        .begin("chosen")
        .bytes("rng-seed", &[1; 32])
        .bytes("kaslr-seed", &[2; 8])
        .text("bootargs", "quiet")
        .end();
    let tree = tree.begin("reserved-memory").cells("#address-cells", &[2]).cells("#size-cells", &[2]);
    whole(tree.node("firmware@80000000", 0x8000_0000, 0x4_0000).bytes("no-map", &[]).end().end())
}

fn why(tree: &[u8]) -> &'static str {
    match read(tree).expect_err("nobody should take this tree") {
        Refusal::BadTree { what, .. } => what,
        other => panic!("{other}"),
    }
}

#[test]
fn a_size_that_no_tree_has_is_refused_before_anything_is_read() {
    let stated = |size: usize| {
        let mut header = [0; 8];
        header[4..].copy_from_slice(&u32::try_from(size).expect("a size").to_be_bytes());
        Tree::stated_size(header)
    };
    assert_eq!(stated(40), Ok(40));
    assert_eq!(stated(Tree::MAX_SIZE), Ok(Tree::MAX_SIZE));
    assert!(stated(39).is_err() && stated(0).is_err() && stated(Tree::MAX_SIZE + 1).is_err());
}

#[test]
fn a_tree_that_is_cut_off_anywhere_is_refused() {
    let tree = board();
    for size in 0..tree.len() {
        assert!(read(&tree[..size]).is_err(), "{size} bytes of it");
        let mut claims = tree[..size].to_vec();
        if let Some(field) = claims.get_mut(4..8) {
            field.copy_from_slice(&u32::try_from(size).expect("a size").to_be_bytes());
        }
        assert!(read(&claims).is_err(), "{size} bytes of it, with a size that says so");
    }
}

#[test]
fn nesting_ends() {
    let nested = |depth: usize| {
        let tree = (1..depth).fold(root(), |tree, _| tree.begin("n"));
        whole((1..depth).fold(tree, |tree, _| tree.end()))
    };
    assert!(read(&nested(Tree::MAX_DEPTH)).is_ok());
    assert_eq!(why(&nested(Tree::MAX_DEPTH + 1)), "nodes are nested more than 32 levels deep");
}

#[test]
fn tokens_in_the_wrong_place_are_refused() {
    let misplaced = |writer: Writer| why(&whole(writer));
    assert_eq!(misplaced(root().word(5)), "this token is invalid; tokens are 1 to 4 and 9");
    assert_eq!(misplaced(root().word(9)), "the structure block ends too early");
    assert_eq!(
        misplaced(root().begin("n").end().bytes("late", &[])),
        "a property is outside a node, or follows a node's children"
    );
    assert_eq!(why(&Writer::default().word(9).finish()), "the structure block ends too early");
    assert_eq!(why(&root().end().finish()), "the end token after the root node is missing");
    assert_eq!(why(&Writer::default().word(4).finish()), "the structure block is truncated");
}

#[test]
fn a_fault_is_named_by_its_offset_in_the_tree() {
    let offset = |tree: &[u8]| match read(tree).expect_err("a damaged tree") {
        Refusal::BadTree { offset, .. } => offset,
        other => panic!("{other}"),
    };
    // The header takes 40 bytes, the only reservation 16; then come the tokens.
    let structure = 40 + 16;
    assert_eq!(offset(&Writer::default().word(2).finish()), structure);
    assert_eq!(offset(&Writer::default().begin("").word(4).word(5).finish()), structure + 12);
    assert_eq!(offset(&Writer::default().begin("").end().word(4).word(1).finish()), structure + 16);
}

#[test]
fn a_value_may_reach_to_the_end_of_its_block_and_no_further() {
    assert_eq!(why(&Writer::default().word(2).finish()), "the structure block ends too early");
    let value = |stated: u32| {
        let mut tree = Writer::default().begin("").bytes("p", &[7; 8]).finish();
        let size = 40 + 16 + 12;
        tree[size..size + 4].copy_from_slice(&stated.to_be_bytes());
        why(&tree)
    };
    assert_eq!(value(8), "the structure block is truncated", "the value fills the block");
    assert_eq!(value(9), "a property's value is truncated");
    assert_eq!(value(16), "a property's value is truncated");
    assert_eq!(value(64), "a property's value is truncated");
}

#[test]
fn names_that_are_not_there_are_refused() {
    assert_eq!(
        why(&whole(root().word(3).word(0).word(0xffff_fff0))),
        "a property's name is outside the strings block"
    );
    let mut unended = root();
    *unended.strings.last_mut().expect("there are names") = b'x';
    assert_eq!(why(&whole(unended)), "its last property name has no terminating zero");
    let mut foreign = root();
    foreign.strings[0] = 0xff;
    assert_eq!(why(&whole(foreign)), "a property's name is not ASCII");
    assert_eq!(
        why(&whole(root().begin("\u{fc}").end())),
        "a node's name is not ASCII, or has no terminating zero"
    );
}

/// Offset 0 begins the first name. The offset of the end of the block is the first that begins
/// none.
#[test]
fn a_name_begins_before_the_strings_end() {
    let named = |behind: u32| {
        let tree = root();
        let end = u32::try_from(tree.strings.len()).expect("a small tree");
        read(&whole(tree.word(3).word(0).word(end - 1 + behind)))
    };
    assert!(named(0).is_ok(), "the last byte begins an empty name");
    let Err(Refusal::BadTree { what, .. }) = named(1) else { panic!("a name at the end") };
    assert_eq!(what, "a property's name is outside the strings block");
}

/// A tree whose blocks are placed at will, each behind its own offset in the header.
fn with_block(field: usize, offset: usize) -> Vec<u8> {
    let mut tree = board();
    tree[field..field + 4].copy_from_slice(&u32::try_from(offset).expect("an offset").to_be_bytes());
    tree
}

fn offset_of(tree: &[u8], field: usize) -> usize {
    u32::from_be_bytes(*tree[field..].first_chunk().expect("the header")) as usize
}

#[test]
fn versions_that_are_not_compatible_with_17_are_refused() {
    for (field, version, sound) in [(20, 16, false), (20, 17, true), (20, 18, true)] {
        assert_eq!(read(&with_block(field, version)).is_ok(), sound, "version {version}");
    }
    for (last, sound) in [(0, true), (16, true), (17, true), (18, false)] {
        let tree = with_block(24, last);
        assert_eq!(read(&tree).is_ok(), sound, "compatible with {last}");
        assert!(sound || why(&tree) == "it is not compatible with version 17");
    }
}

#[test]
fn a_block_lies_behind_the_header_and_within_the_tree() {
    let tree = board();
    for field in [8, 12] {
        for offset in [0, 36, tree.len(), tree.len() + 4, 0xffff_fffc] {
            assert_eq!(
                why(&with_block(field, offset)),
                "a block is outside the tree",
                "{offset:#x} at {field}"
            );
        }
    }
}

#[test]
fn a_structure_block_begins_at_a_multiple_of_4() {
    let mut tree = board();
    let structure = offset_of(&tree, 8);
    tree.splice(structure..structure, [0; 2]);
    for (field, more) in [(4, 2), (8, 2), (12, 2)] {
        let moved = u32::try_from(offset_of(&tree, field) + more).expect("an offset");
        tree[field..field + 4].copy_from_slice(&moved.to_be_bytes());
    }
    assert_eq!(why(&tree), "its structure block is not aligned to 4");
}

/// An end that is found in a property's value is gone when the value changes, as a seed's does.
#[test]
fn reservations_end_before_the_next_block_begins() {
    let mut tree = board();
    let structure = offset_of(&tree, 8);
    // The end, and in its place a reservation: zeros of a seed's value come later.
    tree[structure - 16..structure].fill(0x11);
    let seed = tree.windows(32).position(|bytes| *bytes == [1; 32]).expect("the seed");
    tree[seed..seed + 32].fill(0);
    assert_eq!(why(&tree), "its memory reservations have no end");
}

#[test]
fn reservations_lie_in_no_other_block_and_not_in_the_header() {
    let tree = board();
    for offset in [24, offset_of(&tree, 8), offset_of(&tree, 8) + 16, offset_of(&tree, 12)] {
        let what = why(&with_block(0x10, offset));
        assert_eq!(what, "its memory reservations overlap the header or another block", "{offset:#x}");
    }
}

#[test]
fn blocks_may_come_in_any_order_and_must_not_overlap() {
    let mut tree = board();
    let end = tree.len();
    tree.extend([0; 16]);
    let size = u32::try_from(tree.len()).expect("a size");
    tree[4..8].copy_from_slice(&size.to_be_bytes());
    tree[16..20].copy_from_slice(&u32::try_from(end).expect("an offset").to_be_bytes());
    assert!(read(&tree).is_ok(), "reservations behind the other blocks");
    let structure = offset_of(&tree, 8);
    tree[12..16].copy_from_slice(&u32::try_from(structure).expect("an offset").to_be_bytes());
    assert_eq!(why(&tree), "its structure block and its strings block overlap");
}

#[test]
fn values_that_leave_the_tree_are_refused() {
    for size in [0x1000, 0x7fff_ffff, 0xffff_fffc, 0xffff_ffff] {
        assert_eq!(
            why(&whole(root().word(3).word(size).word(0))),
            "a property's value is truncated",
            "{size:#x}"
        );
    }
}

#[test]
fn a_reg_that_makes_no_sense_is_refused() {
    let memory = |writer: Writer| {
        whole(writer.begin("memory@0").text("device_type", "memory").cells("reg", &[1, 2, 3]).end())
    };
    assert_eq!(why(&memory(root())), "the length of this reg is not a multiple of its entries");
    let wide = Writer::default().begin("").cells("#address-cells", &[3]).cells("#size-cells", &[2]);
    assert!(why(&memory(wide)).contains("of 1 or 2"));
}

#[test]
fn rule_7_more_memory_than_can_be_kept_is_refused() {
    let with = |count: u64| {
        let nodes = (0..count).fold(root(), |tree, index| {
            tree.node("memory@0", index << 24, 0x1000).text("device_type", "memory").end()
        });
        read(&whole(nodes))
    };
    assert!(with(64).is_ok());
    assert_eq!(with(65).expect_err("65 ranges").rule().number(), 7);
}

#[test]
fn the_largest_addresses_do_no_harm() {
    let reg = [u64::MAX.to_be_bytes(), u64::MAX.to_be_bytes()].concat();
    let tree = root().begin("memory@0").text("device_type", "memory").bytes("reg", &reg).end();
    let tree = tree.begin("reserved-memory").cells("#address-cells", &[2]).cells("#size-cells", &[2]);
    assert!(read(&whole(tree.begin("r@0").bytes("reg", &reg).bytes("no-map", &[]).end().end())).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    /// The screen against the checks of `dtoolkit`, which looks at the same structure with other
    /// code, and at names besides.
    #[test]
    fn the_screen_and_dtoolkit_agree_but_for_names(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut tree = board();
        for (place, byte) in damage {
            let place = place.index(tree.len());
            tree[place] = byte;
        }
        let strict = Fdt::new(&tree).map_err(|error| error.kind);
        match (Tree::new(&tree), strict) {
            (Ok(_), Ok(_)) | (Err(_), Err(_)) => {}
            (Ok(_), Err(kind)) => prop_assert!(
                matches!(
                    kind,
                    FdtErrorKind::InvalidNodeName | FdtErrorKind::InvalidPropertyName | FdtErrorKind::InvalidHeader(_)
                ),
                "only dtoolkit objects: {kind}"
            ),
            (Err(Refusal::BadTree { what, .. }), Ok(_)) => {
                // The screen holds the tree to the size of its structure block, all names to ASCII,
                // and each block to a place of its own.
                let stricter = [
                    "has no terminating zero",
                    "have no end",
                    "ASCII",
                    "truncated",
                    "the end token",
                    "another block",
                    "overlap",
                ];
                prop_assert!(stricter.iter().any(|text| what.contains(text)), "only the screen objects: {what}");
            }
            (Err(other), Ok(_)) => prop_assert!(false, "{}", other),
        }
        if let Ok((mut facts, found)) = read(&tree) {
            let _ = found.seeds.take(&mut tree, &mut facts, &[]);
            prop_assert!(Tree::new(&tree).is_ok(), "without its seeds the tree is damaged");
        }
    }

    #[test]
    fn noise_is_refused_without_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        prop_assert!(read(&bytes).is_err());
        if let Some(magic) = bytes.first_chunk_mut() {
            *magic = 0xd00d_feed_u32.to_be_bytes();
        }
        prop_assert!(read(&bytes).is_err());
    }
}
