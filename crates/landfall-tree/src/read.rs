//! What the landing needs of a tree.

use dtoolkit::fdt::{Fdt, FdtNode};
use dtoolkit::{Node, Property};
use landfall_paging::PhysAddr;
use landfall_plan::{Facts, Hart, Mmu, Options, Overflow, Range, RangeSet, Refusal, Svnapot};

use super::cells::{CellSizes, number};
use super::screen::Tree;
use super::seeds::Seeds;

/// What was found besides facts: secrets, which have no place among them.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Where the seeds lie.
    pub seeds: Seeds,
}

type Read<T = ()> = Result<T, Refusal>;

impl<'a> Tree<'a> {
    /// Reads the tree into `facts`, which know the image, the tree's place and the boot hart already.
    ///
    /// # Errors
    /// Rules 6 and 7: values that make no sense, or more of something than can be kept.
    pub fn read(self, facts: &mut Facts) -> Result<Found, Refusal> {
        let tree = Fdt::new_unchecked(self.bytes);
        let mut found = Found::default();
        for reservation in tree.memory_reservations() {
            let range = Range::new(PhysAddr::new(reservation.address()), reservation.size());
            insert(&mut facts.reserved, range.pages_touched(), "reserved memory")?;
        }
        let root = tree.root();
        let cells = cells_of(&root);
        for node in root.children() {
            match base_name(node.name()) {
                "memory" => self.read_memory(&node, cells, facts)?,
                "reserved-memory" => self.read_reservations(&node, facts)?,
                "cpus" => read_harts(&node, facts),
                "chosen" => self.read_chosen(&node, facts, &mut found)?,
                _ => {}
            }
        }
        facts.harts.push_boot_hart(Hart {
            id: facts.boot_hart,
            mmu: Mmu::Unstated,
            svnapot: Svnapot::Absent,
        });
        Ok(found)
    }

    /// Finds the seeds alone.
    ///
    /// # Errors
    /// Rule 6: there are more than [`MAX_SEEDS`](super::MAX_SEEDS).
    pub fn seeds(self) -> Result<Seeds, Refusal> {
        let mut seeds = Seeds::default();
        let root = Fdt::new_unchecked(self.bytes).root();
        for chosen in root.children().filter(|node| base_name(node.name()) == "chosen") {
            for property in chosen.properties() {
                let value = property.value();
                seeds.add(property.name(), self.offset_of(value), value.len())?;
            }
        }
        Ok(seeds)
    }

    fn read_memory(self, node: &FdtNode<'a>, cells: CellSizes, facts: &mut Facts) -> Read {
        let (mut is_memory, mut reg) = (false, [].as_slice());
        for property in node.properties() {
            match property.name() {
                "device_type" => is_memory = text(property.value()) == "memory",
                "reg" => reg = self.own(property.value()),
                "status" if !is_okay(property.value()) => return Ok(()),
                _ => {}
            }
        }
        if is_memory {
            for range in cells.ranges(reg, self.offset_of(reg))? {
                insert(&mut facts.ram, range.pages_within(), "memory")?;
            }
        }
        Ok(())
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
                    for range in cells.ranges(reg, self.offset_of(reg))? {
                        insert(set, range.pages_touched(), "reserved memory")?;
                    }
                }
            }
        }
        Ok(())
    }

    fn read_chosen(self, node: &FdtNode<'a>, facts: &mut Facts, found: &mut Found) -> Read {
        let (mut start, mut end) = (None, None);
        for property in node.properties() {
            let value = property.value();
            match property.name() {
                "bootargs" => {
                    let text = text(value);
                    let place = facts.tree.start().add(self.offset_of(value) as u64);
                    facts.command_line = Range::new(place, text.len() as u64);
                    facts.options = Options::parse(text);
                }
                "linux,initrd-start" => start = number(value),
                "linux,initrd-end" => end = number(value),
                name => found.seeds.add(name, self.offset_of(value), value.len())?,
            }
        }
        if let (Some(start), Some(end)) = (start, end) {
            let initrd = Range::between(PhysAddr::new(start), PhysAddr::new(end));
            facts.initrd = Some(initrd).filter(|initrd| !initrd.is_empty());
        }
        Ok(())
    }
}

fn cells_of(node: &FdtNode<'_>) -> CellSizes {
    let mut cells = CellSizes::DEFAULT;
    node.properties().for_each(|property| cells.take(property.name(), property.value()));
    cells
}

fn read_harts(node: &FdtNode<'_>, facts: &mut Facts) {
    for property in node.properties() {
        if property.name() == "timebase-frequency" {
            facts.timebase = number(property.value()).unwrap_or(0);
        }
    }
    for cpu in node.children().filter(|child| base_name(child.name()) == "cpu") {
        let (mut id, mut mmu, mut okay) = (None, Mmu::Unstated, true);
        // The list replaces the one string of all extensions (devicetree binding riscv/extensions.yaml), so it alone is read.
        let mut svnapot = Svnapot::Absent;
        for property in cpu.properties() {
            match property.name() {
                "reg" => id = number(property.value()),
                "mmu-type" => mmu = Mmu::from_name(text(property.value())),
                "riscv,isa-extensions" => svnapot = find_svnapot(property.value()),
                "status" => okay = is_okay(property.value()),
                _ => {}
            }
        }
        if let (Some(id), true) = (id, okay) {
            facts.harts.push(Hart { id, mmu, svnapot });
        }
    }
}

/// Looks for Svnapot in a list of texts, each with its final zero.
fn find_svnapot(extensions: &[u8]) -> Svnapot {
    const NAME: &[u8] = b"svnapot\0";
    // Extensions are sorted by class, those of supervisors last.
    let mut rest = extensions;
    while let Some(before) = rest.len().checked_sub(NAME.len()) {
        let begins = before == 0 || rest.get(before - 1) == Some(&0);
        if begins && rest.get(before..) == Some(NAME) {
            return Svnapot::Present;
        }
        // What ends here is another one.
        let end = rest.len() - 1;
        let start = rest.get(..end).and_then(|text| text.iter().rposition(|byte| *byte == 0));
        rest = rest.get(..start.map_or(0, |zero| zero + 1)).unwrap_or_default();
    }
    Svnapot::Absent
}

fn insert(set: &mut RangeSet, range: Range, what: &'static str) -> Read {
    set.insert(range).map_err(|overflow: Overflow| Refusal::TooManyRanges { what, overflow })
}

/// OpenSBI 0.8 to 1.2 describe their own memory so and leave `no-map` out, although a load there faults.
fn is_old_firmware(name: &str) -> bool {
    name.starts_with("mmode_resv") || name.starts_with("mmode_pmp")
}

/// Absent counts as okay (devicetree specification, 2.3.4).
fn is_okay(status: &[u8]) -> bool {
    matches!(text(status), "okay" | "ok")
}

/// A node's name without its unit address.
fn base_name(name: &str) -> &str {
    name.split_once('@').map_or(name, |(base, _)| base)
}

/// A text up to its final zero; empty where it is not one.
fn text(value: &[u8]) -> &str {
    let text = value.split(|byte| *byte == 0).next().unwrap_or_default();
    core::str::from_utf8(text).unwrap_or_default()
}
