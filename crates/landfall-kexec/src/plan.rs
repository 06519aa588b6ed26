//! The plan: every place, every step, and the new tree. It is made while the running kernel could
//! still go on.

use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange};
use landfall_plan::{Facts, Refusal};

use crate::block::{Block, Parts};
use crate::check;
use crate::error::{KexecError, Part};
use crate::handed::write_tree;
use crate::image::{Image, ImageKind};
use crate::memory::Memory;
use crate::next::Next;
use crate::running::Running;
use crate::steps::{OrderError, Step, Steps};
use crate::targets::Targets;

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
        let image = Image::read(next.image.bytes())?;
        check_wishes(running.facts, next)?;
        check_block(running, block.range())?;
        let draft = match Draft::new(running, next, &image, block, steps, ALL) {
            // The machine has memory beyond the next kernel's reach, and the place lies there.
            Err(KexecError::Refused(Refusal::OutOfReach { reach, .. })) if next.place.is_open() => {
                let next = next.with_place(next.place.drawn_again());
                Draft::new(running, &next, &image, block, steps, reach)
            }
            draft => draft,
        }?;
        let Draft { targets, tree, parts, steps: count, in_place } = draft;
        Ok(Self {
            kind: image.kind,
            image: targets.image,
            entry: targets.image.start().wrapping_add(image.entry),
            tree,
            initrd: targets.initrd,
            hart: running.hart,
            parts,
            steps: steps.get(..count).unwrap_or_default(),
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

/// All memory.
const ALL: PhysRange = PhysRange::new(PhysAddr::new(0), u64::MAX);

/// A plan whose steps lie in the caller's room.
struct Draft {
    targets: Targets,
    tree: PhysRange,
    parts: Parts,
    /// The number of steps.
    steps: usize,
    in_place: u64,
}

impl Draft {
    /// Plans with image and initrd below the end of `reach`.
    fn new(
        running: Running<'_>,
        next: &Next<'_>,
        image: &Image,
        block: &mut Block<'_>,
        steps: &mut [Step],
        reach: PhysRange,
    ) -> Result<Self, KexecError> {
        let Running { facts, plan, .. } = running;
        let targets = Targets::find(facts, next, image, block.range(), reach)?;
        let room = steps.len();
        let mut steps = Steps::new(steps);
        let failed = |error: OrderError| error.into_error(room);
        let in_place = targets.push_copies(next, image, &mut steps).map_err(failed)?;
        targets.order(facts, next, block.range(), &mut steps).map_err(failed)?;
        let old = [plan.image.phys.all(), plan.block, facts.tree.pages_touched()];
        let wiped = old.into_iter().chain(next.wiped.iter().copied());
        targets.push_wipes(wiped, image, block.range(), &mut steps).map_err(failed)?;
        // The list itself is wiped last. Behind its last step, it ends by the zeros of that wipe.
        let too_small = |wanted: u64| KexecError::BlockTooSmall { wanted, found: block.bytes.len() as u64 };
        let parts = Parts::new(plan.mode, block.range(), steps.as_slice().len() + 2);
        let least = Parts::least(plan.mode, steps.as_slice().len() + 2);
        let parts = parts.ok_or_else(|| too_small(least))?;
        steps.push(Step::Zero(parts.tables)).map_err(failed)?;
        steps.push(Step::Zero(parts.list)).map_err(failed)?;
        let tree = write_tree(running, next, image, targets.initrd, parts, block, None)?;
        if image.kind == ImageKind::Landfall {
            let (at, bytes) = (targets.image.start(), block.bytes_of(tree));
            check::landing(next.image, image, at, tree.start(), bytes, running.hart)?;
        }
        let steps = steps.as_slice().len();
        Ok(Self { targets, tree, parts, steps, in_place })
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
    let usable = Memory::with_page_0(facts);
    let cannot = next.wiped.iter().find(|range| !usable.holds(**range));
    cannot.map_or(Ok(()), |range| Err(KexecError::Wiped(*range)))
}

fn check_block(running: Running<'_>, block: PhysRange) -> Result<(), KexecError> {
    let whole_pages = block.start().is_aligned(PAGE_SIZE) && block.size().is_multiple_of(PAGE_SIZE);
    if block.is_empty() || !whole_pages || !Memory::with_page_0(running.facts).holds(block) {
        return Err(KexecError::BlockNotUsable(block));
    }
    let limit = PhysAddr::new(running.plan.mode.half_size());
    if block.end() > limit { Err(KexecError::BlockTooHigh { block, limit }) } else { Ok(()) }
}
