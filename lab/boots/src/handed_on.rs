//! A tree that another kernel hands on under EFI, as Linux does by kexec. The debugger puts it into
//! the machine between OpenSBI and the kernel, with the firmware's data to which it leads.

use dtoolkit::model::{DeviceTree, DeviceTreeProperty};

use super::devicetree::{self, Mapped};
use super::session::{Entry, Session};
use landfall_judge::intervals::Interval;

const MAP: u64 = 0x9400_0000;
const TABLE: u64 = 0x9f60_0018;
const CONFIGURED: u64 = 0x9f60_2000;

/// The place where Linux has mapped the firmware's memory.
const VIRTUAL: u64 = 0x2000_0000;
/// The firmware's memory: system table and configuration tables.
const RUNTIME: u64 = 0x9f60_0000;

/// Descriptors: type, start, pages, attributes. The machine has 1 GiB, and OpenSBI 2 MiB of it.
const PARTS: [(u64, u64, u64, u64); 5] = [
    (0, 0x8000_0000, 0x200, 0xf),
    (7, 0x8020_0000, 0x1_f100, 0xf),
    // ACPI's tables.
    (9, 0x9f30_0000, 0x300, 0xf),
    (6, RUNTIME, 0x10, 0xf | 1 << 63),
    (4, 0x9f61_0000, 0x2_09f0, 0xf),
];

/// ACPI's tables of a machine of three harts, at their addresses there.
const TABLES: [(u64, &[u8]); 4] = [
    (0x9f54_1014, include_bytes!("../../../crates/landfall-efi/tests/host/acpi/rsdp.bin")),
    (0x9f54_00e8, include_bytes!("../../../crates/landfall-efi/tests/host/acpi/xsdt.bin")),
    (0x9f3a_8000, include_bytes!("../../../crates/landfall-efi/tests/host/acpi/madt.bin")),
    (0x9f3a_7000, include_bytes!("../../../crates/landfall-efi/tests/host/acpi/rhct.bin")),
];

/// ACPI 2.0's GUID among configuration tables (UEFI 2.10, 4.6).
const ACPI: [u8; 16] =
    [0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11, 0xbc, 0x22, 0, 0x80, 0xc7, 0x3c, 0x88, 0x81];

/// The description of the harts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Harts {
    /// The tree.
    Tree,
    /// ACPI's tables; the other kernel has called `SetVirtualAddressMap`.
    Acpi,
}

/// Damage to what is handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Damage {
    None,
    /// The version of descriptors is another one.
    Version,
    /// The map lies in the firmware's memory.
    MapOutside,
    /// The system table has no signature.
    Signature,
    /// There are no configuration tables.
    NoTables,
    /// A table of ACPI's has a wrong sum.
    Sum,
    /// All free memory is reserved.
    NoRoom,
}

/// Hands the machine on.
pub(super) fn hand_on(
    session: &mut Session,
    entry: &mut Entry,
    harts: Harts,
    damage: Damage,
) -> Result<(), String> {
    let virtual_start = |start| if harts == Harts::Acpi && start == RUNTIME { VIRTUAL } else { 0 };
    let words = PARTS.map(|(kind, start, pages, bits)| [kind, start, virtual_start(start), pages, bits, 0]);
    let map = words.concat().into_iter().flat_map(u64::to_le_bytes).collect::<Vec<u8>>();
    let map_at = if damage == Damage::MapOutside { RUNTIME + 0x4000 } else { MAP };
    session.write(map_at, &map)?;
    let mut table = [0; 120];
    let signature = if damage == Damage::Signature { [0; 8] } else { *b"IBI SYST" };
    let count = u64::from(damage != Damage::NoTables);
    let tables = if harts == Harts::Acpi { CONFIGURED - RUNTIME + VIRTUAL } else { CONFIGURED };
    let fields = [(0, signature), (104, count.to_le_bytes()), (112, tables.to_le_bytes())];
    for (at, bytes) in fields {
        table[at..at + 8].copy_from_slice(&bytes);
    }
    session.write(TABLE, &table)?;
    session.write(CONFIGURED, &[&ACPI[..], &TABLES[0].0.to_le_bytes()].concat())?;
    for (at, bytes) in TABLES {
        session.write(at, bytes)?;
    }
    if damage == Damage::Sum {
        let (at, madt) = TABLES[2];
        session.write(at + 50, &[!madt[50]])?;
    }
    let size = u32::try_from(map.len()).map_err(|error| error.to_string())?;
    session.edit_tree(entry, |tree| edit(tree, (map_at, size), harts, damage))
}

/// Makes of the firmware's tree what Linux hands on.
fn edit(tree: &mut DeviceTree, (map, size): (u64, u32), harts: Harts, damage: Damage) {
    if harts == Harts::Acpi {
        tree.root.remove_child("cpus");
    }
    if damage == Damage::NoRoom {
        for (_, start, pages, _) in [PARTS[1], PARTS[4]] {
            let range = Interval::new(start, pages << 12);
            devicetree::reserve(tree, range, Mapped::Yes);
        }
    }
    let Some(chosen) = tree.root.child_mut("chosen") else { return };
    let version = 1 + u32::from(damage == Damage::Version);
    chosen.add_property(DeviceTreeProperty::new_unchecked("linux,uefi-system-table", TABLE));
    chosen.add_property(DeviceTreeProperty::new_unchecked("linux,uefi-mmap-start", map));
    chosen.add_property(DeviceTreeProperty::new_unchecked("linux,uefi-mmap-size", size));
    chosen.add_property(DeviceTreeProperty::new_unchecked("linux,uefi-mmap-desc-size", 48_u32));
    chosen.add_property(DeviceTreeProperty::new_unchecked("linux,uefi-mmap-desc-ver", version));
}
