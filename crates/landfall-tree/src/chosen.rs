//! `/chosen`: what the boot loader says.

use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::Facts;
use landfall_plan::facts::{BootOptions, InitrdFault};
use landfall_plan::randomness::SeedSource;

use super::cells::number;
use super::name::Name;
use super::reader::{Read, Reader};
use super::text::text;
use super::token::Word;
use super::walk::Walk;

impl<'a> Reader<'a, '_> {
    /// Reads `/chosen`, whose name is `node`. The ranges of the last one count.
    pub(super) fn read_chosen(&mut self, node: &[u8], walk: &mut Walk<'a, impl Word>) -> Read {
        let (mut usable, mut core_header, mut memory_map) = ([].as_slice(), [].as_slice(), false);
        let mut initrd = Initrd::default();
        walk.properties(|name, value| match name {
            Name::Bootargs => {
                let text = text(value);
                let place = self.facts.tree.start().wrapping_add(self.offset_of(value) as u64);
                self.facts.command_line = PhysRange::new(place, text.len() as u64);
                self.facts.options = BootOptions::parse(text);
            }
            Name::InitrdStart => initrd.start = Address::of(value),
            Name::InitrdEnd => initrd.end = Address::of(value),
            Name::BootedFromKexec => self.facts.kexec = true,
            Name::UsableMemoryRange => (self.facts.kexec, usable) = (true, value),
            Name::CoreHeader => (self.facts.kexec, core_header) = (true, value),
            Name::UefiMemoryMap => self.chosen.handed_on = true,
            Name::EfiMemoryMap => memory_map = true,
            Name::KaslrSeed => self.add_seed(SeedSource::KASLR_SEED, value),
            Name::RngSeed => self.add_seed(SeedSource::RNG_SEED, value),
            _ => {}
        })?;
        initrd.write_to(self.facts);
        (self.chosen.usable, self.chosen.core_header) = (usable, core_header);
        if node.starts_with(b"chosen\0") {
            self.chosen.memory_map.get_or_insert(memory_map);
        }
        walk.skip_children()
    }

    fn add_seed(&mut self, source: SeedSource, value: &[u8]) {
        let added = self.found.seeds.add(source, self.offset_of(value));
        self.check(added);
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
