//! The default addresses of image and tree, as a boot loader would choose them.

use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange};
use landfall_plan::Facts;
use landfall_plan::facts::PlacedImage;

use super::Loading;
use crate::blueprint::Blueprint;
use crate::notes::Note;
use crate::units::Address;

/// The address of the image if no RAM has room for it: the plan then reports that.
const USUAL_PLACE: PhysAddr = PhysAddr::new(0x8020_0000);
/// Bytes from the start of RAM, where firmware lies, to the place where boot loaders put a kernel
/// on most boards.
const FIRMWARE: u64 = 2 << 20;

/// Puts image and tree where a boot loader would.
pub(super) fn put(
    facts: &mut Facts,
    tree: u64,
    loading: &Loading,
    kernel: &Blueprint,
    notes: &mut Vec<Note>,
) {
    let given = |address: Option<Address>| address.map(|address| PhysAddr::new(address.0));
    let base = given(loading.at).unwrap_or_else(|| {
        let base = image_place(facts, kernel);
        notes.push(Note::ImageAssumed(base));
        base
    });
    (facts.image, facts.loaded) = (kernel.at(base).parts, base);
    let at = given(loading.tree_at).unwrap_or_else(|| {
        let at = tree_place(facts, facts.loaded_image(), tree);
        notes.push(Note::TreeAssumed(at));
        at
    });
    let line = facts.command_line;
    facts.command_line = PhysRange::new(at.wrapping_add(line.start().get()), line.size());
    facts.tree = PhysRange::new(at, tree);
}

/// Returns an address 2 MiB above the start of the lowest RAM with room for the image. It is
/// 0x80200000 on QEMU's `virt` and the Unmatched, 0x40200000 on the JH7110, and 0x200000 on the
/// TH1520.
fn image_place(facts: &Facts, kernel: &Blueprint) -> PhysAddr {
    let place = |ram: PhysRange| PhysAddr::new(ram.start().get().saturating_add(FIRMWARE));
    let fits = |base: &PhysAddr| facts.ram.contains(kernel.at(*base).all());
    facts.ram.iter().map(place).find(fits).unwrap_or(USUAL_PLACE)
}

/// Returns the highest free place in the RAM that holds the image, above it where there is room;
/// else in any RAM.
fn tree_place(facts: &Facts, image: PlacedImage, size: u64) -> PhysAddr {
    let mut free = facts.ram.clone();
    let obstacles = facts.no_map.iter().chain(facts.reserved.iter()).chain(facts.initrd);
    for obstacle in obstacles.chain([image.all()]) {
        // If the pieces are too many to keep, some of the rest may overlap an obstacle. The landing
        // reports that.
        let _ = free.remove(obstacle.pages_touched());
    }
    let size = size.next_multiple_of(PAGE_SIZE);
    let home = facts.ram.iter().find(|ram| ram.contains(image.all())).unwrap_or_default();
    let places = || free.iter().filter(|free| free.size() >= size);
    let highest = |ranges: &mut dyn Iterator<Item = PhysRange>| ranges.last();
    let place = highest(&mut places().filter(|free| home.contains(*free)))
        .or_else(|| highest(&mut places()))
        .unwrap_or_default();
    PhysAddr::new(place.end().get().saturating_sub(size)).align_down(PAGE_SIZE)
}
