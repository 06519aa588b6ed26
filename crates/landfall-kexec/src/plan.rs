//! The plan: every place, every step, and the new tree. It is made while the running kernel could
//! still go on.

use landfall_efi::{Efi, needs_acpi_on};
use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange};
use landfall_plan::Facts;
use landfall_tree::Tree;
use landfall_tree::tokens::Tokens;

use crate::block::{Block, Parts};
use crate::chosen::{Chosen, CrashRanges, Firmware};
use crate::error::{KexecError, Part};
use crate::image::{ALIGNMENT, Image, ImageKind, Whereabouts};
use crate::memory::{Memory, Shape};
use crate::next::Next;
use crate::place::Place;
use crate::steps::{Step, Steps};
use crate::{check, tree};

/// The kernel that runs.
#[derive(Clone, Copy, Debug)]
pub struct Running<'a> {
    /// The machine's facts.
    pub facts: &'a Facts,
    /// The plan of its landing.
    pub plan: &'a landfall_plan::Plan,
    /// Its device tree.
    pub tree: &'a [u8],
    /// The hart that starts the next kernel.
    pub hart: u64,
}

/// The start of another kernel, planned. Its tree lies in the [`Block`].
#[derive(Debug)]
#[non_exhaustive]
pub struct KexecPlan<'a> {
    /// The kind of the next image.
    pub kind: ImageKind,
    /// The memory of the next image, what it needs beyond its file included.
    pub image: PhysRange,
    /// Its first instruction.
    pub entry: PhysAddr,
    /// Its device tree.
    pub tree: PhysRange,
    /// Its initrd.
    pub initrd: Option<PhysRange>,
    /// The hart that boots.
    pub hart: u64,
    /// The parts of the block.
    pub parts: Parts,
    /// The steps of the copier, in order.
    pub steps: &'a [Step],
    /// Bytes of image and initrd that are in their places already.
    pub in_place: u64,
}

impl<'a> KexecPlan<'a> {
    /// Plans the start of another kernel. The new tree is written to the block, and the running
    /// kernel's memory stays as it is otherwise.
    ///
    /// `steps` is room for the copier's steps: 32 suffice for a flat image and an initrd in few
    /// pieces.
    ///
    /// # Errors
    /// [`KexecError`] states the fault and the remedy. The same block can be used for another plan.
    pub fn new(
        running: Running<'_>,
        next: &Next<'_>,
        block: &mut Block<'_>,
        steps: &'a mut [Step],
    ) -> Result<Self, KexecError> {
        let Running { facts, plan, .. } = running;
        let image = Image::read(next.image.bytes())?;
        check_wishes(facts, next)?;
        check_block(running, block.range())?;
        let targets = Targets::find(facts, next, &image, block.range())?;
        let room = steps.len();
        let mut steps = Steps::new(steps);
        let failed = |error: crate::steps::OrderError| error.into_error(room);
        let in_place = targets.push_copies(next, &image, &mut steps).map_err(failed)?;
        targets.order(facts, next, block.range(), &mut steps).map_err(failed)?;
        let old = [plan.image.phys.all(), plan.block, facts.tree.pages_touched()];
        let wiped = old.into_iter().chain(next.wiped.iter().copied());
        targets.push_wipes(wiped, &image, block.range(), &mut steps).map_err(failed)?;
        // The list itself is wiped last. Behind its last step, it ends by the zeros of that wipe.
        let too_small = |wanted: u64| KexecError::BlockTooSmall { wanted, found: block.bytes.len() as u64 };
        let parts = Parts::new(plan.mode, block.range(), steps.as_slice().len() + 2);
        let least = Parts::least(plan.mode, steps.as_slice().len() + 2);
        let parts = parts.ok_or_else(|| too_small(least))?;
        steps.push(Step::Zero(parts.tables)).map_err(failed)?;
        steps.push(Step::Zero(parts.list)).map_err(failed)?;
        let tree = write_tree(running, next, &image, targets.initrd, parts, block, None)?;
        if image.kind == ImageKind::Landfall {
            let at = parts.rest.start();
            let size = usize::try_from(tree.size()).unwrap_or(usize::MAX);
            let bytes = block.rest(parts).get(..size).unwrap_or_default();
            check::landing(next.image, &image, targets.image.start(), at, bytes, running.hart)?;
        }
        Ok(Self {
            kind: image.kind,
            image: targets.image,
            entry: targets.image.start().wrapping_add(image.entry),
            tree,
            initrd: targets.initrd,
            hart: running.hart,
            parts,
            steps: steps.into_slice(),
            in_place,
        })
    }

    /// Returns the bytes that the steps copy.
    #[must_use]
    pub fn copied(&self) -> u64 {
        let copies = self.steps.iter().filter(|step| matches!(step, Step::Copy { .. }));
        copies.map(|step| step.target().size()).sum()
    }
}

fn check_wishes(facts: &Facts, next: &Next<'_>) -> Result<(), KexecError> {
    let ram = facts.ram.as_slice();
    if !next.image.is_in(ram) {
        return Err(KexecError::NotInRam(Part::Image));
    }
    if next.initrd.is_some_and(|initrd| !initrd.is_in(ram)) {
        return Err(KexecError::NotInRam(Part::Initrd));
    }
    if next.command_line.contains(&0) {
        return Err(KexecError::CommandLine);
    }
    let usable = Memory::new(facts);
    let cannot = next.wiped.iter().find(|range| !usable.holds(**range));
    cannot.map_or(Ok(()), |range| Err(KexecError::Wiped(*range)))
}

fn check_block(running: Running<'_>, block: PhysRange) -> Result<(), KexecError> {
    let whole_pages = block.start().is_aligned(PAGE_SIZE) && block.size().is_multiple_of(PAGE_SIZE);
    if block.is_empty() || !whole_pages || !Memory::new(running.facts).holds(block) {
        return Err(KexecError::BlockNotUsable(block));
    }
    let limit = PhysAddr::new(running.plan.mode.half_size());
    if block.end() > limit { Err(KexecError::BlockTooHigh { block, limit }) } else { Ok(()) }
}

/// The places of image and initrd.
#[derive(Clone, Copy)]
struct Targets {
    image: PhysRange,
    initrd: Option<PhysRange>,
}

impl Targets {
    fn find(facts: &Facts, next: &Next<'_>, image: &Image, block: PhysRange) -> Result<Self, KexecError> {
        let memory = Memory::new(facts).without(block);
        let at = place_of_image(memory, next, image)?;
        let memory = memory.without(at);
        let initrd = next.initrd.filter(|initrd| initrd.size() != 0);
        let initrd = initrd.map(|initrd| place_of_initrd(memory, next, initrd.size())).transpose()?;
        Ok(Self { image: at, initrd })
    }

    /// Adds the copies, and returns how many bytes need none.
    fn push_copies(
        &self,
        next: &Next<'_>,
        image: &Image,
        steps: &mut Steps<'_>,
    ) -> Result<u64, crate::steps::OrderError> {
        let mut in_place = 0;
        let mut copy = |pieces: &mut dyn Iterator<Item = PhysRange>, to: PhysAddr, steps: &mut Steps<'_>| {
            let mut to = to;
            for piece in pieces {
                in_place += if piece.start() == to { piece.size() } else { 0 };
                steps.copy(piece, to)?;
                to = to.wrapping_add(piece.size());
            }
            Ok(())
        };
        for segment in image.segments() {
            let to = self.image.start().wrapping_add(segment.at);
            copy(&mut next.image.pieces_of(segment.offset, segment.file_size), to, steps)?;
        }
        if let Some((initrd, to)) = next.initrd.zip(self.initrd) {
            copy(&mut initrd.pieces(), to.start(), steps)?;
        }
        for segment in image.segments() {
            let to = self.image.start().wrapping_add(segment.at + segment.file_size);
            let zeros = PhysRange::new(to, segment.memory_size - segment.file_size);
            if !zeros.is_empty() && image.kind == ImageKind::Elf {
                steps.push(Step::Zero(zeros))?;
            }
        }
        Ok(in_place)
    }

    fn order(
        &self,
        facts: &Facts,
        next: &Next<'_>,
        block: PhysRange,
        steps: &mut Steps<'_>,
    ) -> Result<(), crate::steps::OrderError> {
        let memory = Memory::new(facts).without(block).without(self.image);
        let memory = memory.without(self.initrd.unwrap_or_default());
        steps.order(|size, steps| {
            let used = steps.iter().flat_map(|step| [step.source(), step.target()]);
            let used = used.chain(sources(next));
            // As much as is free in one piece, in halves.
            core::iter::successors(Some(size), |size| Some(size / 2).filter(|size| *size >= PAGE_SIZE))
                .find_map(|size| memory.find(Shape { size, align: 8, offset: 0 }, Place::Lowest, &used))
        })
    }

    /// Adds a step for each piece of `wiped` that the next kernel's own bytes do not take.
    fn push_wipes(
        &self,
        wiped: impl Iterator<Item = PhysRange>,
        image: &Image,
        block: PhysRange,
        steps: &mut Steps<'_>,
    ) -> Result<(), crate::steps::OrderError> {
        let contents = |segment: &crate::image::Segment| {
            PhysRange::new(self.image.start().wrapping_add(segment.at), segment.file_size)
        };
        let kept = || image.segments().iter().map(contents).chain(self.initrd).chain([block]);
        for range in wiped {
            let mut at = range.start();
            while at < range.end() {
                let rest = PhysRange::between(at, range.end());
                let first = kept().filter(|kept| kept.overlaps(rest)).min_by_key(|kept| kept.start());
                let end = first.map_or(rest.end(), PhysRange::start).max(at);
                let zeros = PhysRange::between(at, end);
                if !zeros.is_empty() {
                    steps.push(Step::Zero(zeros))?;
                }
                at = first.map_or(rest.end(), PhysRange::end);
            }
        }
        Ok(())
    }
}

/// Returns the memory that holds what is copied.
fn sources<'a>(next: &Next<'a>) -> impl Iterator<Item = PhysRange> + Clone + use<'a> {
    let initrd = next.initrd.into_iter().flat_map(crate::Blob::pieces);
    next.image.pieces().chain(initrd)
}

fn place_of_image(memory: Memory<'_>, next: &Next<'_>, image: &Image) -> Result<PhysRange, KexecError> {
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
    let initrd = next.initrd.into_iter().flat_map(crate::Blob::pieces);
    let free = memory.holds(range) && !initrd.into_iter().any(|piece| piece.overlaps(range));
    (is_flat && free && !next.image.bytes().starts_with(b"\x7fELF")).then_some(range)
}

/// Returns the place of the initrd: its present one if it can stay.
fn place_of_initrd(memory: Memory<'_>, next: &Next<'_>, size: u64) -> Result<PhysRange, KexecError> {
    let here = next.initrd.and_then(crate::Blob::in_one_piece);
    let stays = here.filter(|here| memory.holds(here.pages_touched()));
    let shape = Shape { size: size.next_multiple_of(PAGE_SIZE), align: PAGE_SIZE, offset: 0 };
    let without_sources = || memory.find(shape, Place::Lowest, &sources(next));
    let anywhere = || memory.find(shape, Place::Lowest, &core::iter::empty());
    let found = stays.or_else(without_sources).or_else(anywhere);
    let found = found.ok_or(KexecError::NoRoom { part: Part::Initrd, size })?;
    Ok(PhysRange::new(found.start(), size))
}

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
    let size = match tree::write(old, &chosen, block.rest_mut(parts)) {
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
        let rest = block.rest_mut(parts);
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
