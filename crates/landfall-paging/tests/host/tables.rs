//! Mappings drawn at random, and the tables that they give.

use landfall_judge::memory::Memory;
use landfall_judge::model::Span;
use landfall_judge::walk::{Root, Walk};
use landfall_judge::{Extensions, Permission};
use landfall_paging::{
    Access, Counting, Entry, LeafCount, LeafFormat, Mapper, Mapping, Mode, PhysAddr, Satp, TableCount,
    TableMemory, TableReader, Tables, VirtAddr,
};
use proptest::prelude::*;

/// Another machine's memory, as the mapper and the walker reach it.
#[derive(Debug)]
pub(crate) struct HostMemory(pub(crate) Memory);

impl TableMemory for HostMemory {
    fn write_run(&mut self, at: PhysAddr, first: Entry, step: u64, count: usize) {
        for index in 0..count as u64 {
            self.0.write(at.get() + index * 8, first.bits() + step * index);
        }
    }
}

impl TableMemory for &mut HostMemory {
    fn write_run(&mut self, at: PhysAddr, first: Entry, step: u64, count: usize) {
        HostMemory::write_run(self, at, first, step, count);
    }
}

impl TableReader for HostMemory {
    fn read(&self, at: PhysAddr) -> Entry {
        Entry::from_bits(self.0.read(at.get()))
    }
}

/// Finished tables and the memory that they lie in.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) memory: HostMemory,
    pub(crate) tables: Tables,
    /// The leaves, counted without a mapper.
    pub(crate) leaves: LeafCount,
    pub(crate) root: Root,
}

impl Built {
    /// Returns the leaves that the oracle finds in the tables.
    pub(crate) fn walk(&self) -> Walk {
        self.root.walk(|address| self.memory.0.read(address))
    }
}

/// Returns the meaning of a mapping, as spans.
pub(crate) fn span(mapping: &Mapping) -> Span {
    Span {
        virt: mapping.virt.get(),
        phys: mapping.phys.get(),
        size: mapping.size,
        permission: match mapping.access {
            Access::ReadOnly => Permission::READ,
            Access::ReadWrite => Permission::READ_WRITE,
            Access::ReadExecute => Permission::READ_EXECUTE,
        },
    }
}

/// All formats.
pub(crate) const FORMATS: [LeafFormat; 3] = [LeafFormat::Plain, LeafFormat::Napot, LeafFormat::Thead];

/// Returns the extensions that leaves of this format require, in the oracle's types.
pub(crate) const fn extensions(format: LeafFormat) -> Extensions {
    match format {
        LeafFormat::Plain => Extensions::None,
        LeafFormat::Napot => Extensions::Svnapot,
        LeafFormat::Thead => Extensions::TheadMemory,
        _ => panic!("no test uses the format"),
    }
}

/// A mode, a format, where the tables lie, and ascending mappings.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) mode: Mode,
    pub(crate) format: LeafFormat,
    pub(crate) first: PhysAddr,
    pub(crate) mappings: Vec<Mapping>,
}

impl Case {
    /// The same in another format.
    pub(crate) fn in_format(&self, format: LeafFormat) -> Self {
        Self { format, ..self.clone() }
    }

    /// Returns the number of table pages that the mappings take.
    pub(crate) fn count(&self) -> Tables {
        self.map(Counting, u64::MAX, usize::MAX)
    }

    /// Returns the same, counted without a mapper.
    pub(crate) fn count_tables(&self) -> TableCount {
        let mut count = TableCount::new(self.mode, self.format);
        self.mappings.iter().for_each(|&mapping| count.add(mapping).expect("a sound mapping"));
        count
    }

    /// Builds tables from `first` on, in memory that has exactly the pages that [`Counting`] says
    /// are needed.
    pub(crate) fn build(&self) -> Built {
        self.build_filled_ahead_of(usize::MAX)
    }

    /// The same, with all that is left filled ahead of this mapping, if there is one.
    pub(crate) fn build_filled_ahead_of(&self, mapping: usize) -> Built {
        let pages = self.count().pages;
        let mut memory = HostMemory(Memory::poisoned(self.first.get(), pages));
        let tables = self.map(&mut memory, pages, mapping);
        let root = Root::from_satp(Satp::new(self.mode, tables.root).bits()).expect("satp has a mode");
        let leaves = *self.count_tables().leaves();
        Built { memory, tables, leaves, root: root.with_extensions(extensions(self.format)) }
    }

    fn map(&self, memory: impl TableMemory, pages: u64, filled_ahead_of: usize) -> Tables {
        let mut mapper =
            Mapper::new(self.mode, self.format, memory, self.first, pages).expect("room for the root");
        for (index, &mapping) in self.mappings.iter().enumerate() {
            if index >= filled_ahead_of {
                mapper.fill_ahead();
            }
            mapper.map(mapping).expect("the mappings are sound");
        }
        mapper.finish()
    }
}

/// The properties of a mapping, before its address is known.
#[derive(Clone, Copy, Debug)]
struct Draw {
    gap: u64,
    size: u64,
    phys: u64,
    /// The number of low bits that virtual and physical address have in common.
    alike: u32,
    access: Access,
    half: Half,
}

#[derive(Clone, Copy, Debug)]
enum Half {
    Same,
    Upper,
}

/// Multiples of 4 KiB below `2^bits`, of all magnitudes.
fn bytes(bits: u32) -> impl Strategy<Value = u64> {
    (12..=bits, any::<u64>(), prop_oneof![Just(12_u32), Just(16), Just(21), Just(30)])
        .prop_map(|(bits, random, grain)| (random & ((1 << bits) - 1)) >> grain << grain)
}

fn draw(size_bits: u32) -> impl Strategy<Value = Draw> {
    let access = prop::sample::select(vec![Access::ReadOnly, Access::ReadWrite, Access::ReadExecute]);
    let half = prop_oneof![6 => Just(Half::Same), 1 => Just(Half::Upper)];
    let gap = prop_oneof![1 => Just(0), 3 => bytes(size_bits)];
    let alike = prop::sample::select(vec![12_u32, 16, 21, 30, 39, 48]);
    (gap, bytes(size_bits), any::<u64>(), alike, access, half).prop_map(
        |(gap, size, phys, alike, access, half)| Draw {
            gap,
            size: size.max(4096),
            phys,
            alike,
            access,
            half,
        },
    )
}

/// Puts the draws one behind the other; those that do not fit are left out.
fn place(mode: Mode, draws: Vec<Draw>) -> Vec<Mapping> {
    let mut lowest = 0;
    let mut mappings = vec![];
    for Draw { gap, size, phys, alike, access, half } in draws {
        let upper = mode.upper_half().get();
        if lowest < upper && matches!(half, Half::Upper) {
            lowest = upper;
        }
        let end = if lowest < upper { mode.half_size() } else { 0 };
        let room = end.wrapping_sub(lowest);
        if gap >= room || size > room - gap {
            continue;
        }
        let virt = lowest + gap;
        // Large mappings have large leaves, or the tables would have no end.
        let levels = size.ilog2().saturating_sub(11 + 12).div_ceil(9);
        let alike = alike.max(12 + 9 * levels);
        let low = (1 << alike) - 1;
        let phys = ((phys & !low | virt & low) & ((1 << 56) - 1)) & !4095;
        if size <= (1 << 56) - phys {
            mappings.push(Mapping { virt: VirtAddr::new(virt), phys: PhysAddr::new(phys), size, access });
            lowest = virt.wrapping_add(size);
            if lowest == 0 {
                break;
            }
        }
    }
    mappings
}

/// Cases with mappings of up to `2^size_bits` bytes.
fn cases_of(size_bits: u32) -> impl Strategy<Value = Case> {
    let first = prop_oneof![
        2 => Just(0),
        2 => any::<u64>().prop_map(|random| random >> 8 & !4095 & !(1 << 55)),
        1 => Just(0x8020_3000),
    ];
    let mode = prop::sample::select(&Mode::BEST_FIRST[..]);
    let format = prop::sample::select(&FORMATS[..]);
    (mode, format, first, prop::collection::vec(draw(size_bits), 0..12)).prop_map(
        |(mode, format, first, draws)| Case {
            mode,
            format,
            first: PhysAddr::new(first),
            mappings: place(mode, draws),
        },
    )
}

/// Cases of all magnitudes.
pub(crate) fn cases() -> impl Strategy<Value = Case> {
    prop_oneof![cases_of(23), cases_of(37), cases_of(54)]
}

/// Cases small enough to look at every page.
pub(crate) fn small_cases() -> impl Strategy<Value = Case> {
    cases_of(23)
}
