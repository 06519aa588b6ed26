//! Refusals of the mapper.

use landfall_paging::{Access, Counting, LeafFormat, MapError, Mapper, Mapping, Mode, PhysAddr, VirtAddr};
use proptest::prelude::*;

use crate::draws;
use crate::tables::cases;

const HIGH: u64 = 0xffff_ffff_8000_0000;

fn mapping(virt: u64, phys: u64, size: u64) -> Mapping {
    Mapping { virt: VirtAddr::new(virt), phys: PhysAddr::new(phys), size, access: Access::ReadOnly }
}

fn mapper(mode: Mode) -> Mapper<Counting> {
    Mapper::new(mode, LeafFormat::Plain, Counting, PhysAddr::new(0), u64::MAX).expect("room for the root")
}

#[test]
fn what_is_not_whole_pages_is_misaligned() {
    for bad in [
        mapping(HIGH + 8, 0, 0x1000),
        mapping(HIGH, 0x800, 0x1000),
        mapping(HIGH, 0, 0x1001),
        mapping(HIGH, 0, 0),
    ] {
        assert_eq!(mapper(Mode::Sv48).map(bad), Err(MapError::Misaligned(bad)));
    }
}

#[test]
fn what_leaves_its_half_of_the_address_space_is_out_of_range() {
    for mode in Mode::BEST_FIRST {
        let (half, upper) = (mode.half_size(), mode.upper_half().get());
        for bad in [
            mapping(half, 0, 0x1000),
            mapping(upper - 0x1000, 0, 0x1000),
            mapping(half - 0x1000, 0, 0x2000),
            mapping(0, 0, half + 0x1000),
            mapping(u64::MAX - 0xfff, 0, 0x2000),
            mapping(upper, 0, u64::MAX - 0xfff),
        ] {
            assert_eq!(mapper(mode).map(bad), Err(MapError::OutOfRange(bad)), "{mode}");
        }
        for good in
            [mapping(half - 0x1000, 0, 0x1000), mapping(0, 0, half), mapping(upper, 0, half.min(1 << 55))]
        {
            assert_eq!(mapper(mode).map(good), Ok(()), "{mode}");
        }
    }
}

#[test]
fn what_leaves_physical_memory_is_out_of_range() {
    let end = 1 << 56;
    for bad in
        [mapping(HIGH, end, 0x1000), mapping(HIGH, end - 0x1000, 0x2000), mapping(HIGH, 1 << 63, 0x1000)]
    {
        assert_eq!(mapper(Mode::Sv39).map(bad), Err(MapError::OutOfRange(bad)));
    }
    assert_eq!(mapper(Mode::Sv39).map(mapping(HIGH, end - 0x1000, 0x1000)), Ok(()));
}

#[test]
fn what_begins_before_the_end_of_the_one_before_is_not_ascending() {
    let mut mapper = mapper(Mode::Sv39);
    mapper.map(mapping(HIGH, 0, 0x3000)).expect("it is the first");
    let lowest = VirtAddr::new(HIGH + 0x3000);
    for virt in [0, HIGH - 0x1000, HIGH, HIGH + 0x2000] {
        let bad = mapping(virt, 0, 0x1000);
        assert_eq!(mapper.map(bad), Err(MapError::NotAscending { mapping: bad, lowest }));
    }
    assert_eq!(mapper.map(mapping(lowest.get(), 0, 0x1000)), Ok(()));
}

#[test]
fn nothing_follows_the_end_of_the_address_space() {
    let mut mapper = mapper(Mode::Sv57);
    mapper.map(mapping(HIGH, 0, 0x8000_0000)).expect("it is the first");
    for virt in [0, 0x1000, HIGH, u64::MAX - 0xfff] {
        let bad = mapping(virt, 0, 0x1000);
        assert_eq!(mapper.map(bad), Err(MapError::NotAscending { mapping: bad, lowest: VirtAddr::new(0) }));
    }
}

#[test]
fn no_page_is_too_few_even_for_the_root() {
    let error = Mapper::new(Mode::Sv39, LeafFormat::Plain, Counting, PhysAddr::new(0), 0).err();
    assert_eq!(error, Some(MapError::OutOfTables { pages: 0 }));
}

proptest! {
    #![proptest_config(draws(256))]

    #[test]
    fn one_page_less_than_counted_is_too_few(case in cases()) {
        let pages = case.count().pages - 1;
        let built = Mapper::new(case.mode, case.format, Counting, case.first, pages)
            .and_then(|mut mapper| case.mappings.iter().try_for_each(|&mapping| mapper.map(mapping)));
        prop_assert_eq!(built, Err(MapError::OutOfTables { pages }));
    }

    #[test]
    fn a_refused_mapping_leaves_no_trace(case in cases()) {
        let clean = case.build();
        let mut memory = crate::tables::HostMemory(landfall_judge::memory::Memory::poisoned(case.first.get(), clean.tables.pages));
        let mut mapper = Mapper::new(case.mode, case.format, &mut memory, case.first, clean.tables.pages).expect("room for the root");
        for &good in &case.mappings {
            for bad in [Mapping { size: 0, ..good }, Mapping { phys: PhysAddr::new(1 << 56), ..good }] {
                prop_assert!(mapper.map(bad).is_err());
            }
            mapper.map(good).expect("it is sound");
            prop_assert!(mapper.map(good).is_err(), "once more the same is not ascending");
        }
        prop_assert_eq!(mapper.finish(), clean.tables);
        for word in 0..clean.tables.pages * 512 {
            let address = case.first.get() + word * 8;
            prop_assert_eq!(memory.0.read(address), clean.memory.0.read(address));
        }
    }
}

#[test]
fn every_error_names_the_addresses_at_fault() {
    let bad = mapping(HIGH, 0x8020_0000, 0x3000);
    let says = |error: MapError, wanted: &str| {
        let text = error.to_string();
        assert!(text.contains(wanted), "{text}");
    };
    says(MapError::Misaligned(bad), "0xffffffff80000000 to 0x80200000, 0x3000 bytes");
    says(MapError::OutOfRange(bad), "0xffffffff80000000 to 0x80200000, 0x3000 bytes");
    says(MapError::NotAscending { mapping: bad, lowest: VirtAddr::new(0x5000) }, "0x5000");
    says(MapError::OutOfTables { pages: 7 }, "7 pages");
}
