//! The tree of the next kernel, in the block, and EFI's memory map behind it.

use landfall_efi::{Efi, needs_acpi_on};
use landfall_paging::{PAGE_SIZE, PhysRange};
use landfall_tree::Tree;
use landfall_tree::tokens::Tokens;

use crate::block::{Block, Parts};
use crate::chosen::{Chosen, CrashRanges, Firmware};
use crate::error::KexecError;
use crate::image::{Image, ImageKind};
use crate::next::Next;
use crate::running::Running;
use crate::tree;

/// Writes the tree, and EFI's memory map behind it. Returns the tree's memory.
pub(crate) fn write_tree(
    running: Running<'_>,
    next: &Next<'_>,
    image: &Image,
    initrd: Option<PhysRange>,
    parts: Parts,
    block: &mut Block<'_>,
    crash: Option<CrashRanges>,
) -> Result<PhysRange, KexecError> {
    let old = Tree::new(running.tree).map_err(KexecError::Tree)?;
    let efi = firmware_of(old)?;
    let map_size = efi.map_or(0, |efi| efi.memory_map.bytes().len());
    let at = parts.rest.start();
    let map_at = |offset: usize| PhysRange::new(at.wrapping_add(offset as u64), map_size as u64);
    let mut chosen = Chosen {
        command_line: next.command_line,
        suffix: suffix(old, image.kind, next.command_line),
        initrd,
        hart: running.hart,
        seed: next.seed,
        firmware: efi.map(|efi| Firmware { efi, map: map_at(0) }),
        dropped: [running.facts.initrd.unwrap_or_default(), running.facts.tree],
        crash,
    };
    // The map lies behind the tree, whose size its address does not change.
    let size = match tree::write(old, &chosen, block.part(parts.rest)) {
        Ok(size) => size,
        Err(error) => error.wanted(),
    };
    if size > Tree::MAX_SIZE {
        return Err(KexecError::TreeTooLarge { size });
    }
    let map_offset = size.next_multiple_of(8);
    let before = at.wrapping_offset_from(block.at);
    let wanted = (before + (map_offset + map_size) as u64).next_multiple_of(PAGE_SIZE);
    let found = block.bytes.len() as u64;
    if wanted > found {
        return Err(KexecError::BlockTooSmall { wanted, found });
    }
    if let Some(efi) = efi {
        chosen.firmware = Some(Firmware { efi, map: map_at(map_offset) });
        let rest = block.part(parts.rest);
        let (into, behind) = rest.split_at_mut(map_offset.min(rest.len()));
        tree::write(old, &chosen, into).map_err(|_| KexecError::TreeTooLarge { size })?;
        efi.write_next_map(next.runtime, behind).map_err(KexecError::RuntimeMap)?;
    }
    Ok(PhysRange::new(at, size as u64))
}

/// Returns the EFI firmware that the tree names; `None` if another loader started the machine.
fn firmware_of(tree: Tree<'_>) -> Result<Option<Efi<'_>>, KexecError> {
    let chosen = Tokens::root(tree).child("chosen");
    let is_named = chosen.is_some_and(|chosen| chosen.property("linux,uefi-system-table").is_some());
    let efi = Efi::of(tree.bytes());
    if is_named && efi.is_none() { Err(KexecError::MemoryMap) } else { Ok(efi) }
}

/// Returns the word that Linux requires on a machine which ACPI alone describes.
fn suffix(tree: Tree<'_>, kind: ImageKind, command_line: &[u8]) -> &'static [u8] {
    match command_line {
        _ if kind != ImageKind::BootHeader || !needs_acpi_on(tree, command_line) => b"",
        [] => b"acpi=on",
        _ => b" acpi=on",
    }
}
