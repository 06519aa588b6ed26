//! The places that image and initrd can have.

use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange};

use crate::blob::Blob;
use crate::error::{KexecError, Part};
use crate::image::{ALIGNMENT, Image, ImageKind, Whereabouts};
use crate::memory::{Memory, Shape};
use crate::next::Next;
use crate::place::Place;

/// Returns the memory that holds what is copied.
pub(crate) fn sources<'a>(next: &Next<'a>) -> impl Iterator<Item = PhysRange> + Clone + use<'a> {
    let initrd = next.initrd.into_iter().flat_map(Blob::pieces);
    next.image.pieces().chain(initrd)
}

/// Returns the place of the image.
pub(crate) fn place_of_image(
    memory: Memory<'_>,
    next: &Next<'_>,
    image: &Image,
) -> Result<PhysRange, KexecError> {
    let part = Part::Image;
    let offset = match image.whereabouts {
        Whereabouts::Anywhere { offset } => offset,
        Whereabouts::Fixed(at) => {
            if !matches!(next.place, Place::Lowest) && next.place != Place::At(at) {
                return Err(KexecError::Fixed { kind: image.kind, at });
            }
            return fixed(memory, image, at);
        }
    };
    // A landfall kernel lands at any page. It needs fewer leaves where both addresses agree.
    let align = match next.place {
        Place::At(_) if image.kind == ImageKind::Landfall => PAGE_SIZE,
        _ => ALIGNMENT,
    };
    let shape = Shape { size: image.size, align: ALIGNMENT, offset };
    match next.place {
        Place::At(at) => {
            if !at.wrapping_sub(offset).is_aligned(align) {
                return Err(KexecError::Misaligned { at, align });
            }
            let range = PhysRange::new(at, image.size);
            if memory.holds(range) { Ok(range) } else { Err(KexecError::Taken { part, range }) }
        }
        place => {
            let here = (place == Place::Lowest).then(|| in_its_place(memory, next, shape)).flatten();
            let without_sources = || memory.find(shape, place, &sources(next));
            let anywhere = || memory.find(shape, place, &core::iter::empty());
            let no_room = KexecError::NoRoom { part, size: image.size };
            here.or_else(without_sources).or_else(anywhere).ok_or(no_room)
        }
    }
}

/// Returns the place of an ELF that has one alone.
fn fixed(memory: Memory<'_>, image: &Image, at: PhysAddr) -> Result<PhysRange, KexecError> {
    for segment in image.segments() {
        let range = PhysRange::new(at.wrapping_add(segment.at), segment.memory_size);
        if !memory.holds(range) {
            return Err(KexecError::Taken { part: Part::Image, range });
        }
    }
    Ok(PhysRange::new(at, image.size))
}

/// Returns the present place of a flat image, if it can stay.
fn in_its_place(memory: Memory<'_>, next: &Next<'_>, shape: Shape) -> Option<PhysRange> {
    let here = next.image.in_one_piece()?;
    let range = PhysRange::new(here.start(), shape.size);
    let is_flat =
        here.size() <= shape.size && here.start().wrapping_sub(shape.offset).is_aligned(shape.align);
    let initrd = next.initrd.into_iter().flat_map(Blob::pieces);
    let free = memory.holds(range) && !initrd.into_iter().any(|piece| piece.overlaps(range));
    (is_flat && free && !next.image.bytes().starts_with(b"\x7fELF")).then_some(range)
}

/// Returns the place of the initrd: its present one if it can stay.
pub(crate) fn place_of_initrd(
    memory: Memory<'_>,
    next: &Next<'_>,
    size: u64,
) -> Result<PhysRange, KexecError> {
    let here = next.initrd.and_then(Blob::in_one_piece);
    let stays = here.filter(|here| memory.holds(here.pages_touched()));
    let shape = Shape { size: size.next_multiple_of(PAGE_SIZE), align: PAGE_SIZE, offset: 0 };
    let without_sources = || memory.find(shape, Place::Lowest, &sources(next));
    let anywhere = || memory.find(shape, Place::Lowest, &core::iter::empty());
    let found = stays.or_else(without_sources).or_else(anywhere);
    let found = found.ok_or(KexecError::NoRoom { part: Part::Initrd, size })?;
    Ok(PhysRange::new(found.start(), size))
}
