//! Tables of firmware, framebuffers and the device tree, as a kernel reads them.

mod machine;

use landfall_limine::{Channel, EfiMemoryMap, Facts, Framebuffer, MemoryKind, MemoryRange, Smbios};
use landfall_paging::{PhysAddr, PhysRange};
use landfall_tree::Tree;
use landfall_tree::tokens::{Token, Tokens, TreeWriter};
use machine::{HHDM, Kernel, Machine};

const PLACED: Facts<'static> = Facts { hhdm_offset: HHDM, ..Facts::UNKNOWN };
const TABLE: u64 = 0x8800_0100;
/// A table of 36 bytes.
const FOUND: Option<PhysRange> = Some(PhysRange::new(PhysAddr::new(TABLE), 36));

fn asking(revision: u64, id: [u64; 2], facts: &Facts<'_>) -> Machine {
    Kernel::of_revision(revision).request(id, 0, &[]).answer(facts).expect("answers")
}

/// A map with the page of the tables.
fn map(kind: MemoryKind) -> [MemoryRange; 1] {
    [MemoryRange { range: PhysRange::new(PhysAddr::new(0x8800_0000), 0x1000), kind }]
}

#[test]
fn the_root_pointer_is_physical_in_revision_3_and_else_in_the_linear_map() {
    for kind in [MemoryKind::AcpiReclaimable, MemoryKind::AcpiNvs, MemoryKind::ReservedMapped] {
        let memory = map(kind);
        let facts = Facts { rsdp: FOUND, memory: &memory, ..PLACED };
        assert_eq!(asking(3, machine::RSDP, &facts).answer(machine::RSDP), [0, TABLE]);
        for revision in 4..=6 {
            let machine = asking(revision, machine::RSDP, &facts);
            assert_eq!(machine.answer(machine::RSDP), [0, TABLE.wrapping_add(HHDM)]);
        }
    }
}

#[test]
fn efi_and_smbios_are_physical_in_revisions_3_and_4() {
    let memory = map(MemoryKind::ReservedMapped);
    let smbios = Smbios { entry_32: None, entry_64: FOUND };
    let facts = Facts { efi_system_table: FOUND, smbios, memory: &memory, ..PLACED };
    for revision in 3..=6 {
        let expected = if revision < 5 { TABLE } else { TABLE.wrapping_add(HHDM) };
        let machine = asking(revision, machine::SYSTEM_TABLE, &facts);
        assert_eq!(machine.answer(machine::SYSTEM_TABLE), [0, expected]);
        let machine = asking(revision, machine::SMBIOS, &facts);
        assert_eq!(machine.answer(machine::SMBIOS), [0, 0, expected]);
    }
    let smbios = Smbios { entry_32: FOUND, entry_64: None };
    let machine = asking(3, machine::SMBIOS, &Facts { smbios, ..PLACED });
    assert_eq!(machine.answer(machine::SMBIOS), [0, TABLE, 0]);
}

#[test]
fn a_table_that_the_linear_map_does_not_hold_has_no_response() {
    let reserved = map(MemoryKind::Reserved);
    let smbios = Smbios { entry_32: FOUND, entry_64: FOUND };
    for memory in [&reserved[..], &[]] {
        let facts = Facts { rsdp: FOUND, efi_system_table: FOUND, smbios, memory, ..PLACED };
        for id in [machine::RSDP, machine::SYSTEM_TABLE, machine::SMBIOS] {
            assert_eq!(asking(6, id, &facts).response(id), None);
        }
    }
}

#[test]
fn the_memory_map_of_efi_is_copied() {
    let bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    let efi_memory_map = Some(EfiMemoryMap { bytes: &bytes, descriptor_size: 48, descriptor_version: 1 });
    let machine = asking(6, machine::EFI_MEMORY, &Facts { efi_memory_map, ..PLACED });
    let [0, at, 9, 48, 1] = machine.answer(machine::EFI_MEMORY) else { panic!("another response") };
    assert_eq!((machine.bytes(at, 9), at % 8), (bytes.as_slice(), 0));
}

#[test]
fn a_framebuffer_has_one_mode() {
    let channel = |shift| Channel { size: 8, shift };
    let one = Framebuffer {
        range: PhysRange::new(PhysAddr::new(0xa000_0000), 0x40_0000),
        width: 800,
        height: 600,
        stride: 3328,
        bits: 32,
        red: channel(16),
        green: channel(8),
        blue: channel(0),
        edid: &[],
    };
    let edid = [0x55; 128];
    let all = [one, Framebuffer { edid: &edid, ..one }];
    let machine = asking(6, machine::FRAMEBUFFER, &Facts { framebuffers: &all, ..PLACED });
    let [1, 2, list] = machine.answer(machine::FRAMEBUFFER) else { panic!("another response") };
    let pixels = [32, 0, 1, 8, 16, 8, 8, 8, 0];
    for (at, edid) in machine.array(list, 2).into_iter().zip([&[][..], &edid]) {
        assert_eq!(machine.words(at), [0xa000_0000_u64.wrapping_add(HHDM), 800, 600, 3328]);
        assert_eq!(machine.bytes(at + 32, 9), pixels);
        let [size, place, 1, modes] = machine.words(at + 48) else { panic!("another number of modes") };
        assert_eq!(size, edid.len() as u64);
        assert!(if size == 0 { place == 0 } else { machine.bytes(place, size) == edid });
        let mode = machine.word(modes);
        assert_eq!((machine.words(mode), machine.bytes(mode + 24, 9)), ([3328, 800, 600], pixels.as_slice()));
    }
}

/// A tree with nodes of memory at the root, and with one that only has the name of one.
fn tree() -> Vec<u8> {
    let mut room = [0; 1024];
    let mut out =
        TreeWriter::new(&mut room, &[], b"device_type\0reg\0", [PhysRange::new(PhysAddr::new(0x1000), 64)]);
    out.begin("");
    for name in ["memory@80000000", "memory", "memory-controller", "soc"] {
        out.begin(name);
        out.text("device_type", name);
        if name == "soc" {
            out.begin("memory@1000");
            out.end();
        } else {
            out.begin("child");
            out.property("reg", &[0; 8]);
            out.end();
        }
        out.end();
    }
    out.end();
    let size = out.finish(3).expect("room");
    room[..size].to_vec()
}

#[test]
fn the_tree_has_no_memory_and_all_else() {
    let bytes = tree();
    let device_tree = Some(Tree::new(&bytes).expect("a tree"));
    let machine = asking(6, machine::TREE, &Facts { device_tree, boot_hart: 3, ..PLACED });
    let [0, at] = machine.answer(machine::TREE) else { panic!("another revision") };
    let stated = u32::from_be_bytes(machine.bytes(at + 4, 4).try_into().expect("4 bytes"));
    let copy = Tree::new(machine.bytes(at, stated.into())).expect("a tree");
    let names: Vec<_> = Tokens::of(copy)
        .filter_map(|token| match token {
            Token::Begin { name } => Some(name),
            _ => None,
        })
        .collect();
    assert_eq!(names, ["", "memory-controller", "child", "soc", "memory@1000"]);
    assert_eq!(machine.bytes(at + 28, 4), 3_u32.to_be_bytes());
    assert!(Tokens::reservations(copy).eq([PhysRange::new(PhysAddr::new(0x1000), 64)]));
}
