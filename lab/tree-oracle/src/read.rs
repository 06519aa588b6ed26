//! The properties of a tree that the landing needs.

use dtoolkit::fdt::{Fdt, FdtNode};
use dtoolkit::{Node, Property};
use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::harts::{Extensions, Hart, Mmu};
use landfall_plan::memory::{PhysRangeSet, RangeSetFull};
use landfall_plan::{Facts, Refusal};

use super::cells::CellSizes;
use super::chosen::ChosenRanges;
use super::found::TreeContents;
use super::text::{base_name, is_okay};
use super::validate::Tree;

type Read<T = ()> = Result<T, Refusal>;

impl<'a> Tree<'a> {
    /// Reads the tree into `facts`, which know the image, the tree's place and the boot hart
    /// already.
    ///
    /// # Errors
    /// Rules 6 and 7: values that make no sense, or more of something than can be kept.
    pub(super) fn read(self, facts: &mut Facts) -> Result<TreeContents, Refusal> {
        let tree = Fdt::new_unchecked(self.bytes);
        let mut found = TreeContents::default();
        for reservation in tree.memory_reservations() {
            let range = PhysRange::new(PhysAddr::new(reservation.address()), reservation.size());
            insert(&mut facts.reserved, range.pages_touched(), "reserved memory")?;
        }
        let root = tree.root();
        let cells = cells_of(&root);
        let mut ranges = ChosenRanges::default();
        for node in root.children() {
            match base_name(node.name()) {
                "reserved-memory" => self.read_reservations(&node, facts)?,
                "cpus" => found.lists_boot_hart |= self.read_harts(&node, facts),
                "chosen" => ranges = self.read_chosen(&node, facts, &mut found)?,
                // Linux finds memory by `device_type` alone (`drivers/of/fdt.c`), whatever the
                // node's name is.
                _ if self.device_type(node.name()) == b"memory" => self.read_memory(&node, cells, facts)?,
                _ => {}
            }
        }
        self.apply(ranges, cells, facts)?;
        facts.harts.push_boot_hart(Hart {
            id: facts.boot_hart,
            mmu: Mmu::Unstated,
            extensions: Extensions::NONE,
        });
        Ok(found)
    }

    fn read_memory(self, node: &FdtNode<'a>, cells: CellSizes, facts: &mut Facts) -> Read {
        // Without either, a refusal for the cells names the node by its type.
        let (mut reg, mut usable) = (&self.device_type(node.name())[..0], None);
        for property in node.properties() {
            match property.name() {
                "reg" => reg = self.own(property.value()),
                "linux,usable-memory" => usable = Some(self.own(property.value())),
                "status" if !is_okay(property.value()) => return Ok(()),
                _ => {}
            }
        }
        // In a kernel that kexec started, the part of the memory that it may use.
        let reg = usable.unwrap_or(reg);
        self.insert_all(
            reg,
            cells,
            Target { set: &mut facts.ram, pages: PhysRange::pages_within, what: "memory" },
        )
    }

    fn read_reservations(self, node: &FdtNode<'a>, facts: &mut Facts) -> Read {
        let cells = cells_of(node);
        for child in node.children() {
            let (mut reg, mut no_map, mut okay) = (None, is_old_firmware(child.name()), true);
            for property in child.properties() {
                match property.name() {
                    "reg" => reg = Some(self.own(property.value())),
                    "no-map" => no_map = true,
                    "status" => okay = is_okay(property.value()),
                    _ => {}
                }
            }
            match reg {
                _ if !okay => {}
                None => facts.unplaced_reservations += 1,
                Some(reg) => {
                    let set = if no_map { &mut facts.no_map } else { &mut facts.reserved };
                    self.insert_all(
                        reg,
                        cells,
                        Target { set, pages: PhysRange::pages_touched, what: "reserved memory" },
                    )?;
                }
            }
        }
        Ok(())
    }

    /// Applies what `/chosen` says of memory, once all memory is known.
    fn apply(self, ranges: ChosenRanges<'a>, cells: CellSizes, facts: &mut Facts) -> Read {
        let ChosenRanges { usable, core_header } = ranges;
        if !core_header.is_empty() {
            let set = &mut facts.reserved;
            self.insert_all(
                core_header,
                cells,
                Target { set, pages: PhysRange::pages_touched, what: "reserved memory" },
            )?;
        }
        if usable.is_empty() {
            return Ok(());
        }
        let mut kept = PhysRangeSet::EMPTY;
        self.insert_all(
            usable,
            cells,
            Target { set: &mut kept, pages: PhysRange::pages_within, what: "usable memory" },
        )?;
        keep(&mut facts.ram, &kept)
    }

    /// Inserts the ranges of `reg`. One copy of it for all that count in cells keeps kernels small.
    #[inline(never)]
    fn insert_all(self, reg: &[u8], cells: CellSizes, target: Target<'_>) -> Read {
        let Target { set, pages, what } = target;
        for range in cells.ranges(reg, self.offset_of(reg))? {
            insert(set, pages(range), what)?;
        }
        Ok(())
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

// One copy, as of `insert_all`.
#[inline(never)]
fn cells_of(node: &FdtNode<'_>) -> CellSizes {
    let mut cells = CellSizes::DEFAULT;
    node.properties().for_each(|property| cells.take(property.name(), property.value()));
    cells
}

fn insert(set: &mut PhysRangeSet, range: PhysRange, what: &'static str) -> Read {
    set.insert(range).map_err(|overflow: RangeSetFull| Refusal::TooManyRanges { what, overflow })
}

/// OpenSBI 0.8 to 1.2 describe their own memory so and leave `no-map` out, although a load there
/// faults.
fn is_old_firmware(name: &str) -> bool {
    name.starts_with("mmode_resv") || name.starts_with("mmode_pmp")
}
