//! EFI's memory map for the next kernel, and the word that makes Linux read ACPI's tables.

use landfall_efi::{Efi, MemoryMap};
use landfall_tree::Tree;
use landfall_tree::tokens::Tokens;

use crate::image::ImageKind;

/// The memory map is damaged, or does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadMap;

/// Returns EFI's memory map in the tree; `None` if EFI did not start the machine.
pub(crate) fn map_of(tree: Tree<'_>) -> Result<Option<MemoryMap<'_>>, BadMap> {
    let has_table = Tokens::root(tree)
        .child("chosen")
        .is_some_and(|chosen| chosen.property("linux,uefi-system-table").is_some());
    let map = Efi::of(tree.bytes()).map(|efi| efi.memory_map);
    if has_table && map.is_none() { Err(BadMap) } else { Ok(map) }
}

/// Writes the map. `given` is the one that the kernel has given to `SetVirtualAddressMap`.
pub(crate) fn write_map(map: MemoryMap<'_>, given: Option<&[u8]>, into: &mut [u8]) -> Result<(), BadMap> {
    let _ = given;
    into.get_mut(..map.bytes().len()).ok_or(BadMap)?.copy_from_slice(map.bytes());
    Ok(())
}

/// Returns the word that is added to the command line.
///
/// A machine that ACPI alone describes has a tree with harts and no devices. Linux takes such a tree
/// for the machine's description, unless `acpi=on` asks for ACPI's tables (Linux,
/// `arch/riscv/kernel/acpi.c`).
pub(crate) fn suffix(tree: Tree<'_>, kind: ImageKind, command_line: &[u8]) -> &'static [u8] {
    let root = Tokens::root(tree);
    let by_acpi = root.child("chosen").is_some_and(|chosen| chosen.property("landfall,acpi-rsdp").is_some());
    let is_plain = |name: &str| {
        let base = name.split('@').next().unwrap_or_default();
        ["cpus", "chosen", "memory", "reserved-memory", "aliases"].contains(&base)
    };
    let is_asked = |word: &[u8]| word.starts_with(b"acpi=");
    let has_word = command_line.split(u8::is_ascii_whitespace).any(is_asked);
    let linux = kind == ImageKind::BootHeader;
    if linux && by_acpi && !has_word && root.children().all(|(name, _)| is_plain(name)) {
        if command_line.is_empty() { b"acpi=on" } else { b" acpi=on" }
    } else {
        b""
    }
}
