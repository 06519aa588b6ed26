//! The places of image and initrd, and the steps that fill them.

use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange};
use landfall_plan::Facts;

use crate::error::KexecError;
use crate::image::{Image, ImageKind, Segment};
use crate::memory::{Memory, Shape};
use crate::next::Next;
use crate::place::Place;
use crate::places::{place_of_image, place_of_initrd, sources};
use crate::steps::{OrderError, Step, Steps};

/// The places of image and initrd.
#[derive(Clone, Copy)]
pub(crate) struct Targets {
    pub(crate) image: PhysRange,
    pub(crate) initrd: Option<PhysRange>,
}

impl Targets {
    /// Finds places below the end of `reach`.
    pub(crate) fn find(
        facts: &Facts,
        next: &Next<'_>,
        image: &Image,
        block: PhysRange,
        reach: PhysRange,
    ) -> Result<Self, KexecError> {
        let beyond = PhysRange::between(reach.end(), PhysAddr::new(u64::MAX));
        let memory = Memory::new(facts).without(block).without(beyond);
        let at = place_of_image(memory, next, image)?;
        let memory = memory.without(at);
        let initrd = next.initrd.filter(|initrd| initrd.size() != 0);
        let initrd = initrd.map(|initrd| place_of_initrd(memory, next, initrd.size())).transpose()?;
        Ok(Self { image: at, initrd })
    }

    /// Adds the copies, and returns how many bytes need none.
    pub(crate) fn push_copies(
        &self,
        next: &Next<'_>,
        image: &Image,
        steps: &mut Steps<'_>,
    ) -> Result<u64, OrderError> {
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

    pub(crate) fn order(
        &self,
        facts: &Facts,
        next: &Next<'_>,
        block: PhysRange,
        steps: &mut Steps<'_>,
    ) -> Result<(), OrderError> {
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
    pub(crate) fn push_wipes(
        &self,
        wiped: impl Iterator<Item = PhysRange>,
        image: &Image,
        block: PhysRange,
        steps: &mut Steps<'_>,
    ) -> Result<(), OrderError> {
        let contents = |segment: &Segment| {
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
