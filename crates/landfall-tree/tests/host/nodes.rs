//! Nodes wherever they may lie: after children, with children of their own, between `NOP`s, twice.

use landfall_paging::{Mode, PhysAddr, PhysRange};
use landfall_plan::Facts;
use landfall_plan::harts::Mmu;
use landfall_tree::tokens::{Token, Tokens};
use landfall_tree::{Tree, TreeContents};

use crate::read;
use crate::writer::{Writer, root, whole};

const NOP: u32 = 4;

fn facts(tree: Writer) -> Facts {
    read(&whole(tree)).expect("a sound tree").0
}

fn contents(tree: Writer) -> TreeContents {
    read(&whole(tree)).expect("a sound tree").1
}

fn range(start: u64, size: u64) -> PhysRange {
    PhysRange::new(PhysAddr::new(start), size)
}

fn pair(start: u64, size: u64) -> [u8; 16] {
    [start.to_be_bytes(), size.to_be_bytes()].concat().try_into().expect("16 bytes")
}

fn cpu(tree: Writer, id: u32) -> Writer {
    tree.begin(&format!("cpu@{id}")).cells("reg", &[id]).text("mmu-type", "riscv,sv48")
}

fn memory(tree: Writer, start: u64) -> Writer {
    tree.begin("memory@0").bytes("reg", &pair(start, 0x1000)).text("device_type", "memory")
}

fn reserved(tree: Writer) -> Writer {
    tree.begin("reserved-memory").cells("#address-cells", &[2]).cells("#size-cells", &[2])
}

/// A node with children and grandchildren, which have names and properties that mean something
/// elsewhere.
fn family(tree: Writer) -> Writer {
    let tree = tree.begin("interrupt-controller").cells("reg", &[9]).text("status", "disabled");
    let tree = memory(tree.begin("cpus").begin("cpu@9").cells("reg", &[9]).end().end(), 0xf000_0000).end();
    let tree = tree.begin("chosen").bytes("kaslr-seed", &[9; 8]).text("bootargs", "nokaslr");
    let tree = tree.bytes("linux,booted-from-kexec", &[]).end();
    let tree = reserved(tree).begin("r@0").bytes("reg", &pair(0xf000_0000, 0x1000)).end().end();
    tree.begin("a").begin("b").end().end().end()
}

/// A board whose nodes all have children, as `interrupt-controller` in each processor of a real
/// one.
fn board() -> Writer {
    let tree = root().begin("cpus").cells("timebase-frequency", &[1000]);
    let tree = (0..3).fold(tree, |tree, id| family(cpu(tree, id)).end());
    let tree = family(memory(family(tree).end(), 0x8000_0000)).end();
    let tree = family(reserved(family(tree)).begin("dma@1").bytes("reg", &pair(0x9000_0000, 0x1000))).end();
    let tree = tree.begin("secret@2").bytes("no-map", &[]).bytes("reg", &pair(0xa000_0000, 0x1000)).end();
    let tree = family(tree).end().begin("chosen").bytes("rng-seed", &[1; 32]).text("bootargs", "quiet");
    memory(family(family(tree).end()), 0x8800_0000).end()
}

fn is_that_of_the_board(facts: &Facts) {
    let at_boot = |id| facts.harts.find(id).map(|hart| hart.mmu);
    assert_eq!(facts.harts.ids(), [0, 1, 2]);
    assert!((0..3).all(|id| at_boot(id) == Some(Mmu::Upto(Mode::Sv48))), "{:?}", facts.harts);
    assert_eq!(facts.timebase, 1000);
    assert_eq!(facts.ram.as_slice(), [range(0x8000_0000, 0x1000), range(0x8800_0000, 0x1000)]);
    // A child of `reserved-memory` is a reservation, whatever its name is.
    assert_eq!(facts.reserved.as_slice(), [range(0x9000_0000, 0x1000)]);
    assert_eq!(facts.no_map.as_slice(), [range(0xa000_0000, 0x1000)]);
    assert_eq!(facts.command_line.size(), 5);
    assert!(!facts.kexec && !facts.options.nokaslr);
}

#[test]
fn nodes_with_children_are_read_and_so_are_those_behind_them() {
    let (facts, contents) = read(&whole(board())).expect("a sound tree");
    is_that_of_the_board(&facts);
    assert!(contents.lists_boot_hart && !contents.seeds.is_empty());
}

#[test]
fn nops_lie_before_and_behind_each_token() {
    let tree = whole(board());
    let mut out = Writer::default().word(NOP).word(NOP);
    for token in Tokens::of(Tree::new(&tree).expect("a sound tree")) {
        out = match token {
            Token::Begin { name } => out.begin(name),
            Token::Property { name, value } => out.bytes(name, value),
            Token::End => out.end(),
        };
        out = out.word(NOP).word(NOP);
    }
    is_that_of_the_board(&read(&out.word(9).finish()).expect("a sound tree").0);
}

#[test]
fn a_name_of_any_length_is_passed() {
    for length in 0..70 {
        let tree = memory(root().begin(&"n".repeat(length)).end(), 0x8000_0000).end();
        assert_eq!(facts(tree).ram.size(), 0x1000, "{length} letters");
    }
}

#[test]
fn a_unit_address_and_nothing_else_may_follow_a_nodes_name() {
    for (suffix, counts) in [("", true), ("@0", true), ("@", true), ("s", false), ("-0", false)] {
        let tree = cpu(root().begin(&format!("cpus{suffix}")), 7).end().end();
        assert_eq!(facts(tree).harts.find(7).is_some(), counts, "cpus{suffix}");
        let tree = root().begin("cpus").begin(&format!("cpu{suffix}")).cells("reg", &[7]).end().end();
        assert_eq!(facts(tree).harts.find(7).is_some(), counts, "cpu{suffix}");
        let tree = root().begin(&format!("chosen{suffix}")).bytes("linux,booted-from-kexec", &[]).end();
        assert_eq!(facts(tree).kexec, counts, "chosen{suffix}");
        let tree = root().begin(&format!("reserved-memory{suffix}")).begin("pool").end().end();
        assert_eq!(facts(tree).unplaced_reservations == 1, counts, "reserved-memory{suffix}");
    }
}

#[test]
fn of_two_chosen_the_last_ranges_and_all_else_count() {
    let chosen = |tree: Writer, seed: u8| tree.begin("chosen").bytes("rng-seed", &[seed; 8]);
    let tree = memory(memory(root(), 0x8000_0000).end(), 0x9000_0000).end();
    let tree = chosen(tree, 1).bytes("linux,usable-memory-range", &pair(0x8000_0000, 0x1000));
    let tree = tree.text("bootargs", "nokaslr").cells("linux,initrd-start", &[0x1000]).end();
    let tree = chosen(tree, 2).bytes("linux,usable-memory-range", &pair(0x9000_0000, 0x1000));
    let tree = tree.text("bootargs", "quiet").end();
    let (found, contents) = read(&whole(tree.clone())).expect("a sound tree");
    assert_eq!(found.ram.as_slice(), [range(0x9000_0000, 0x1000)]);
    assert!(!found.options.nokaslr && found.initrd_fault.is_some());
    let bytes = whole(tree.clone());
    let seeds = contents.seeds.values(&bytes, landfall_plan::randomness::SeedSource::RNG_SEED);
    assert_eq!(seeds.collect::<Vec<_>>(), [[1; 8], [2; 8]]);
    // The last one has no range, so nothing limits memory.
    assert_eq!(facts(chosen(tree, 3).end()).ram.as_slice().len(), 2);
}

#[test]
fn a_tree_lacks_a_memory_map_unless_its_first_chosen_has_it() {
    let handed_on = |tree: Writer| tree.begin("chosen").cells("linux,uefi-mmap-start", &[1, 2]);
    let with_map = |tree: Writer| tree.bytes("landfall,efi-memory-map", &[]).end();
    assert!(!contents(root().begin("chosen").end()).lacks_memory_map);
    assert!(contents(handed_on(root()).end()).lacks_memory_map);
    assert!(!contents(with_map(handed_on(root()))).lacks_memory_map);
    let addressed = |tree: Writer| with_map(tree.begin("chosen@0"));
    assert!(contents(handed_on(addressed(root())).end()).lacks_memory_map, "another name");
    assert!(contents(with_map(handed_on(root()).end().begin("chosen"))).lacks_memory_map, "the second one");
    assert!(!contents(handed_on(with_map(root().begin("chosen"))).end()).lacks_memory_map, "the first one");
    let tree = root().begin("chosen@0").cells("linux,uefi-mmap-start", &[1, 2]).end();
    assert!(contents(tree).lacks_memory_map, "no node has this very name");
}

#[test]
fn each_kind_of_node_has_each_status() {
    for (status, okay) in [
        (Some(&b"okay\0"[..]), true),
        (Some(b"ok\0"), true),
        (Some(b"okay"), true),
        (Some(b"okay\0disabled\0"), true),
        (Some(b"disabled\0"), false),
        (Some(b"fail\0"), false),
        (Some(b"reserved\0"), false),
        (Some(b"okays\0"), false),
        (Some(b"oka\0"), false),
        (Some(b""), false),
        (None, true),
    ] {
        let stated = |tree: Writer| match status {
            Some(status) => tree.bytes("status", status),
            None => tree,
        };
        let tree = stated(cpu(root().begin("cpus"), 5)).end().end();
        let tree = stated(memory(tree, 0x8000_0000)).end();
        let tree = stated(reserved(tree).begin("r@0").bytes("reg", &pair(0x9000_0000, 0x1000))).end().end();
        let found = facts(tree);
        let is_there = (found.harts.find(5).is_some(), !found.ram.is_empty(), !found.reserved.is_empty());
        assert_eq!(is_there, (okay, okay, okay), "{status:?}");
    }
}

#[test]
fn of_a_property_that_repeats_the_last_counts_but_for_the_type_of_memory() {
    let tree = root().begin("m").text("device_type", "memory").text("device_type", "cpu");
    let tree = tree.bytes("reg", &pair(0x8000_0000, 0x1000)).bytes("reg", &pair(0x9000_0000, 0x1000)).end();
    let tree = tree.begin("n").text("device_type", "cpu").text("device_type", "memory");
    let tree = tree.bytes("reg", &pair(0xa000_0000, 0x1000)).end();
    let tree = tree.begin("cpus").begin("cpu").cells("reg", &[1]).cells("reg", &[2]);
    let found = facts(tree.text("mmu-type", "riscv,sv39").text("mmu-type", "riscv,sv57").end().end());
    assert_eq!(found.ram.as_slice(), [range(0x9000_0000, 0x1000)]);
    assert_eq!(found.harts.ids(), [2, 0]);
    assert_eq!(found.harts.find(2).map(|hart| hart.mmu), Some(Mmu::Upto(Mode::Sv57)));
}

#[test]
fn a_disabled_node_stays_disabled_whatever_status_follows() {
    let disabled = |tree: Writer| tree.text("status", "disabled").text("status", "okay").end();
    let tree = disabled(memory(disabled(cpu(root().begin("cpus"), 5)).end(), 0x8000_0000));
    let tree = disabled(reserved(tree).begin("r@0").bytes("reg", &pair(0x9000_0000, 0x1000))).end();
    let found = facts(tree);
    assert!(found.harts.find(5).is_none() && found.ram.is_empty());
    assert!(!found.reserved.is_empty(), "of a reservation the last status counts");
}

#[test]
fn a_hart_by_its_name_stays_one_whatever_its_type_is() {
    let tree = cpu(root().begin("cpus"), 5).text("device_type", "processor").end().end();
    assert_eq!(facts(tree).harts.ids(), [5, 0]);
}

#[test]
fn a_timebase_that_is_no_number_is_unknown() {
    let tree = root().begin("cpus").cells("timebase-frequency", &[7]);
    assert_eq!(facts(tree.cells("timebase-frequency", &[1, 2, 3]).end()).timebase, 0);
}

#[test]
fn an_empty_range_of_chosen_needs_no_cells() {
    let tree = Writer::default().begin("").cells("#address-cells", &[3]).begin("chosen");
    let tree = tree.bytes("linux,elfcorehdr", &[]).bytes("linux,usable-memory-range", &[]);
    assert!(facts(tree.end()).kexec);
}
