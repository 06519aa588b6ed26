//! Harts, as a tree lists them.

use landfall_paging::Mode;
use landfall_plan::Facts;
use landfall_plan::harts::{Extension, Extensions, Hart, MAX_HARTS, Mmu};
use landfall_tree::{HartFeatures, Tree};

use crate::read;
use crate::read::facts;
use crate::writer::{Writer, root, whole};

fn cpu(tree: Writer, id: u32) -> Writer {
    tree.begin(&format!("cpu@{id:x}")).cells("reg", &[id])
}

fn hart(id: u64, mmu: Mmu) -> Hart {
    Hart { id, mmu, extensions: Extensions::NONE }
}

fn ids(facts: &Facts) -> Vec<u64> {
    facts.harts.ids().to_vec()
}

#[test]
fn enabled_harts_are_found_with_their_mmu() {
    let mut tree = root().begin("cpus").cells("timebase-frequency", &[10_000_000]);
    for (id, mmu, status) in [
        (0, Some("riscv,none"), "okay"),
        (1, Some("riscv,sv39"), "okay"),
        (7, Some("riscv,sv57"), "okay"),
        (8, None, "okay"),
        (9, Some("riscv,sv48"), "disabled"),
        (10, Some("riscv,sv99"), "okay"),
    ] {
        let node = cpu(tree, id).text("status", status);
        tree = mmu.into_iter().fold(node, |tree, mmu| tree.text("mmu-type", mmu)).end();
    }
    let facts = facts(tree.begin("cpu-map").end().end());
    let expected = [
        hart(0, Mmu::None),
        hart(1, Mmu::Upto(Mode::Sv39)),
        hart(7, Mmu::Upto(Mode::Sv57)),
        hart(8, Mmu::Unstated),
        hart(10, Mmu::Unstated),
    ];
    assert!(facts.harts.iter().eq(expected), "{:?}", facts.harts);
    assert_eq!(facts.timebase, 10_000_000);
}

#[test]
fn a_hart_is_found_by_its_name_or_by_its_type() {
    let tree = root().begin("cpus");
    let tree = tree.begin("cpu").cells("reg", &[0]).end();
    let tree = tree.begin("hart@1").cells("reg", &[1]).text("device_type", "cpu").end();
    let tree = tree.begin("cluster@2").cells("reg", &[2]).end();
    let tree = tree.begin("cpu@3").end();
    assert_eq!(ids(&facts(tree.end())), [0, 1], "neither is a cluster, nor a node without reg");
}

#[test]
fn a_processor_of_another_architecture_is_no_hart() {
    // Hart 0 boots, so it is known whatever the tree states of it.
    let tree = cpu(root().begin("cpus"), 0).end();
    let tree = cpu(tree, 1).bytes("compatible", b"thead,c910\0riscv\0").end();
    let tree = cpu(tree, 2).bytes("compatible", b"arm,cortex-a53\0").end();
    assert_eq!(ids(&facts(tree.end())), [0, 1]);
}

#[test]
fn an_mmu_type_of_any_bytes_states_nothing() {
    let tree = cpu(root().begin("cpus"), 0).bytes("mmu-type", b"riscv,sv39\xe9\0").end();
    assert_eq!(facts(tree.end()).harts.find(0).map(|hart| hart.mmu), Some(Mmu::Unstated));
}

fn extensions(property: &str, value: &[u8]) -> Extensions {
    let tree = cpu(root().begin("cpus"), 0).bytes(property, value).end();
    facts(tree.end()).harts.find(0).expect("the hart").extensions
}

const SVNAPOT: Extensions = Extensions::NONE.with(Extension::Svnapot);

#[test]
fn an_extension_is_found_wherever_it_stands_in_the_list_and_nothing_like_it() {
    for (list, expected) in [
        ("i\0m\0svnapot\0svpbmt\0", SVNAPOT),
        ("svnapot", SVNAPOT),
        ("i\0m\0svnapot", SVNAPOT),
        ("svnapot\0i", SVNAPOT),
        ("zkr\0sstc\0zicboz\0svnapot", Extension::ALL.iter().copied().collect()),
        ("", Extensions::NONE),
        ("i\0m\0svpbmt", Extensions::NONE),
        ("xsvnapot\0svnapotx\0svnapo", Extensions::NONE),
        ("rv64imac_svnapot", Extensions::NONE),
        ("Svnapot", Extensions::NONE),
        ("svnapot1p0", Extensions::NONE),
    ] {
        assert_eq!(extensions("riscv,isa-extensions", list.as_bytes()), expected, "{list:?}");
    }
}

#[test]
fn a_list_that_differs_from_the_one_before_in_any_byte_is_a_list_of_its_own() {
    const LIST: &[u8] = b"i\0svnapot\0zicboz\0sstc\0zkr\0";
    for index in 0..LIST.len() {
        let mut other = LIST.to_vec();
        other[index] = b'q';
        let lists = [LIST, LIST, &other, &LIST[..index], LIST, &[LIST, b"q"].concat()];
        let tree = (0..).zip(lists).fold(root().begin("cpus"), |tree, (id, list)| {
            cpu(tree, id).bytes("riscv,isa-extensions", list).end()
        });
        let (facts, _) = read(&whole(tree.end())).expect("a sound tree");
        let found: Vec<_> = facts.harts.iter().map(|hart| hart.extensions).collect();
        let alone = lists.map(|list| extensions("riscv,isa-extensions", list));
        assert_eq!(found, alone, "byte {index}");
    }
}

#[test]
fn where_no_list_is_an_extension_is_found_in_the_string() {
    for (string, expected) in [
        ("rv64imafdc_zicsr_svinval_svnapot_svpbmt", SVNAPOT),
        ("rv64imafdcsvnapot", SVNAPOT),
        ("RV64IMAFDC_SVNAPOT", SVNAPOT),
        ("rv64i2p1_m2p0_svnapot1p0_svpbmt1p0", SVNAPOT),
        ("rv64i2p1m2p0svnapot1_svpbmt", SVNAPOT),
        ("rv64gc_zkr_sstc_zicboz_svnapot", Extension::ALL.iter().copied().collect()),
        ("rv64imafdcsu", Extensions::NONE),
        ("rv64imafdcxsvnapot", Extensions::NONE),
        ("rv64imafdc_xsvnapot_svnapotx_svnapo", Extensions::NONE),
        ("rv64imafdc_svnapotp0", Extensions::NONE),
        ("rv32imafdc_svnapot", Extensions::NONE),
        ("svnapot", Extensions::NONE),
        ("rv6", Extensions::NONE),
        ("", Extensions::NONE),
    ] {
        assert_eq!(extensions("riscv,isa", string.as_bytes()), expected, "{string}");
    }
    assert_eq!(extensions("riscv,isa", b"rv64imafdc_\xe9_svnapot\0_sstc"), SVNAPOT);
}

#[test]
fn the_list_counts_and_not_the_string_where_both_are_there() {
    for list_first in [true, false] {
        let list = |tree: Writer| tree.text("riscv,isa-extensions", "sstc");
        let string = |tree: Writer| tree.text("riscv,isa", "rv64imafdc_svnapot");
        let node = cpu(root().begin("cpus"), 0);
        let node = if list_first { string(list(node)) } else { list(string(node)) };
        let found = facts(node.end().end()).harts.find(0).expect("the hart").extensions;
        assert_eq!(found, Extensions::NONE.with(Extension::Sstc));
    }
}

#[test]
fn a_boot_hart_that_the_tree_does_not_name_is_added() {
    let (facts, found) = read(&whole(root())).expect("a sound tree");
    assert!(facts.harts.iter().eq([hart(0, Mmu::Unstated)]));
    assert!(!found.lists_boot_hart);
}

/// So many harts, all but the last with sv48, which has sv39.
fn many(count: u32) -> Vec<u8> {
    let tree = (0..count).fold(root().begin("cpus"), |tree, id| {
        cpu(tree, id).text("mmu-type", if id + 1 == count { "riscv,sv39" } else { "riscv,sv48" }).end()
    });
    whole(tree.end())
}

#[test]
fn a_boot_hart_beyond_the_list_has_a_place_in_it_with_all_that_the_tree_says() {
    let most = u32::try_from(MAX_HARTS).expect("a number of harts");
    let tree = many(most + 88);
    let boot_hart = u64::from(most + 87);
    let mut facts = Facts::UNKNOWN;
    facts.boot_hart = boot_hart;
    let found = Tree::read(&tree, &mut facts).expect("a sound tree");
    assert!(found.lists_boot_hart);
    assert_eq!(facts.harts.find(boot_hart), Some(hart(boot_hart, Mmu::Upto(Mode::Sv39))));
    assert_eq!((facts.harts.len(), facts.harts.beyond()), (MAX_HARTS, 88), "all harts are counted once");
}

#[test]
fn as_many_harts_as_fit_are_all_kept() {
    let most = u32::try_from(MAX_HARTS).expect("a number of harts");
    let (facts, found) = read(&many(most)).expect("a sound tree");
    assert!(found.lists_boot_hart);
    assert_eq!((facts.harts.len(), facts.harts.beyond()), (MAX_HARTS, 0));
}

/// Harts 1 to 3, with the lists and the sizes of blocks that are given, and a disabled one.
fn features(harts: [(&str, Option<u32>); 3]) -> impl Fn(&[u64]) -> HartFeatures {
    let mut tree = root().begin("cpus");
    for (id, (list, block)) in (1..).zip(harts) {
        let node = cpu(tree, id).bytes("riscv,isa-extensions", list.as_bytes());
        tree =
            block.into_iter().fold(node, |node, block| node.cells("riscv,cbom-block-size", &[block])).end();
    }
    let tree = whole(cpu(tree, 4).text("status", "disabled").end().end());
    move |asked| Tree::new(&tree).expect("a sound tree").hart_features(|id| asked.contains(&id))
}

#[test]
fn a_feature_is_there_if_each_hart_that_is_asked_has_it() {
    let found = features([
        ("i\0svpbmt\0zicbom\0", Some(64)),
        ("svpbmt\0xzicbom\0", Some(64)),
        ("zicbom\0svpbm\0", Some(32)),
    ]);
    let both = |asked: &[u64]| {
        let HartFeatures { svpbmt, cache_block, .. } = found(asked);
        [u32::from(svpbmt), cache_block.unwrap_or(0)]
    };
    assert_eq!(both(&[1]), [1, 64]);
    assert_eq!(both(&[1, 2]), [1, 0]);
    assert_eq!(both(&[1, 3]), [0, 32]);
    assert_eq!(both(&[1, 2, 3]), [0, 0]);
    assert_eq!(both(&[1, 4]), [1, 64], "a disabled hart is not asked");
    assert_eq!(both(&[]), [0, 0], "no hart has a feature");
}

#[test]
fn a_cache_block_needs_the_extension_and_a_size_that_is_a_power_of_two() {
    for (list, block, expected) in [
        ("zicbom\0", None, None),
        ("zicbom\0", Some(0), None),
        ("zicbom\0", Some(48), None),
        ("zicboz\0", Some(64), None),
        ("zicbom\0", Some(64), Some(64)),
    ] {
        let found = features([(list, block), ("", None), ("", None)])(&[1]);
        assert_eq!(found.cache_block, expected, "{list:?}, {block:?}");
    }
    let tree = cpu(root().begin("cpus"), 0).text("riscv,isa", "rv64imafdc_zicbom1p0_svpbmt");
    let tree = whole(tree.cells("riscv,cbom-block-size", &[64]).end().end());
    let found = Tree::new(&tree).expect("a sound tree").hart_features(|id| id == 0);
    assert!(found.svpbmt && found.cache_block == Some(64), "{found:?}");
}

#[test]
fn the_block_that_is_zeroed_is_the_boot_harts_and_needs_the_extension() {
    let mut tree = root().begin("cpus");
    for (id, list, size) in [(1, "zicboz\0", 128), (0, "zicbom\0zicboz\0", 64), (2, "zicboz\0", 32)] {
        let node = cpu(tree, id).bytes("riscv,isa-extensions", list.as_bytes());
        tree = node.cells("riscv,cboz-block-size", &[size]).end();
    }
    assert_eq!(facts(tree.end()).zero_block, 64);
    for (property, list, size, expected) in [
        ("riscv,isa-extensions", "zicbom\0", Some(64), 0),
        ("riscv,isa-extensions", "zicboz\0", None, 0),
        ("riscv,isa", "rv64imac_zicboz", Some(64), 64),
        // The landing tries any size before it relies on it.
        ("riscv,isa-extensions", "zicboz\0", Some(48), 48),
    ] {
        let node = cpu(root().begin("cpus"), 0).bytes(property, list.as_bytes());
        let node = size.into_iter().fold(node, |node, size| node.cells("riscv,cboz-block-size", &[size]));
        assert_eq!(facts(node.end().end()).zero_block, expected, "{list:?}, {size:?}");
    }
}
