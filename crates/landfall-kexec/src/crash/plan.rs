//! The crash kernel's parts, written to crash memory.

use landfall_paging::{PAGE_SIZE, PhysAddr, PhysRange};
use landfall_tree::NextSeed;

use super::error::CrashError;
use super::headers::CoreHeaders;
use super::layout::Layout;
use crate::blob::Blob;
use crate::block::{Block, Parts};
use crate::check;
use crate::chosen::CrashRanges;
use crate::error::KexecError;
use crate::handed::write_tree;
use crate::image::{Image, ImageKind, MAX_SEGMENTS};
use crate::next::Next;
use crate::steps::Step;
use crate::sum::sum;

/// The most steps: a checksum of each segment, the initrd, and the parts before and behind the
/// list.
const MAX_STEPS: usize = MAX_SEGMENTS + 3;

/// Bytes of a block besides the running kernel's tree: command line, EFI's memory map.
const SPARE: u64 = 64 << 10;

/// A crash kernel, as the running kernel wants it.
#[derive(Clone, Copy, Debug)]
pub struct CrashNext<'a> {
    /// The image.
    pub image: &'a [u8],
    /// The initrd.
    pub initrd: Option<&'a [u8]>,
    /// The command line, without a byte 0.
    pub command_line: &'a [u8],
    /// A seed for its landing.
    pub seed: Option<&'a NextSeed>,
}

/// A crash kernel in its memory. Its tables, the copier and the list of steps are still to be
/// written.
#[derive(Debug)]
#[non_exhaustive]
pub struct CrashPlan {
    /// The kind of the image.
    pub kind: ImageKind,
    /// The memory of the image, what it needs beyond its file included.
    pub image: PhysRange,
    /// Its first instruction.
    pub entry: PhysAddr,
    /// Its initrd.
    pub initrd: Option<PhysRange>,
    /// The headers of the ELF core.
    pub headers: PhysRange,
    /// Its device tree.
    pub tree: PhysRange,
    /// The memory of the jump.
    pub block: PhysRange,
    /// The parts of the block.
    pub parts: Parts,
    /// Memory that is compared at the jump, in whole words.
    checked: [PhysRange; MAX_STEPS],
}

impl CrashPlan {
    /// Writes image, initrd, headers and tree to `memory`: all of crash memory, of the calling
    /// kernel's mapping.
    ///
    /// # Errors
    /// [`CrashError`]. The contents of the memory mean nothing then.
    pub fn new(
        core: &CoreHeaders<'_>,
        next: &CrashNext<'_>,
        memory: &mut Block<'_>,
    ) -> Result<Self, CrashError> {
        let running = core.running;
        let region = memory.range();
        if region.is_empty() {
            return Err(CrashError::NoCrashMemory);
        }
        if next.command_line.contains(&0) {
            return Err(KexecError::CommandLine.into());
        }
        let image = Image::read(next.image).map_err(KexecError::Image)?;
        let mode = running.plan.mode;
        let texts = running.tree.len() + next.command_line.len();
        let least = Parts::least(mode, MAX_STEPS) + texts as u64 + SPARE;
        let initrd = next.initrd.map(|initrd| initrd.len() as u64);
        let Layout { image: at, initrd, headers, block } =
            Layout::new(region, &image, initrd, core.size(), least)?;
        let limit = PhysAddr::new(mode.half_size());
        if block.end() > limit {
            return Err(KexecError::BlockTooHigh { block, limit }.into());
        }
        let too_small = || CrashError::TooSmall { wanted: region.size() + SPARE, found: region.size() };
        let parts = Parts::new(mode, block, MAX_STEPS).ok_or_else(too_small)?;
        let mut checked = [PhysRange::EMPTY; MAX_STEPS];
        let mut places = checked.iter_mut();
        let mut check = |range: PhysRange| {
            if let Some(place) = places.next() {
                *place = range;
            }
        };
        for segment in image.segments() {
            let offset = usize::try_from(segment.offset).unwrap_or(usize::MAX);
            let size = usize::try_from(segment.file_size).unwrap_or(usize::MAX);
            let bytes = next.image.get(offset..).and_then(|rest| rest.get(..size)).unwrap_or_default();
            check(put(memory, at.start().wrapping_add(segment.at), bytes, segment.memory_size));
        }
        if let Some((bytes, place)) = next.initrd.zip(initrd) {
            check(put(memory, place.start(), bytes, place.size().next_multiple_of(PAGE_SIZE)));
        }
        if !core.write(memory.part(headers), headers) {
            return Err(too_small());
        }
        let wishes = Next::new(Blob::contiguous(next.image, PhysAddr::new(0)));
        let wishes = wishes.with_command_line(next.command_line);
        let wishes = next.seed.map_or(wishes, |seed| wishes.with_seed(seed));
        let crash = Some(CrashRanges { usable: region, headers });
        let mut rest = Block { at: block.start(), bytes: memory.part(block) };
        let tree = write_tree(running, &wishes, &image, initrd, parts, &mut rest, crash)?;
        if image.kind == ImageKind::Landfall {
            let bytes = rest.bytes_of(tree);
            check::landing(wishes.image(), &image, at.start(), tree.start(), bytes, running.hart)?;
        }
        check(headers);
        check(PhysRange::between(parts.tables.start(), parts.copier.end()));
        check(parts.rest);
        let entry = at.start().wrapping_add(image.entry);
        let kind = image.kind;
        Ok(Self { kind, image: at, entry, initrd, headers, tree, block, parts, checked })
    }

    /// Returns the block: the part of crash memory for the jump.
    #[must_use]
    pub fn block<'a>(&self, memory: &'a mut Block<'_>) -> Block<'a> {
        Block { at: self.block.start(), bytes: memory.part(self.block) }
    }

    /// Writes the list of steps: a checksum of everything that was loaded, tables and copier
    /// included. They come before.
    pub fn write_list(&self, memory: &mut Block<'_>) {
        let mut steps = [Step::None; MAX_STEPS];
        let checked = self.checked.iter().copied().filter(|range| !range.is_empty());
        let mut count = 0;
        for (step, range) in steps.iter_mut().zip(checked) {
            let words = memory.part(range).as_chunks().0.iter().map(|word| u64::from_le_bytes(*word));
            *step = Step::Check { range, sum: sum(words) };
            count += 1;
        }
        self.block(memory).write_list(self.parts, steps.get(..count).unwrap_or_default());
    }
}

/// Writes bytes, and zeros behind them up to `size`. Returns the written words that are no zeros.
fn put(memory: &mut Block<'_>, at: PhysAddr, bytes: &[u8], size: u64) -> PhysRange {
    let place = memory.part(PhysRange::new(at, size));
    let (file, zeros) = place.split_at_mut(bytes.len().min(place.len()));
    file.copy_from_slice(bytes.get(..file.len()).unwrap_or_default());
    zeros.fill(0);
    PhysRange::new(at, (bytes.len() as u64).next_multiple_of(8).min(size))
}
