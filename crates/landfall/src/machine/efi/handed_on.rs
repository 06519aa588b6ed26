//! The completion of a tree that another kernel hands on: Linux's, by kexec. Firmware was left long
//! ago.

use landfall_efi::{EfiRefusal, Handed, Loaded, Room, write_tree};
use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::Facts;
#[cfg(not(feature = "acpi"))]
use landfall_plan::refusal::{MissingFeature, Refusal};
use landfall_tree::Tree;
use landfall_tree::tokens::WriteError;

use super::super::early::PhysicalMemory;

/// Writes the completed tree into free memory and returns its address. `facts` are those of the
/// old tree, from which the seeds are deleted.
///
/// # Errors
/// Rule 28, and those of a loader that this tree breaks: 6, 20, 23, 25, 27.
pub(in super::super) fn complete(memory: &PhysicalMemory, facts: &Facts) -> Result<PhysAddr, EfiRefusal> {
    let (image, old) = (facts.loaded_image().all(), facts.tree);
    // SAFETY: the other kernel has put all of it there: the tree, the map, the firmware's memory by
    // that map. None is written while it is read. Missing memory traps, which is refused (rule 16).
    let bytes = |range: PhysRange| unsafe { &*memory.bytes(range.start(), range.size() as usize) };
    let tree = Tree::new(bytes(old))?;
    let handed = Handed::of(tree, &[image, old])?;
    let loaded = Loaded { hart: facts.boot_hart, tree: old };
    let boot = handed.boot(tree, loaded, bytes(handed.map), |range| Some(bytes(range)))?;
    #[cfg(not(feature = "acpi"))]
    if boot.harts.is_some() {
        return Err(Refusal::CompiledOut(MissingFeature::Acpi).into());
    }
    let wanted = write_tree(tree, &boot, &mut []).unwrap_or_else(WriteError::wanted);
    let [a, b, c, d] = u32::try_from(wanted).unwrap_or(u32::MAX).to_be_bytes();
    Tree::stated_size([0, 0, 0, 0, a, b, c, d])?;
    let taken = [image, old, handed.map].into_iter().chain(facts.initrd);
    let reserved = facts.reserved.iter().chain(facts.no_map.iter());
    let place = Room::new(boot.map, tree).find(wanted, &taken.chain(reserved))?;
    // SAFETY: it is free by the memory map, and has no owner that the tree names.
    let new = unsafe { memory.bytes(place.start(), wanted) };
    // It fits, since it was measured.
    let _ = write_tree(tree, &boot, new);
    // The seeds are in the new tree, from which the landing will take them.
    if let Ok(seeds) = tree.seeds() {
        // SAFETY: no reader of the old tree is left.
        seeds.delete(unsafe { memory.bytes(old.start(), old.size() as usize) });
    }
    Ok(place.start())
}
