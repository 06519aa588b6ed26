//! Memory maps: the rules of the protocol, and maps made from claims beside a map of single pages.

mod machine;

use landfall_limine::{Facts, MemoryFault, MemoryKind, MemoryMap, MemoryRange, Refusal};
use landfall_paging::{PhysAddr, PhysRange};
use machine::Kernel;
use proptest::prelude::*;

fn range(start: u64, size: u64) -> PhysRange {
    PhysRange::new(PhysAddr::new(start), size)
}

fn refusal(map: &[(u64, u64, MemoryKind)]) -> Option<Refusal> {
    let map: Vec<_> = map
        .iter()
        .map(|(start, size, kind)| MemoryRange { range: range(*start, *size), kind: *kind })
        .collect();
    Kernel::of_revision(3).answer(&Facts { memory: &map, ..Facts::UNKNOWN }).err()
}

#[test]
fn a_map_is_sorted_and_its_exclusive_memory_is_whole_pages_apart_from_all_else() {
    use MemoryKind::{ExecutableAndModules as Kernel, LoaderReclaimable as Loader, Reserved, Usable};
    let fault =
        |fault: fn(PhysRange) -> MemoryFault, start, size| Some(Refusal::Memory(fault(range(start, size))));
    assert_eq!(refusal(&[(0x1000, 0x1000, Usable), (0x2000, 0x1000, Loader)]), None);
    // Other memory may overlap, and has any alignment.
    assert_eq!(refusal(&[(0x1001, 0x3000, Reserved), (0x2000, 5, Kernel), (0x3000, 1, Reserved)]), None);
    assert_eq!(
        refusal(&[(0x2000, 0x1000, Usable), (0x1000, 0x1000, Usable)]),
        fault(MemoryFault::Order, 0x1000, 0x1000)
    );
    assert_eq!(refusal(&[(0x2000, 0, Reserved)]), fault(MemoryFault::Order, 0x2000, 0));
    for kind in [Usable, Loader] {
        for (start, size) in [(0x1001, 0x1000), (0x1000, 0x1001)] {
            assert_eq!(refusal(&[(start, size, kind)]), fault(MemoryFault::Unaligned, start, size));
        }
        let overlap = fault(MemoryFault::Overlap, 0x2000, 0x1000);
        assert_eq!(refusal(&[(0x1000, 0x1001, Reserved), (0x2000, 0x1000, kind)]), overlap);
        assert_eq!(refusal(&[(0x1000, 0x2000, kind), (0x2000, 0x1000, Reserved)]), overlap);
        // The range that reaches furthest is not the last one.
        let long = [(0x1000, 0x5000, Reserved), (0x1800, 1, Reserved), (0x2000, 0x1000, kind)];
        assert_eq!(refusal(&long), overlap);
    }
}

const KINDS: [MemoryKind; 4] = [
    MemoryKind::Usable,
    MemoryKind::LoaderReclaimable,
    MemoryKind::Reserved,
    MemoryKind::ExecutableAndModules,
];
/// The pages of the model.
const PAGES: u64 = 40;

proptest! {
    #[test]
    fn claims_make_the_map_of_single_pages(
        claims in prop::collection::vec((0..PAGES * 16, 0..PAGES * 4, 0..4_usize), 0..30),
    ) {
        let mut room = [MemoryRange::EMPTY; 128];
        let mut map = MemoryMap::new(&mut room);
        let mut pages = [None; 56];
        for (start, size, kind) in claims {
            // In pieces of 256 bytes.
            let (start, end, kind) = (start << 8, (start + size) << 8, KINDS[kind]);
            map.claim(range(start, end - start), kind).expect("room");
            let is_exclusive = matches!(kind, MemoryKind::Usable | MemoryKind::LoaderReclaimable);
            for (page, owner) in pages.iter_mut().enumerate() {
                let (first, last) = (page as u64 * 4096, page as u64 * 4096 + 4096);
                let is_within = start <= first && last <= end;
                let is_touched = start < last && first < end && start < end;
                if if is_exclusive { is_within } else { is_touched } {
                    *owner = Some(kind);
                }
            }
        }
        let mut expected: Vec<MemoryRange> = Vec::new();
        for (page, kind) in pages.iter().enumerate().filter_map(|(page, kind)| Some((page as u64, (*kind)?))) {
            match expected.last_mut() {
                Some(last) if last.kind == kind && last.range.end().get() == page * 4096 => {
                    last.range = range(last.range.start().get(), last.range.size() + 4096);
                }
                _ => expected.push(MemoryRange { range: range(page * 4096, 4096), kind }),
            }
        }
        prop_assert_eq!(map.as_slice(), expected.as_slice());
        // It is a map by the rules.
        let facts = Facts { memory: map.as_slice(), ..Facts::UNKNOWN };
        prop_assert!(Kernel::of_revision(3).answer(&facts).is_ok());
    }

    #[test]
    fn a_full_map_stays_as_it_is(ranges in 0..5_usize) {
        let mut room = vec![MemoryRange::EMPTY; ranges];
        let mut map = MemoryMap::new(&mut room);
        let mut count = 0;
        let fault = loop {
            let before = map.as_slice().to_vec();
            match map.claim(range(0x1000 + 0x2000 * count, 0x1000), MemoryKind::Usable) {
                Ok(()) => count += 1,
                Err(fault) => {
                    prop_assert_eq!(map.as_slice(), before.as_slice());
                    break fault;
                }
            }
        };
        prop_assert_eq!(fault, MemoryFault::Full { room: ranges });
        prop_assert_eq!(count, ranges.saturating_sub(1) as u64);
    }
}
