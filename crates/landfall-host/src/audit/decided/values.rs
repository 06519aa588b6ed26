//! The values of a landing that the index names.

use landfall_audit::{Phys, Root, Span, Virt};
use landfall_image::landing_index::{Field, LandingIndex, RANGES};
use landfall_judge::intervals::Interval;
use landfall_paging::{LeafFormat, PhysAddr, VirtAddr};
use landfall_plan::harts::MAX_HARTS;
use landfall_plan::plan::Stacks;
use landfall_plan::policy::Policy;

use super::{NoDecisions, Read, memory};

/// No landing has a value farther from its index.
const FARTHEST: u64 = 1 << 20;

/// The values.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) root: Root,
    pub(super) ram: Vec<Interval>,
    pub(super) no_map: Vec<Interval>,
    pub(super) format: LeafFormat,
    pub(super) image_virtual: u64,
    pub(super) linear_offset: u64,
    pub(super) linear_end: u64,
    pub(super) near: Span<Virt>,
    pub(super) dynamic: Span<Virt>,
    pub(super) stacks: Stacks,
}

impl Values {
    /// Reads the values of the kernel at `base`, whose index lies at `at`.
    pub(super) fn read(
        base: Phys,
        at: Phys,
        index: &LandingIndex,
        read: &mut Read<'_>,
    ) -> Result<Self, NoDecisions> {
        let ends = Field::ALL.map(|field| index.offset(field).saturating_add(field.size() as u64));
        let size = ends.into_iter().max().unwrap_or(0);
        if size > FARTHEST {
            return Err(NoDecisions::Damaged("a value lies far from the landing index"));
        }
        let bytes = memory(Span::new(at, size), read)?;
        let start = |field| usize::try_from(index.offset(field)).unwrap_or(usize::MAX);
        let of = |field: Field| &bytes[start(field)..][..field.size()];
        let words = |field: Field| -> Vec<u64> {
            of(field).as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect()
        };
        let word = |field| words(field)[0];
        let range = |field| (words(field)[0], words(field)[1]);
        let satp = word(Field::Satp);
        let root = Root::from_satp(satp).ok().filter(|root| root.table != Phys(0));
        let root = root.ok_or(NoDecisions::NotLanded { at: base })?;
        if word(Field::ImagePhysical) != base.0 {
            return Err(NoDecisions::Damaged("the image is another one than that of the landing"));
        }
        let (near, dynamic) = (range(Field::Near), range(Field::Dynamic));
        let reach = range(Field::LinearReach);
        Ok(Self {
            root,
            ram: set(&words(Field::Ram))?,
            no_map: set(&words(Field::NoMap))?,
            format: format(of(Field::LeafFormat)[0])?,
            image_virtual: word(Field::ImageVirtual),
            linear_offset: word(Field::LinearOffset),
            linear_end: reach.0.saturating_add(reach.1),
            near: Span::new(Virt(near.0), near.1),
            dynamic: Span::new(Virt(dynamic.0), dynamic.1),
            stacks: stacks(&words(Field::Stacks))?,
        })
    }
}

/// Reads ranges that are followed by the number of those in use.
fn set(words: &[u64]) -> Result<Vec<Interval>, NoDecisions> {
    let count = usize::try_from(words[2 * RANGES]).ok().filter(|count| *count <= RANGES);
    let count = count.ok_or(NoDecisions::Damaged("a set has more ranges than fit"))?;
    let ranges = words.as_chunks::<2>().0.iter().take(count);
    Ok(ranges.map(|[start, size]| Interval::new(*start, *size)).collect())
}

fn format(byte: u8) -> Result<LeafFormat, NoDecisions> {
    use LeafFormat::{Napot, NapotSvpbmt, Plain, Svpbmt, Thead};
    let known = [Plain, Napot, Svpbmt, NapotSvpbmt, Thead];
    let found = known.into_iter().find(|format| *format as u8 == byte);
    found.ok_or(NoDecisions::Damaged("the format of leaves is unknown"))
}

fn stacks(words: &[u64]) -> Result<Stacks, NoDecisions> {
    let [virt, phys, size, count, alignment] = *words else {
        return Err(NoDecisions::Damaged("the stacks are missing"));
    };
    let is_right = (1..=MAX_HARTS as u64).contains(&count)
        && (4096..=Policy::MAX_STACK).contains(&size)
        && [4 << 10, 64 << 10].contains(&alignment)
        && size % 4096 == 0;
    if !is_right {
        return Err(NoDecisions::Damaged("no kernel has these stacks"));
    }
    Ok(Stacks { virt: VirtAddr::new(virt), phys: PhysAddr::new(phys), size, count, alignment })
}
