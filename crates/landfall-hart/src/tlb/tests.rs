//! The model beside references that share no code with it, and by hand.

use std::collections::{HashMap, VecDeque};

use super::{
    Access, BankShape, Counts, Fence, Geometry, Holds, Kind, LeafSize, Model, PARTS, Replacement, Walk,
};
use LeafSize::{G1, K4, K64, M2};

/// Numbers that look random, by a generator that the model does not use.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn load(address: u64, leaf: LeafSize) -> Access {
    let reads: &[u64] = match leaf {
        G1 => &[0x1000],
        M2 => &[0x1000, 0x2000],
        _ => &[0x1000, 0x2000, 0x3000],
    };
    // Tables lie beside each other, and each gigabyte and each 2 MiB has its entries.
    let places = [8 * (address >> 30), 8 * (address >> 21), 8 * (address >> 12)];
    let reads: Vec<_> = reads.iter().zip(places).map(|(table, place)| (table << 32) + place).collect();
    Access { address, kind: Kind::Load, walk: Walk::new(&reads, leaf, false) }
}

fn alone(sets: usize, ways: usize, replacement: Replacement) -> Geometry {
    let holds = &[Holds { leaf: K4, entry: K4 }];
    let shape = Box::leak(Box::new([BankShape { sets, ways, sectors: 1, replacement, holds }]));
    Geometry { name: "alone", instruction: shape, data: shape, second: &[], pointers: 0, facts: &[] }
}

fn counts(part: &Geometry, accesses: impl IntoIterator<Item = Access>) -> Counts {
    let mut model = Model::new(part, 7);
    for access in accesses {
        model.access(&access);
    }
    model.counts()
}

fn part(name: &str) -> &'static Geometry {
    PARTS.iter().find(|part| part.name == name).expect("one of the parts")
}

/// The misses of sets that are lists of pages; `reorders` if a hit moves its page to the front.
fn reference(sets: u64, ways: usize, reorders: bool, pages: &[u64]) -> u64 {
    let mut lists: HashMap<u64, VecDeque<u64>> = HashMap::new();
    let mut misses = 0;
    for &page in pages {
        let list = lists.entry(page % sets).or_default();
        if let Some(at) = list.iter().position(|&held| held == page) {
            if reorders {
                list.remove(at);
                list.push_front(page);
            }
        } else {
            misses += 1;
            list.push_front(page);
            list.truncate(ways);
        }
    }
    misses
}

fn pages(seed: u64) -> Vec<u64> {
    let mut numbers = Numbers(seed);
    (0..20_000).map(|_| if numbers.below(3) == 0 { numbers.below(400) } else { numbers.below(24) }).collect()
}

#[test]
fn misses_are_those_of_lists() {
    for (sets, ways) in [(1, 1), (1, 3), (1, 40), (4, 2), (64, 4), (512, 1)] {
        let pages = pages(99);
        for (rule, reorders) in [(Replacement::Lru, true), (Replacement::Fifo, false)] {
            let found = counts(&alone(sets, ways, rule), pages.iter().map(|page| load(page << 12, K4)));
            let expected = reference(sets as u64, ways, reorders, &pages);
            assert_eq!(found.first_misses, expected, "{sets} sets, {ways} ways, {rule:?}");
            assert_eq!((found.second_misses, found.walk_reads), (expected, 3 * expected));
        }
    }
}

/// The tree of bits of eight entries, written out.
#[test]
fn the_tree_points_away_from_what_was_used() {
    let mut found = Vec::new();
    let mut model = Model::new(&alone(1, 8, Replacement::TreeLru), 0);
    for page in [0, 1, 2, 3, 4, 5, 6, 7, 0, 8, 4, 9, 1, 2] {
        let before = model.counts().first_misses;
        model.access(&load(page << 12, K4));
        found.push(model.counts().first_misses > before);
    }
    let misses = [true; 8];
    // After page 0: the right half, its left pair, the first of it: page 4 goes for page 8. Page 4
    // then takes the place that page 8 points away from: the left half's right pair, page 2. Page 9
    // takes the right half's right pair: page 6. Page 1 is there, and page 2 is not.
    assert_eq!(&found[..8], &misses);
    assert_eq!(&found[8..], &[false, true, true, true, false, true]);
}

#[test]
fn a_tree_of_any_number_of_entries_uses_all_of_them() {
    for ways in [1, 2, 3, 5, 17, 40] {
        let part = alone(1, ways, Replacement::TreeLru);
        let twice = (0..2).flat_map(|_| (0..ways as u64).map(|page| load(page << 12, K4)));
        assert_eq!(counts(&part, twice).first_misses, ways as u64, "{ways}");
    }
}

#[test]
fn random_replacement_is_that_of_the_seed() {
    let part = alone(1, 40, Replacement::Random);
    let run = |seed| {
        let mut model = Model::new(&part, seed);
        for page in pages(5) {
            model.access(&load(page << 12, K4));
        }
        model.counts()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

/// A larger cache of this rule never misses more often.
#[test]
fn more_entries_never_cost_misses() {
    let misses: Vec<_> = (1..60)
        .map(|ways| {
            let part = alone(1, ways, Replacement::Lru);
            counts(&part, pages(3).iter().map(|page| load(page << 12, K4))).first_misses
        })
        .collect();
    assert!(misses.is_sorted_by(|more, less| more >= less), "{misses:?}");
}

#[test]
fn the_c910_holds_2_mib_as_pages_of_4_kib() {
    let pages = (0..17).map(|page| load(0x4000_0000 + (page << 12), M2));
    let found = counts(part("C910"), pages);
    // One walk; the second level holds the leaf as it is.
    assert_eq!((found.first_misses, found.second_misses, found.walk_reads), (17, 1, 2));
}

#[test]
fn rocket_thrashes_with_five_large_leaves() {
    let five = (0..100).map(|turn| load((turn % 5) << 21, M2));
    let four = (0..100).map(|turn| load((turn % 4) << 21, M2));
    assert_eq!(counts(part("Rocket"), four).first_misses, 4);
    let found = counts(part("Rocket"), five);
    assert!(found.first_misses > 50, "{found:?}");
    // The second level holds no large leaf. The pointer to the table is cached.
    assert_eq!(found.second_misses, found.first_misses);
    assert_eq!(found.walk_reads, found.second_misses + 1);
}

#[test]
fn rocket_holds_four_neighbors_in_one_entry() {
    let pages = (0..64).map(|turn| load((turn % 32) << 12, K4));
    let found = counts(part("Rocket"), pages);
    assert_eq!((found.first_misses, found.second_misses), (32, 32));
    let apart = (0..64).map(|turn| load((turn % 32) << 14, K4));
    assert!(counts(part("Rocket"), apart).first_misses > 32);
}

#[test]
fn a_second_level_for_small_leaves_misses_large_ones() {
    let many = |part| counts(part, (0..200).map(|turn| load((turn % 100) << 21, M2)));
    let (small, all) =
        (many(part("U74, second level for 4 KiB")), many(part("U74, second level for all leaves")));
    assert_eq!(small.first_misses, all.first_misses);
    assert_eq!((small.second_misses, all.second_misses), (small.first_misses, 100));
}

#[test]
fn a_fence_removes_what_it_covers() {
    let mut model = Model::new(part("U74, second level for all leaves"), 0);
    let mut misses = |fence, access: Access| {
        if let Some(fence) = fence {
            model.fence(fence);
        }
        let before = model.counts().second_misses;
        model.access(&access);
        model.counts().second_misses - before
    };
    let global = Access { walk: Walk::new(&[0x8000_0000], G1, true), ..load(5 << 30, G1) };
    let (all, here) = (Fence { address: None, asid: None }, Fence { address: Some(0x1234), asid: None });
    let asid = Fence { address: None, asid: Some(1) };
    assert_eq!(misses(None, load(0x1000, K4)), 1);
    assert_eq!(misses(None, load(0x1000, K4)), 0);
    assert_eq!(misses(Some(here), load(0x1000, K4)), 1);
    assert_eq!(misses(Some(Fence { address: Some(0x2000), ..here }), load(0x1000, K4)), 0);
    assert_eq!(misses(Some(all), load(0x1000, K4)), 1);
    assert_eq!(misses(None, global), 1);
    assert_eq!(misses(Some(asid), global), 0);
    assert_eq!(misses(None, load(0x1000, K4)), 1);
}

#[test]
fn fetches_and_data_have_a_first_level_each() {
    let mut model = Model::new(part("C910"), 0);
    model.access(&load(0x1000, K4));
    model.access(&Access { kind: Kind::Fetch, ..load(0x1000, K4) });
    let found = model.counts();
    assert_eq!((found.fetches, found.data), (1, 1));
    assert_eq!((found.first_misses, found.second_misses), (2, 1));
}

#[test]
fn each_part_states_what_it_assumes() {
    for part in &PARTS {
        assert!(!part.facts.is_empty(), "{}", part.name);
        for leaf in [K4, M2, G1] {
            assert!(part.holds(leaf), "{}: {leaf:?}", part.name);
        }
        assert_eq!(part.holds(K64), part.name == "U74, second level for all leaves");
    }
    assert_eq!(part("Rocket").assumed().count(), 0);
    assert!(part("U74, second level for 4 KiB").assumed().any(|(what, _)| what.contains("512 entries")));
}
