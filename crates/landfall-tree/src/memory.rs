//! Memory and reservations: children of the root, children of `/reserved-memory`, and the
//! reservations of the header.

use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::Refusal;
use landfall_plan::memory::PhysRangeSet;

use super::cells::CellSizes;
use super::name::{Name, begins};
use super::reader::{Read, Reader};
use super::text::{is_okay, text};
use super::token::Word;
use super::walk::Walk;

impl<'a> Reader<'a, '_> {
    /// Reads the reservations of the header.
    pub(super) fn read_header(&mut self, mut reservations: impl Iterator<Item = PhysRange>) {
        let mut target = Target::reserved(&mut self.facts.reserved);
        let inserted = reservations.try_for_each(|range| target.insert(range));
        self.check(inserted);
    }

    /// Reads a child of the root, if it is memory. Linux finds memory by `device_type` alone
    /// (`drivers/of/fdt.c`), whatever the node's name is.
    pub(super) fn read_memory(&mut self, walk: &mut Walk<'a, impl Word>, cells: CellSizes) -> Read {
        let (mut device_type, mut reg, mut usable, mut okay) = (None, None, None, true);
        walk.properties(|name, value| match name {
            Name::DeviceType => _ = device_type.get_or_insert(value),
            Name::Reg => reg = Some(value),
            Name::UsableMemory => usable = Some(value),
            Name::Status => okay &= is_okay(value),
            _ => {}
        })?;
        if let Some(kind) = device_type.filter(|kind| okay && text(kind) == b"memory") {
            // `linux,usable-memory`: in a kernel that kexec started, the part that it may use.
            let reg = usable.or(reg).or(kind.get(..0)).unwrap_or_default();
            let offset = self.offset_of(reg);
            let inserted = Target::ram(&mut self.facts.ram).insert_all(reg, offset, cells);
            self.check(inserted);
        }
        walk.skip_children()
    }

    /// Reads `/reserved-memory`.
    pub(super) fn read_reservations(&mut self, walk: &mut Walk<'a, impl Word>) -> Read {
        let mut cells = CellSizes::DEFAULT;
        walk.properties(|name, value| cells.take(name, value))?;
        while let Some(node) = walk.child()? {
            let (mut reg, mut no_map, mut okay) = (None, is_old_firmware(node), true);
            walk.properties(|name, value| match name {
                Name::Reg => reg = Some(value),
                Name::NoMap => no_map = true,
                Name::Status => okay = is_okay(value),
                _ => {}
            })?;
            walk.skip_children()?;
            match reg {
                _ if !okay => {}
                None => self.facts.unplaced_reservations += 1,
                Some(reg) => {
                    let offset = self.offset_of(reg);
                    let set = if no_map { &mut self.facts.no_map } else { &mut self.facts.reserved };
                    let inserted = Target::reserved(set).insert_all(reg, offset, cells);
                    self.check(inserted);
                }
            }
        }
        Ok(())
    }

    /// Applies what `/chosen` says of memory, once all memory is known.
    pub(super) fn apply_chosen(&mut self, cells: CellSizes) {
        let (usable, core_header) = (self.chosen.usable, self.chosen.core_header);
        if !core_header.is_empty() {
            let offset = self.offset_of(core_header);
            let inserted = Target::reserved(&mut self.facts.reserved).insert_all(core_header, offset, cells);
            self.check(inserted);
        }
        if !usable.is_empty() {
            let mut kept = PhysRangeSet::EMPTY;
            let inserted = Target::usable(&mut kept).insert_all(usable, self.offset_of(usable), cells);
            let limited = inserted.and_then(|()| keep(&mut self.facts.ram, &kept));
            self.check(limited);
        }
    }
}

/// A set of ranges to which a `reg` adds.
struct Target<'a> {
    set: &'a mut PhysRangeSet,
    /// Turns a range into whole pages.
    pages: fn(PhysRange) -> PhysRange,
    /// The name of the set in messages.
    what: &'static str,
}

impl<'a> Target<'a> {
    fn ram(set: &'a mut PhysRangeSet) -> Self {
        Self { set, pages: PhysRange::pages_within, what: "memory" }
    }

    fn usable(set: &'a mut PhysRangeSet) -> Self {
        Self { set, pages: PhysRange::pages_within, what: "usable memory" }
    }

    fn reserved(set: &'a mut PhysRangeSet) -> Self {
        Self { set, pages: PhysRange::pages_touched, what: "reserved memory" }
    }

    /// Inserts the ranges of `reg`, which lies at `offset` of the tree. One copy of it for all that
    /// count in cells keeps kernels small.
    #[inline(never)]
    fn insert_all(mut self, reg: &[u8], offset: usize, cells: CellSizes) -> Read {
        cells.ranges(reg, offset)?.try_for_each(|range| self.insert(range))
    }

    fn insert(&mut self, range: PhysRange) -> Read {
        let Self { set, pages, what } = self;
        set.insert(pages(range)).map_err(|overflow| Refusal::TooManyRanges { what, overflow })
    }
}

/// Takes from `ram` all that is not in `kept`; an empty `kept` takes nothing, as in Linux.
fn keep(ram: &mut PhysRangeSet, kept: &PhysRangeSet) -> Read {
    if kept.is_empty() {
        return Ok(());
    }
    let starts = kept.iter().map(PhysRange::start).chain([PhysAddr::new(u64::MAX)]);
    let ends = [PhysAddr::new(0)].into_iter().chain(kept.iter().map(PhysRange::end));
    for (end, start) in ends.zip(starts) {
        let what = "usable memory";
        ram.remove(PhysRange::between(end, start))
            .map_err(|overflow| Refusal::TooManyRanges { what, overflow })?;
    }
    Ok(())
}

/// OpenSBI 0.8 to 1.2 describe their own memory so and leave `no-map` out, although a load there
/// faults.
fn is_old_firmware(name: &[u8]) -> bool {
    begins(name, b"mmode_resv") || begins(name, b"mmode_pmp")
}
