//! Checks the tree with which an image's own loader enters it, by the firmware's own tables and the
//! specification. The judge of every path begins at `_start`, and this one ends there.

use std::fs;

use landfall_judge::walk::Walk;

use super::acpi;
use super::configuration::{Configuration, DTB_TABLE, word};
use crate::devicetree::{self, Tree};
use crate::image::at;
use crate::session::{Entry, Session, as_text};
use landfall_host::machine::{Firmware, Machine};
use landfall_host::place;
use landfall_judge::intervals::{Interval, union, without};

/// A descriptor of the memory map (UEFI 2.10, 7.2.3).
#[derive(Clone, Copy, Debug)]
struct Descriptor {
    kind: u32,
    place: Interval,
    attributes: u64,
}

fn descriptors(map: &[u8], size: usize) -> Vec<Descriptor> {
    let read = |bytes: &[u8]| Descriptor {
        kind: u32::from_le_bytes(*bytes.first_chunk().unwrap_or(&[0; 4])),
        place: Interval::new(word(bytes, 8), word(bytes, 24) * 4096),
        attributes: word(bytes, 32),
    };
    map.chunks_exact(size.max(40)).map(read).collect()
}

/// Returns the cached memory of these types (UEFI 2.10, table 7.10).
fn places(map: &[Descriptor], kinds: &[u32]) -> Vec<Interval> {
    let wanted = map.iter().filter(|part| kinds.contains(&part.kind) && part.attributes & 8 != 0);
    union(wanted.map(|part| part.place))
}

/// The bytes of the firmware's stack that are searched: half of the least stack of an image (UEFI
/// 2.10, 2.3.7).
const STACK: u64 = 64 << 10;

/// The size of the `rng-seed` that QEMU writes, in bytes.
const QEMU_SEED: usize = 32;

const LOADER_CODE: u32 = 1;
const ACPI_RECLAIM: u32 = 9;
const USABLE: [u32; 5] = [1, 2, 3, 4, 7];

/// Checks `tree`, with which the kernel was entered, and the mappings of the final tables, by the
/// firmware's own tables. The firmware's stack must hold none of `secrets`.
pub(crate) fn check(
    session: &mut Session,
    entry: &Entry,
    machine: &Machine,
    tree: &Tree,
    walk: &Walk,
    secrets: &[u64],
) -> Result<Vec<String>, String> {
    let bytes = session.tree(entry.tree_at)?;
    let chosen = |name: &str| {
        devicetree::chosen(&bytes, name).ok_or_else(|| format!("/chosen has no property {name}"))
    };
    let big = |name: &str| chosen(name).map(|value| devicetree::number(&value));
    let map = descriptors(&chosen("landfall,efi-memory-map")?, at(big("linux,uefi-mmap-desc-size")?));
    let mut findings = Vec::new();
    let mut holds = |right: bool, what: &str| {
        if !right {
            findings.push(what.to_owned());
        }
    };
    let kinds = |kinds: &[u32]| places(&map, kinds);
    let (usable, kept) = (kinds(&USABLE), kinds(&[ACPI_RECLAIM]));
    let ram = union(usable.iter().chain(&kept).copied());
    holds(
        tree.ram == ram,
        &format!("the tree's memory is {:x?}, and the memory of the firmware's map is {ram:x?}", tree.ram),
    );
    holds(without(&kept, &tree.reserved).is_empty(), "memory with ACPI's tables is not reserved");
    let whole = Interval::new(place::RAM.0, machine.memory.total().0);
    let told_of = union(map.iter().map(|part| part.place).chain(tree.no_map.iter().copied()));
    holds(without(&[whole], &told_of).is_empty(), "the memory map does not cover all memory");
    let image = Interval::new(entry.base, entry.size);
    let is_in = |set: &[Interval], place: Interval| set.iter().any(|part| part.holds(place));
    holds(is_in(&kinds(&[LOADER_CODE, 2]), image), "the image is not in memory that was allocated for it");
    holds(image.start.is_multiple_of(4096), "the image does not begin at a page");
    holds(
        !union(tree.no_map.iter().chain(&tree.reserved).copied()).iter().any(|part| part.overlaps(image)),
        "the image lies over memory that the tree reserves",
    );
    let written = Interval::new(entry.tree_at, bytes.len() as u64);
    holds(
        is_in(&kinds(&[2]), written) && !written.overlaps(image),
        "the tree is not in memory that was allocated for it",
    );
    holds(big("boot-hartid")? == entry.hart, "/chosen/boot-hartid names another hart");
    for leaf in &walk.leaves {
        let place = Interval::new(leaf.phys, leaf.size);
        let wrong = without(&[place], &ram);
        holds(wrong.is_empty(), &format!("{wrong:x?} is mapped, and is not RAM in the firmware's map"));
    }
    let table_at = big("linux,uefi-system-table")?;
    let runtime = union(map.iter().filter(|part| part.attributes >> 63 == 1).map(|part| part.place));
    holds(
        is_in(&runtime, Interval::new(table_at, 120)),
        "the system table is not memory of runtime services",
    );
    let table = session.read(table_at, 8)?;
    holds(table.starts_with(b"IBI SYST"), "/chosen does not have the system table's address");
    let by_acpi = machine.properties.iter().any(|property| property == acpi::ON);
    match Configuration::read(session, table_at)?.find(DTB_TABLE) {
        Some(at) => {
            let firmware = Tree::read(&session.tree(at)?)?;
            holds(firmware.seeds.is_empty(), "the firmware's own tree still has seeds");
        }
        None => holds(by_acpi, "the firmware has no device tree"),
    }
    let stack = session.read(entry.stack.saturating_sub(STACK), STACK)?;
    let on_stack = |part: &[u8]| stack.windows(part.len()).any(|window| window == part);
    let of_a_seed = tree.seeds.iter().flat_map(|seed| seed.chunks_exact(8)).any(on_stack);
    holds(!of_a_seed, "the firmware's stack, which is free memory, has eight bytes of a seed");
    let drawn = secrets.iter().any(|word| on_stack(&word.to_le_bytes()));
    holds(!drawn, "the firmware's stack, which is free memory, has a draw or the kernel's entropy");
    if let Some(initrd) = &machine.initrd {
        let right = as_text(fs::read(initrd))?;
        let (start, end) = (big("linux,initrd-start")?, big("linux,initrd-end")?);
        let found = session.read(start, end.saturating_sub(start).min(1 << 24))?;
        holds(found == right, "/chosen does not have the initrd's address");
    }
    if machine.extra.iter().any(|word| word == "virtio-rng-device") {
        let seed = tree.seeds.iter().map(Vec::len).sum::<usize>();
        // QEMU's seed is missing with ACPI. U-Boot removes it from the tree if U-Boot has a
        // generator (its efi_try_purge_rng_seed).
        let is_edk2 = matches!(machine.firmware, Firmware::Flash { .. });
        let right = if is_edk2 && !by_acpi { QEMU_SEED + 32 } else { 32 };
        holds(seed == right, &format!("the tree has {seed} bytes of seeds, expected {right}"));
    }
    if machine.extra.iter().any(|word| word == "ramfb") {
        holds(devicetree::has_framebuffer(&bytes), "the tree has no framebuffer");
    }
    if let Some(line) = &machine.append {
        holds(
            line.to_str().is_some_and(|line| tree.bootargs.starts_with(line)),
            &format!("the command line is \"{}\", expected {}", tree.bootargs, line.display()),
        );
    }
    Ok(findings)
}

/// The fewest descriptors of a memory map that was cut into pieces.
const PIECES: usize = 2500;

/// Returns a finding if the memory map is not cut into pieces.
pub(crate) fn in_pieces(session: &mut Session, entry: &Entry) -> Result<Option<String>, String> {
    let map = devicetree::chosen(&session.tree(entry.tree_at)?, "landfall,efi-memory-map");
    let count = map.map_or(0, |map| descriptors(&map, 40).len());
    Ok((count < PIECES).then(|| format!("the memory map has {count} descriptors, fewer than {PIECES}")))
}
