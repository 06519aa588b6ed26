//! The facts of the tables, as a tree.

use dtoolkit::fdt::Fdt;
use dtoolkit::{Node, Property};
use landfall_efi::{Boot, Efi};
use landfall_paging::{Mode, PhysAddr};
use landfall_plan::Facts;
use landfall_plan::harts::{Extension, Mmu};
use landfall_tree::Tree;

use super::Memory;
use super::made::Tables;
use crate::made::{CACHED, descriptor};
use crate::{plain, value, written};

/// A hart in a tree: its number, and these properties.
type HartProperties = (u64, Vec<Option<Vec<u8>>>);

const PROPERTIES: [&str; 6] =
    ["status", "compatible", "mmu-type", "riscv,isa", "riscv,isa-base", "riscv,isa-extensions"];

fn harts(bytes: &[u8]) -> Vec<HartProperties> {
    let fdt = Fdt::new(bytes).expect("a valid tree");
    let cpus = fdt.root().children().find(|node| node.name() == "cpus").expect("a node /cpus");
    let properties = |cpu: dtoolkit::fdt::FdtNode<'_>| {
        let value = |name: &str| {
            let property = cpu.properties().find(|property| property.name() == name)?;
            Some(property.value().to_vec())
        };
        let id = value("reg").expect("an id").iter().fold(0, |id, byte| id << 8 | u64::from(*byte));
        (id, PROPERTIES.map(value).to_vec())
    };
    cpus.children().filter(|node| node.name().starts_with("cpu@")).map(properties).collect()
}

/// Returns a property of the only hart, or of the one with this id.
fn property(bytes: &[u8], hart: u64, name: &str) -> Option<String> {
    let value = value(bytes, &["cpus", &format!("cpu@{hart:x}")], name)?;
    Some(String::from_utf8(value).expect("a text").trim_end_matches('\0').to_owned())
}

#[test]
fn the_harts_are_those_of_qemus_own_tree_of_the_machine() {
    let right = include_bytes!("virt.dtb");
    let tree = Memory::real().tree();
    assert_eq!(harts(&tree).len(), 3);
    assert_eq!(harts(&tree), harts(right));
    let timebase = value(&tree, &["cpus"], "timebase-frequency");
    assert!(timebase.is_some());
    assert_eq!(timebase, value(right, &["cpus"], "timebase-frequency"));
}

#[test]
fn a_kernel_boots_by_it() {
    let map = descriptor(7, 0x8000_0000, 0x1000, CACHED);
    let root = PhysAddr::new(0x9f54_1014);
    let bytes = written(&Memory::real().tree(), &Boot { acpi_root: Some(root), ..plain(&map) });
    let mut facts = Facts::UNKNOWN;
    facts.boot_hart = 2;
    Tree::read(&bytes, &mut facts).expect("facts");
    assert_eq!(facts.harts.ids(), [0, 1, 2]);
    let right = |hart: landfall_plan::harts::Hart| {
        hart.mmu == Mmu::Upto(Mode::Sv48) && hart.extensions.contains(Extension::Svnapot)
    };
    assert!(facts.harts.iter().all(right));
    assert_eq!((facts.timebase, facts.ram.as_slice().len()), (10_000_000, 1));
    assert_eq!(Efi::of(&bytes).expect("booted by EFI").acpi_root, Some(root));
}

#[test]
fn a_hart_that_cannot_be_started_is_named_and_has_a_status() {
    let tree = Tables::default().hart(7, 0, 1).hart(8, 1, 2).hart(9, 2, 0).hart(10, 3, 3).memory().tree();
    let status = |hart| property(&tree, hart, "status");
    let right = [(7, "okay"), (8, "disabled"), (9, "fail"), (10, "okay")];
    assert_eq!(right.map(|(hart, _)| status(hart)), right.map(|(_, status)| Some(status.to_owned())));
    let mut facts = Facts::UNKNOWN;
    facts.boot_hart = 10;
    Tree::read(&tree, &mut facts).expect("facts");
    assert_eq!(facts.harts.ids(), [7, 10]);
}

#[test]
fn each_hart_has_what_its_own_uid_has() {
    let mut tables = Tables::default().hart(u64::MAX, 5, 1).hart(0x10, 4, 1).hart(0, 6, 1).hart(1, 9, 1);
    let (small, large) = (tables.isa("rv64imac"), tables.isa("rv64imafdc_svnapot"));
    let (sv39, sv57, other) = (tables.mmu(0), tables.mmu(2), tables.mmu(3));
    let cache = tables.node(1, &[0, 6, 6, 6]);
    tables.info(4, &[cache, small, sv39]);
    tables.info(6, &[large, other]);
    tables.info(5, &[sv57, large, cache]);
    let tree = tables.memory().tree();
    let properties = |hart, name| property(&tree, hart, name);
    let is = |hart, isa: Option<&str>, mmu: Option<&str>| {
        assert_eq!(properties(hart, "riscv,isa").as_deref(), isa, "hart {hart:x}");
        assert_eq!(properties(hart, "mmu-type").as_deref(), mmu, "hart {hart:x}");
    };
    is(u64::MAX, Some("rv64imafdc_svnapot"), Some("riscv,sv57"));
    is(0x10, Some("rv64imac"), Some("riscv,sv39"));
    is(0, Some("rv64imafdc_svnapot"), None);
    is(1, None, None);
}

#[test]
fn a_clock_of_any_speed_is_told_and_one_of_none_is_not() {
    for (ticks, right) in [(0, None), (1 << 33, Some((1_u64 << 33).to_be_bytes().to_vec()))] {
        let mut memory = Tables::default().hart(0, 0, 1).memory();
        let rhct = &mut memory.parts[2].1;
        rhct[40..48].copy_from_slice(&u64::to_le_bytes(ticks));
        *rhct = super::made::seal(rhct.clone());
        assert_eq!(value(&memory.tree(), &["cpus"], "timebase-frequency"), right);
    }
}

#[test]
fn firmware_with_both_has_its_tree_kept_and_its_root_pointer_told() {
    let map = descriptor(7, 0x8000_0000, 0x1000, CACHED);
    let old = crate::made::tree(&[("landfall,acpi-rsdp", vec![1; 8])]);
    let with = |acpi_root| written(&old, &Boot { acpi_root, ..plain(&map) });
    let root = Some(PhysAddr::new(0x1234));
    let both = with(root);
    assert_eq!(Efi::of(&both).expect("booted by EFI").acpi_root, root);
    assert_eq!(value(&both, &["soc"], "compatible"), Some(b"simple-bus\0".to_vec()));
    // A value that an earlier loader left is not the firmware's.
    assert_eq!(Efi::of(&with(None)).expect("booted by EFI").acpi_root, None);
}
