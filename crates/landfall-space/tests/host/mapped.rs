//! The list of what is mapped.

use landfall_paging::{Access, Mode, PAGE_SIZE, VirtAddr, VirtRange};
use landfall_space::{DataAccess, Kind, Mapped, Region};

use crate::machine::{DATA, Landed, Setup, memory, phys};

const PAGE: u64 = PAGE_SIZE;

fn all(landed: &Landed) -> Vec<Mapped> {
    let next = |from: VirtAddr| landed.space.next_mapped(from);
    std::iter::successors(next(VirtAddr::new(0)), |last| next(last.range.end())).collect()
}

fn covering(list: &[Mapped], at: VirtAddr) -> Option<Mapped> {
    list.iter().copied().find(|mapped| mapped.range.contains_address(at))
}

#[test]
fn the_list_has_each_mapping_of_the_landing_once_and_in_order() {
    for mode in Mode::BEST_FIRST {
        for napot in [false, true] {
            let landed = Landed::new(&Setup { napot, ..Setup::of(mode) });
            let list = all(&landed);
            assert!(list.is_sorted_by(|one, next| one.range.end() <= next.range.start()), "{list:#?}");
            for mapping in landed.plan.kernel_mappings() {
                let mapped = covering(&list, mapping.virt).expect("it is listed");
                assert!(mapped.range.contains(VirtRange::new(mapping.virt, mapping.size)), "{mode:?}");
                let offset = mapping.virt - mapped.range.start();
                assert_eq!((mapped.phys + offset, mapped.access), (mapping.phys, mapping.access));
            }
            // Text is read-only in the linear map, and the data behind it writable.
            let text = landed.plan.linear.virt(landed.plan.image.phys.text().start());
            assert_eq!(covering(&list, text).map(|mapped| mapped.access), Some(Access::ReadOnly));
            let data = landed.plan.linear.virt(landed.plan.image.phys.data().start());
            assert_eq!(covering(&list, data).map(|mapped| mapped.access), Some(Access::ReadWrite));
        }
    }
}

#[test]
fn the_list_has_what_the_space_maps_until_it_is_unmapped() {
    for mode in Mode::BEST_FIRST {
        for napot in [false, true] {
            let landed = Landed::new(&Setup { napot, ..Setup::of(mode) });
            let before = all(&landed);
            // 2 MiB and 64 KiB and a page: leaves of three sizes, and one line of the list.
            let size = (2 << 20) + (64 << 10) + PAGE;
            let area = landed.space.map(memory(DATA, size), DataAccess::ReadOnly, Region::Dynamic);
            let area = area.expect("room");
            let device = landed.space.map_device(phys(0x1000_0000, PAGE)).expect("room");
            let list = all(&landed);
            assert_eq!(list.len(), before.len() + 2);
            let mapped = covering(&list, area.range().start()).expect("it is listed");
            assert_eq!((mapped.range, mapped.phys), (area.range(), area.memory().start()));
            assert_eq!((mapped.access, mapped.kind), (Access::ReadOnly, Kind::Memory));
            let registers = covering(&list, device.registers().start()).expect("it is listed");
            assert_eq!((registers.access, registers.kind), (Access::ReadWrite, Kind::Device));
            drop(landed.space.unmap(area));
            landed.space.unmap_device(device).expect("mapped");
            assert_eq!(all(&landed), before);
        }
    }
}

#[test]
fn an_answer_begins_where_it_was_asked_to() {
    let landed = Landed::new(&Setup::of(Mode::Sv48));
    let area = landed.space.map(memory(DATA, 4 * PAGE), DataAccess::ReadWrite, Region::Near);
    let range = area.expect("room").range();
    let from = range.start() + PAGE + 12;
    let mapped = landed.space.next_mapped(from).expect("it is listed");
    assert_eq!((mapped.range.start(), mapped.range.end()), (from, range.end()));
    assert_eq!(mapped.phys.get(), DATA + PAGE + 12);
    assert_eq!(landed.space.next_mapped(VirtAddr::new(u64::MAX)), None);
}
