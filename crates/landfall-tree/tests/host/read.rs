//! What is read.

use landfall_paging::{Mode, PhysAddr};
use landfall_plan::{Facts, Hart, Mmu, Range, Svnapot};

use crate::writer::{Writer, root, whole};
use crate::{PLACE, read};

fn facts(writer: Writer) -> Facts {
    read(&whole(writer)).expect("a sound tree").0
}

fn range(start: u64, end: u64) -> Range {
    Range::between(PhysAddr::new(start), PhysAddr::new(end))
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
fn enabled_harts_are_found_with_their_mmu() {
    let cpu = |tree: Writer, id: u32, mmu: Option<&str>, status: &str| {
        let tree = tree.begin(&format!("cpu@{id}")).cells("reg", &[id]).text("status", status);
        mmu.into_iter().fold(tree, |tree, mmu| tree.text("mmu-type", mmu)).end()
    };
    let mut tree = root().begin("cpus").cells("timebase-frequency", &[10_000_000]);
    for (id, mmu, status) in [
        (0, Some("riscv,none"), "okay"),
        (1, Some("riscv,sv39"), "okay"),
        (7, Some("riscv,sv57"), "okay"),
        (8, None, "okay"),
        (9, Some("riscv,sv48"), "disabled"),
        (10, Some("riscv,sv99"), "okay"),
    ] {
        tree = cpu(tree, id, mmu, status);
    }
    let facts = facts(tree.begin("cpu-map").end().end());
    let expected = [
        (0, Mmu::None),
        (1, Mmu::Upto(Mode::Sv39)),
        (7, Mmu::Upto(Mode::Sv57)),
        (8, Mmu::Unstated),
        (10, Mmu::Unstated),
    ];
    assert_eq!(facts.harts.as_slice(), expected.map(|(id, mmu)| Hart { id, mmu, svnapot: Svnapot::Absent }));
    assert_eq!(facts.timebase, 10_000_000);
}

#[test]
fn svnapot_is_found_wherever_it_stands_in_the_list_and_nothing_like_it() {
    for (list, expected) in [
        ("i\0m\0svnapot\0svpbmt", Svnapot::Present),
        ("svnapot", Svnapot::Present),
        ("i\0m\0svnapot", Svnapot::Present),
        ("svnapot\0i", Svnapot::Present),
        ("", Svnapot::Absent),
        ("i\0m\0svpbmt", Svnapot::Absent),
        ("xsvnapot\0svnapotx\0svnapo", Svnapot::Absent),
        ("rv64imac_svnapot", Svnapot::Absent),
    ] {
        let cpu = root().begin("cpus").begin("cpu@0").cells("reg", &[0]);
        let facts = facts(cpu.text("riscv,isa-extensions", list).end().end());
        assert_eq!(facts.harts.as_slice()[0].svnapot, expected, "{list:?}");
    }
}

#[test]
fn a_boot_hart_that_the_tree_does_not_name_is_added() {
    assert_eq!(
        facts(root()).harts.as_slice(),
        [Hart { id: 0, mmu: Mmu::Unstated, svnapot: Svnapot::Absent }]
    );
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
