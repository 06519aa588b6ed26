//! `/chosen`: what the boot loader says.

use dtoolkit::fdt::{Fdt, FdtNode};
use dtoolkit::{Node, Property};
use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::facts::{BootOptions, InitrdFault};
use landfall_plan::randomness::SeedSource;
use landfall_plan::{Facts, Refusal};

use super::cells::number;
use super::found::{Seed, TreeContents};
use super::text::text;
use super::validate::Tree;

/// Ranges in `/chosen`, which count in the root's cells.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ChosenRanges<'a> {
    /// `linux,usable-memory-range`: all memory that a kernel may use that runs beside the memory of
    /// a crashed one.
    pub(super) usable: &'a [u8],
    /// `linux,elfcorehdr`: the description of the crashed kernel.
    pub(super) core_header: &'a [u8],
}

impl<'a> Tree<'a> {
    pub(super) fn read_chosen(
        self,
        node: &FdtNode<'a>,
        facts: &mut Facts,
        found: &mut TreeContents,
    ) -> Result<ChosenRanges<'a>, Refusal> {
        let mut ranges = ChosenRanges::default();
        let mut initrd = Initrd::default();
        for property in node.properties() {
            let value = property.value();
            match property.name() {
                "bootargs" => {
                    let text = text(value);
                    let place = facts.tree.start().wrapping_add(self.offset_of(value) as u64);
                    facts.command_line = PhysRange::new(place, text.len() as u64);
                    facts.options = BootOptions::parse(text);
                }
                "linux,initrd-start" => initrd.start = Address::of(value),
                "linux,initrd-end" => initrd.end = Address::of(value),
                "linux,booted-from-kexec" => facts.kexec = true,
                "linux,usable-memory-range" => (facts.kexec, ranges.usable) = (true, self.own(value)),
                "linux,elfcorehdr" => (facts.kexec, ranges.core_header) = (true, self.own(value)),
                "linux,uefi-mmap-start" => found.lacks_memory_map = self.lacks_memory_map(),
                "kaslr-seed" => self.add_seed(SeedSource::KASLR_SEED, value, found)?,
                "rng-seed" => self.add_seed(SeedSource::RNG_SEED, value, found)?,
                _ => {}
            }
        }
        initrd.write_to(facts);
        Ok(ranges)
    }

    fn add_seed(self, source: SeedSource, value: &[u8], found: &mut TreeContents) -> Result<(), Refusal> {
        let at = self.offset_of(value);
        if found.seeds.len() == 8 {
            return Err(Refusal::BadTree { offset: at, what: "it has more than 8 seeds" });
        }
        found.seeds.push(Seed { source, value: at..at + value.len() });
        Ok(())
    }

    /// Returns true if no loader of landfall's has put EFI's memory map into the tree.
    fn lacks_memory_map(self) -> bool {
        let chosen = Fdt::new_unchecked(self.bytes).root().children().find(|node| node.name() == "chosen");
        chosen.is_none_or(|chosen| chosen.properties().all(|own| own.name() != "landfall,efi-memory-map"))
    }
}

/// An address in a property.
#[derive(Clone, Copy, Debug, Default)]
enum Address {
    #[default]
    Absent,
    /// The property is there, and is no number.
    Unreadable,
    At(PhysAddr),
}

impl Address {
    fn of(value: &[u8]) -> Self {
        number(value).map_or(Self::Unreadable, |at| Self::At(PhysAddr::new(at)))
    }
}

/// The two properties of the initrd.
#[derive(Clone, Copy, Debug, Default)]
struct Initrd {
    start: Address,
    end: Address,
}

impl Initrd {
    fn write_to(self, facts: &mut Facts) {
        use Address::{Absent, At};
        (facts.initrd, facts.initrd_fault) = match (self.start, self.end) {
            (Absent, Absent) => return,
            (At(start), At(end)) if start < end => (Some(PhysRange::between(start, end)), None),
            (At(start), At(end)) if start > end => (None, Some(InitrdFault::Reversed { start, end })),
            (At(_), At(_)) => (None, None),
            (At(_), _) => (None, Some(InitrdFault::NoEnd)),
            _ => (None, Some(InitrdFault::NoStart)),
        };
    }
}
