//! Reading of trees.

use landfall_paging::{Mode, PhysAddr, PhysRange};
use landfall_plan::Facts;
use landfall_plan::facts::InitrdFault;

use crate::writer::{Writer, root, whole};
use crate::{PLACE, read};

pub(crate) fn facts(writer: Writer) -> Facts {
    read(&whole(writer)).expect("a sound tree").0
}

fn range(start: u64, end: u64) -> PhysRange {
    PhysRange::between(PhysAddr::new(start), PhysAddr::new(end))
}

fn memory(writer: Writer, start: u64, size: u64) -> Writer {
    writer.node("memory@0", start, size).text("device_type", "memory").end()
}

#[test]
fn memory_nodes_are_merged_sorted_and_cut_to_whole_pages() {
    let tree = memory(memory(memory(root(), 0x9000_0000, 0x1000), 0x8000_0800, 0x2000), 0x8000_2000, 0x1000);
    assert_eq!(
        facts(tree).ram.as_slice(),
        [range(0x8000_1000, 0x8000_3000), range(0x9000_0000, 0x9000_1000)]
    );
}

#[test]
fn memory_that_is_disabled_or_something_else_is_no_memory() {
    let tree = root()
        .node("memory@0", 0x8000_0000, 0x1000)
        .text("device_type", "memory")
        .text("status", "disabled")
        .end();
    assert!(facts(tree).ram.is_empty());
    assert!(
        facts(root().node("memory@0", 0x8000_0000, 0x1000).text("device_type", "nvdimm").end())
            .ram
            .is_empty()
    );
}

#[test]
fn memory_whose_status_is_okay_is_memory() {
    for status in ["okay", "ok"] {
        let tree = root().node("memory@0", 0x8000_0000, 0x1000).text("status", status);
        let facts = facts(tree.text("device_type", "memory").end());
        assert_eq!(facts.ram.as_slice(), [range(0x8000_0000, 0x8000_1000)], "{status}");
    }
}

#[test]
fn a_type_is_found_behind_other_properties_and_nops_and_by_its_whole_name() {
    const NOP: u32 = 4;
    let tree = root().begin("memory@0").word(NOP).word(NOP).text("description", "no type").word(NOP);
    let tree = tree.bytes("reg", &[0x8000_0000_u64.to_be_bytes(), 0x1000_u64.to_be_bytes()].concat());
    let found = facts(tree.text("device_type", "memory").end());
    assert_eq!(found.ram.as_slice(), [range(0x8000_0000, 0x8000_1000)]);
    for name in ["description", "device_types", "device"] {
        let tree = root().node("memory@0", 0x8000_0000, 0x1000).text(name, "memory").end();
        assert!(facts(tree).ram.is_empty(), "{name} states no type");
    }
}

#[test]
fn memory_is_found_by_its_type_whatever_its_name_is() {
    for name in ["sdram@80000000", "memory", "ddr"] {
        let tree = root().node(name, 0x8000_0000, 0x1000).text("device_type", "memory").end();
        assert_eq!(facts(tree).ram.as_slice(), [range(0x8000_0000, 0x8000_1000)], "{name}");
    }
    assert!(facts(root().node("memory@0", 0x8000_0000, 0x1000).end()).ram.is_empty(), "it has no type");
}

#[test]
fn memory_of_which_a_part_is_usable_is_that_part() {
    let usable = [0x8010_0000_u64.to_be_bytes(), 0x2000_u64.to_be_bytes()].concat();
    let tree = root().node("memory@0", 0x8000_0000, 0x100_0000).text("device_type", "memory");
    let facts = facts(tree.bytes("linux,usable-memory", &usable).end());
    assert_eq!(facts.ram.as_slice(), [range(0x8010_0000, 0x8010_2000)]);
}

#[test]
fn the_memory_that_kexec_permits_is_all_memory() {
    let pair = |start: u64, size: u64| [start.to_be_bytes(), size.to_be_bytes()].concat();
    let kept = [pair(0x8010_0800, 0x2000), pair(0x9000_0000, 0x1000), pair(0xf000_0000, 0x1000)].concat();
    for chosen_first in [true, false] {
        let chosen = |tree: Writer| {
            let tree = tree.begin("chosen").bytes("linux,usable-memory-range", &kept);
            tree.bytes("linux,elfcorehdr", &pair(0x9000_0800, 4)).end()
        };
        let memory = |tree| memory(memory(tree, 0x8000_0000, 0x100_0000), 0x9000_0000, 0x100_0000);
        let tree = if chosen_first { memory(chosen(root())) } else { chosen(memory(root())) };
        let facts = facts(tree);
        let right = [range(0x8010_1000, 0x8010_2000), range(0x9000_0000, 0x9000_1000)];
        assert_eq!(facts.ram.as_slice(), right, "whole pages of RAM within it");
        assert_eq!(facts.reserved.as_slice(), [range(0x9000_0000, 0x9000_1000)], "the core header");
        assert!(facts.kexec);
    }
}

#[test]
fn an_empty_range_of_usable_memory_limits_nothing() {
    for value in [&[][..], &[0; 16]] {
        let tree = memory(root(), 0x8000_0000, 0x1000).begin("chosen");
        let facts = facts(tree.bytes("linux,usable-memory-range", value).end());
        assert_eq!(facts.ram.size(), 0x1000, "{value:?}");
    }
}

#[test]
fn a_tree_that_kexec_made_is_known_by_each_of_its_marks() {
    for mark in ["linux,booted-from-kexec", "linux,elfcorehdr", "linux,usable-memory-range"] {
        assert!(facts(root().begin("chosen").bytes(mark, &[]).end()).kexec, "{mark}");
    }
    assert!(!facts(root().begin("chosen").bytes("linux,initrd-start", &[]).end()).kexec);
}

#[test]
fn a_reg_counts_in_the_cells_that_its_parent_states() {
    let root = Writer::default().begin("").cells("#address-cells", &[1]).cells("#size-cells", &[1]);
    let tree = root
        .begin("memory")
        .text("device_type", "memory")
        .cells("reg", &[0x8000_0000, 0x1000, 0x9000_0000, 0x1000]);
    assert_eq!(facts(tree.end()).ram.as_slice().len(), 2);
}

#[test]
fn reservations_with_no_map_are_not_mapped_and_others_left_alone() {
    let tree = root()
        .begin("reserved-memory")
        .cells("#address-cells", &[2])
        .cells("#size-cells", &[2])
        .node("secret@80000000", 0x8000_0800, 0x1000)
        .bytes("no-map", &[])
        .end()
        .node("dma@81000000", 0x8100_0000, 0x1000)
        .end()
        .node("unused@82000000", 0x8200_0000, 0x1000)
        .text("status", "disabled")
        .end()
        .begin("pool")
        .cells("size", &[0, 0x1000])
        .end()
        .end();
    let facts = facts(tree);
    assert_eq!(facts.no_map.as_slice(), [range(0x8000_0000, 0x8000_2000)], "every page that it touches");
    assert_eq!(facts.reserved.as_slice(), [range(0x8100_0000, 0x8100_1000)]);
    assert_eq!(facts.unplaced_reservations, 1);
}

#[test]
fn old_firmware_that_leaves_no_map_out_is_not_mapped_all_the_same() {
    for name in ["mmode_resv0@80000000", "mmode_pmp1@80000000"] {
        let tree = root().begin("reserved-memory").cells("#address-cells", &[2]).cells("#size-cells", &[2]);
        let facts = facts(tree.node(name, 0x8000_0000, 0x4_0000).end().end());
        assert_eq!(facts.no_map.as_slice(), [range(0x8000_0000, 0x8004_0000)], "{name}");
    }
}

#[test]
fn header_reservations_are_left_alone() {
    let mut tree = root();
    tree.reservations = vec![(0x8000_0800, 0x1000), (0x9000_0000, 0x1000)];
    let facts = facts(tree);
    assert_eq!(facts.reserved.as_slice(), [range(0x8000_0000, 0x8000_2000), range(0x9000_0000, 0x9000_1000)]);
}

#[test]
fn the_command_line_and_the_initrd_are_found() {
    let chosen = root().begin("chosen").text("bootargs", "quiet nokaslr landfall.mode=sv48");
    let tree = whole(
        chosen.cells("linux,initrd-start", &[0x8900_0000]).cells("linux,initrd-end", &[0, 0x8900_1000]).end(),
    );
    let (facts, _) = read(&tree).expect("a sound tree");
    assert!(facts.options.nokaslr);
    assert_eq!(facts.options.mode, Some(Mode::Sv48));
    assert_eq!(facts.initrd, Some(range(0x8900_0000, 0x8900_1000)));
    let start = usize::try_from(facts.command_line.start().get() - PLACE).expect("in the tree");
    let end = start + usize::try_from(facts.command_line.size()).expect("in the tree");
    assert_eq!(&tree[start..end], b"quiet nokaslr landfall.mode=sv48");
}

/// Bytes that are not UTF-8 stand in older trees, and in what users type.
#[test]
fn a_command_line_of_any_bytes_counts() {
    let line = b"nokaslr landfall.mode=sv39 name=caf\xe9\0";
    let tree = whole(root().begin("chosen").bytes("bootargs", line).end());
    let (facts, _) = read(&tree).expect("a sound tree");
    assert!(facts.options.nokaslr);
    assert_eq!(facts.options.mode, Some(Mode::Sv39));
    assert_eq!(facts.command_line.size(), line.len() as u64 - 1);
}

#[test]
fn texts_of_any_bytes_are_read_by_their_bytes() {
    let tree = memory(root(), 0x8000_0000, 0x1000);
    let tree = tree.node("memory@1", 0x9000_0000, 0x1000).bytes("device_type", b"memory\xe9\0").end();
    let tree = tree.node("memory@2", 0xa000_0000, 0x1000).text("device_type", "memory");
    let tree = tree.bytes("status", b"okay\xe9\0").end();
    let tree = tree.node("memory@3", 0xb000_0000, 0x1000).bytes("device_type", b"memory\0\xe9").end();
    assert_eq!(
        facts(tree).ram.as_slice(),
        [range(0x8000_0000, 0x8000_1000), range(0xb000_0000, 0xb000_1000)]
    );
}

#[test]
fn an_initrd_that_ends_before_it_starts_is_not_used_and_named() {
    let initrd = |start: &[u32], end: &[u32]| {
        let tree = root().begin("chosen");
        let tree = if start.is_empty() { tree } else { tree.cells("linux,initrd-start", start) };
        let facts = facts(if end.is_empty() { tree } else { tree.cells("linux,initrd-end", end) }.end());
        (facts.initrd, facts.initrd_fault)
    };
    let at = PhysAddr::new;
    let reversed = InitrdFault::Reversed { start: at(0xf000_0000), end: at(0x1000_0000) };
    assert_eq!(initrd(&[0xf000_0000], &[0x1000_0000]), (None, Some(reversed)));
    assert_eq!(initrd(&[0x1000], &[0x1000]), (None, None), "an empty one is none");
    assert_eq!(initrd(&[0x1000], &[0x1001]), (Some(range(0x1000, 0x1001)), None));
    assert_eq!(initrd(&[0x1000], &[]), (None, Some(InitrdFault::NoEnd)));
    assert_eq!(initrd(&[0x1000], &[0, 0, 0x2000]), (None, Some(InitrdFault::NoEnd)));
    assert_eq!(initrd(&[], &[0x2000]), (None, Some(InitrdFault::NoStart)));
    assert_eq!(initrd(&[], &[]), (None, None));
}

#[test]
fn names_longer_than_the_specification_allows_are_read() {
    let tree = root().begin("usb@0").bytes("snps,dis-u2-freeclk-exists-quirk-and-more", &[]).end();
    let tree = memory(
        tree.begin("a-node-whose-name-is-longer-than-thirty-one-letters@0").end(),
        0x8000_0000,
        0x1000,
    );
    assert_eq!(facts(tree).ram.size(), 0x1000);
}

#[test]
fn the_nodes_may_come_in_any_order_with_nops_between() {
    let tree =
        memory(root().word(4).begin("soc").word(4).begin("bus").end().end().word(4), 0x8000_0000, 0x1000);
    let tree = tree.word(4).end().word(4).word(9).finish();
    assert_eq!(read(&tree).expect("a sound tree").0.ram.size(), 0x1000);
}
