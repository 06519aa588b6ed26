//! The list of harts, and what it keeps of each.

use landfall_paging::Mode::{Sv39, Sv48, Sv57};
use landfall_plan::harts::{Extension, Extensions, Hart, Harts, MAX_HARTS, Mmu};
use proptest::prelude::*;

fn hart(id: u64) -> Hart {
    Hart { id, mmu: Mmu::Upto(Sv57), extensions: Extensions::NONE }
}

fn full() -> Harts {
    let mut harts = Harts::EMPTY;
    (0..MAX_HARTS as u64).for_each(|id| harts.push(hart(id)));
    harts
}

fn numbers(harts: &Harts) -> (usize, u32) {
    (harts.len(), harts.beyond())
}

#[test]
fn the_first_of_an_id_counts() {
    let mut harts = Harts::EMPTY;
    harts.push(hart(5));
    harts.push(Hart { mmu: Mmu::None, ..hart(5) });
    harts.push_boot_hart(Hart { mmu: Mmu::None, ..hart(5) });
    assert!(harts.iter().eq([hart(5)]));
}

#[test]
fn harts_beyond_the_most_are_counted() {
    let mut harts = full();
    assert_eq!(numbers(&harts), (MAX_HARTS, 0));
    harts.push(hart(1000));
    assert_eq!(numbers(&harts), (MAX_HARTS, 1));
    assert_eq!(harts.find(1000), None);
    harts.push(hart(3));
    assert_eq!(numbers(&harts), (MAX_HARTS, 1), "one that is known already is none more");
}

#[test]
fn the_boot_hart_takes_the_last_place_of_a_full_list() {
    let last = MAX_HARTS as u64 - 1;
    let mut harts = full();
    harts.push_boot_hart(hart(1000));
    assert_eq!(numbers(&harts), (MAX_HARTS, 1));
    assert_eq!((harts.find(1000), harts.find(last)), (Some(hart(1000)), None));
    assert_eq!(harts.ids().last(), Some(&1000));
}

#[test]
fn the_boot_hart_takes_no_place_where_one_is_free_or_its_own() {
    let mut harts = Harts::EMPTY;
    (0..MAX_HARTS as u64 - 1).for_each(|id| harts.push(hart(id)));
    harts.push_boot_hart(hart(1000));
    assert_eq!(numbers(&harts), (MAX_HARTS, 0));
    harts.push_boot_hart(hart(1000));
    let mut harts = full();
    harts.push_boot_hart(hart(0));
    assert_eq!(numbers(&harts), (MAX_HARTS, 0));
    assert!(harts.iter().eq(full().iter()));
}

#[test]
fn a_list_that_was_cleared_is_empty() {
    let mut harts = full().with_beyond(3);
    assert!(!harts.is_empty());
    harts.clear();
    assert!(harts.is_empty() && harts.iter().next().is_none());
    assert_eq!((harts.find(0), numbers(&harts)), (None, (0, 0)));
    harts.push(hart(0));
    assert!(harts.iter().eq([hart(0)]));
}

#[test]
fn extensions_are_known_by_their_names() {
    for &extension in Extension::ALL {
        assert_eq!(Extension::from_name(extension.name().as_bytes()), Some(extension));
        assert_eq!(Extensions::NONE.with(extension).iter().collect::<Vec<_>>(), [extension]);
        assert!(!Extensions::NONE.contains(extension));
    }
    for name in ["", "s", "z", "SSTC", "svnapo", "svnapot1p0"] {
        assert_eq!(Extension::from_name(name.as_bytes()), None, "{name}");
    }
}

proptest! {
    /// Against a list that searches all of itself, and keeps each hart as it is.
    #[test]
    fn what_was_pushed_is_found_as_it_was(
        pushed in prop::collection::vec((0..40_u64, 0..5_usize, 0..8_usize), 0..80),
    ) {
        let mmus = [Mmu::Unstated, Mmu::None, Mmu::Upto(Sv39), Mmu::Upto(Sv48), Mmu::Upto(Sv57)];
        let (mut harts, mut model) = (Harts::EMPTY, Vec::<Hart>::new());
        for (id, mmu, choice) in pushed {
            let all = Extension::ALL.iter().copied().enumerate();
            let extensions = all.filter(|(bit, _)| choice >> bit & 1 == 1).map(|(_, each)| each).collect();
            let hart = Hart { id, mmu: mmus[mmu], extensions };
            harts.push(hart);
            if model.iter().all(|known| known.id != id) {
                model.push(hart);
            }
        }
        prop_assert!(harts.iter().eq(model.iter().copied()));
        for id in 0..40 {
            prop_assert_eq!(harts.find(id), model.iter().copied().find(|hart| hart.id == id));
        }
    }
}
