//! The crate's walker against the oracle's.

use std::collections::HashMap;

use landfall_judge::walk::{Miss, Root};
use landfall_judge::{MemoryType, Permission};
use landfall_paging::{
    Access, Entry, LeafFormat, LeafSize, Mode, PhysAddr, TableReader, Translation, VirtAddr, translate,
};
use proptest::prelude::*;

use crate::draws;
use crate::tables::{Built, FORMATS, cases, extensions};

/// Returns the oracle's result, in the crate's types.
fn oracle(root: Root, memory: &impl TableReader, address: u64) -> Translation {
    let hit = match root.translate(address, |at| memory.read(PhysAddr::new(at)).bits()) {
        Ok(hit) => hit,
        Err(Miss::NotCanonical | Miss::Invalid { .. }) => return Translation::Unmapped,
        Err(Miss::Malformed(_)) => return Translation::Malformed,
    };
    // The crate can say neither other permissions nor other memory types.
    let expected = [MemoryType::ORDINARY, MemoryType::UNCACHED, MemoryType::DEVICE];
    let access = match hit.leaf.flags.permission() {
        _ if hit.leaf.memory.is_some_and(|memory| !expected.contains(&memory)) => None,
        Permission::READ => Some(Access::ReadOnly),
        Permission::READ_WRITE => Some(Access::ReadWrite),
        Permission::READ_EXECUTE => Some(Access::ReadExecute),
        _ => None,
    };
    let leaf = LeafSize::ALL.into_iter().find(|size| size.bytes() == hit.leaf.size).expect("a size");
    access.map_or(Translation::Malformed, |access| Translation::Mapped {
        physical: PhysAddr::new(hit.phys),
        access,
        leaf,
    })
}

/// Tables with damage. Every entry outside memory is invalid.
struct Damaged<'a> {
    built: &'a Built,
    damage: HashMap<u64, u64>,
}

impl TableReader for Damaged<'_> {
    fn read(&self, at: PhysAddr) -> Entry {
        let offset = at.wrapping_offset_from(self.built.tables.root);
        let bits =
            if offset < self.built.tables.pages * 4096 { self.built.memory.0.read(at.get()) } else { 0 };
        Entry::from_bits(bits ^ self.damage.get(&at.get()).unwrap_or(&0))
    }
}

/// Returns the bits to flip in an entry: bits with a meaning more often than others.
fn damage() -> impl Strategy<Value = u64> {
    let bit = || (0..64_u32).prop_map(|bit| 1 << bit);
    prop_oneof![
        4 => bit(),
        2 => (bit(), bit()).prop_map(|(one, other)| one ^ other),
        // N, the size in the page number, T-Head's memory type.
        2 => (0..2_u64, 0..16_u64).prop_map(|(n, size)| n << 63 | size << 10),
        1 => (0..32_u64).prop_map(|stated| stated << 59),
        1 => 0..256_u64,
        1 => any::<u64>(),
    ]
}

proptest! {
    #![proptest_config(draws(512))]

    #[test]
    fn both_walkers_translate_alike(case in cases(), random in prop::collection::vec(any::<u64>(), 64)) {
        let built = case.build();
        let edges = case.mappings.iter().flat_map(|mapping| {
            let (start, end) = (mapping.virt.get(), mapping.virt.get().wrapping_add(mapping.size));
            [start.wrapping_sub(1), start, start + 0x123, start + mapping.size / 2, end.wrapping_sub(1), end]
        });
        let half = case.mode.half_size();
        let bounds = [0, half - 1, half, half.wrapping_neg() - 1, half.wrapping_neg(), u64::MAX];
        let within = random.iter().map(|&random| built.root.canonical(random));
        for address in edges.chain(bounds).chain(within).chain(random.iter().copied()) {
            let found = translate(&built.memory, case.mode, case.format, built.tables.root, VirtAddr::new(address));
            let expected = oracle(built.root, &built.memory, address);
            prop_assert_eq!(found, expected, "{:#x}", address);
            prop_assert_ne!(found, Translation::Malformed);
        }
    }

    #[test]
    fn both_walkers_translate_alike_whatever_the_damage(
        case in cases(),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u64>(), 0..5_usize, damage()), 32),
    ) {
        prop_assume!(!case.mappings.is_empty());
        let built = case.build();
        for (which, random, level, damage) in places {
            let mapping = case.mappings[which.index(case.mappings.len())];
            let address = mapping.virt.get() + random % mapping.size;
            // One of the entries on the way to the address.
            let mut way = vec![];
            let hit = built.root.translate(address, |at| {
                way.push(at);
                built.memory.0.read(at)
            });
            prop_assert!(hit.is_ok(), "{address:#x} is mapped");
            let damaged = Damaged { built: &built, damage: HashMap::from([(way[level % way.len()], damage)]) };
            // Also what shares 64 KiB with it, and the last page, which may share a damaged
            // pointer.
            let around = (0..16).map(|page| address & !0xffff | page << 12 | address & 0xfff);
            for address in around.chain([mapping.virt.get() + (mapping.size - 1)]) {
                let found = translate(&damaged, case.mode, case.format, built.tables.root, VirtAddr::new(address));
                prop_assert_eq!(found, oracle(built.root, &damaged, address), "{:#x}, {:#x} flipped", address, damage);
            }
        }
    }

    #[test]
    fn both_walkers_read_any_entry_alike(
        bits in prop_oneof![any::<u64>(), (any::<u64>(), damage()).prop_map(|(bits, damage)| (bits & PPN | 0xe3) ^ damage)],
        address in 0..1_u64 << 38,
        format in prop::sample::select(&FORMATS[..]),
    ) {
        // In sv39: the entry in the table of each level, below pointers.
        let at = |level: u64| 0x1000 * (2 - level) + address / (4096 << (9 * level)) % 512 * 8;
        for level in 0..3 {
            let pointers = (level + 1..3).map(|above| (at(above), (3 - above) << 10 | 1));
            let words = Words(pointers.chain([(at(level), bits)]).collect());
            let found = translate(&words, Mode::Sv39, format, PhysAddr::new(0), VirtAddr::new(address));
            let root = Root { levels: 3, table: 0, extensions: extensions(format) };
            prop_assert_eq!(found, oracle(root, &words, address), "level {}", level);
        }
    }
}

const PPN: u64 = ((1 << 44) - 1) << 10;

struct Words(HashMap<u64, u64>);

impl TableReader for Words {
    fn read(&self, at: PhysAddr) -> Entry {
        Entry::from_bits(self.0.get(&at.get()).copied().unwrap_or(0))
    }
}

/// Translates `address` through an sv39 root at 0 with these entries.
fn through_format<const N: usize>(format: LeafFormat, address: u64, entries: [(u64, u64); N]) -> Translation {
    translate(&Words(HashMap::from(entries)), Mode::Sv39, format, PhysAddr::new(0), VirtAddr::new(address))
}

/// Translates address 0 through plain tables with these entries.
fn through<const N: usize>(entries: [(u64, u64); N]) -> Translation {
    through_format(LeafFormat::Plain, 0, entries)
}

/// A table of each level, and this as the entry of the last for `address`, which lies in the first
/// 2 MiB.
fn page(address: u64, bits: u64) -> [(u64, u64); 3] {
    [(0, 1 << 10 | 1), (0x1000, 2 << 10 | 1), (0x2000 + address / 4096 * 8, bits)]
}

#[test]
fn a_64_kib_leaf_takes_its_offset_from_the_address() {
    let bits = 1 << 63 | 0x80218 << 10 | 0xe7;
    for address in (0x3_0000..0x4_0000).step_by(0xabc) {
        let found = through_format(LeafFormat::Napot, address, page(address, bits));
        let physical = PhysAddr::new(0x8021_0000 + address % 0x1_0000);
        let expected = Translation::Mapped { physical, access: Access::ReadWrite, leaf: LeafSize::K64 };
        assert_eq!(found, expected, "{address:#x}");
    }
}

#[test]
fn what_svnapot_reserves_is_malformed() {
    for low in (0..16).filter(|low| *low != 0b1000) {
        let bits = 1 << 63 | low << 10 | 0xe7;
        assert_eq!(through_format(LeafFormat::Napot, 0, page(0, bits)), Translation::Malformed, "{low:#06b}");
    }
    let superpage = 1 << 63 | 0b1000 << 10 | 0xe7;
    assert_eq!(through_format(LeafFormat::Napot, 0, [(0, superpage)]), Translation::Malformed);
}

#[test]
fn bits_of_another_format_are_malformed() {
    let (plain, napot) = (0x80218 << 10 | 0xe7, 1 << 63 | 0x80218 << 10 | 0xe7);
    let thead = 0b111 << 60 | plain;
    for (bits, sound) in [
        (plain, &[LeafFormat::Plain, LeafFormat::Napot][..]),
        (napot, &[LeafFormat::Napot]),
        (thead, &[LeafFormat::Thead]),
        (thead & !(1 << 60), &[]),
        (thead | 1 << 59, &[]),
    ] {
        for format in FORMATS {
            let mapped = matches!(through_format(format, 0, page(0, bits)), Translation::Mapped { .. });
            assert_eq!(mapped, sound.contains(&format), "{bits:#x} in {format:?}");
        }
    }
}

#[test]
fn what_no_hart_accepts_is_malformed() {
    let misaligned = (1 << 21 >> 12 << 10) | 0xc3;
    assert_eq!(through([(0, misaligned)]), Translation::Malformed);
    let write_without_read = 0xc5;
    assert_eq!(through([(0, write_without_read)]), Translation::Malformed);
    let pointer = |page: u64| page << 10 | 1;
    assert_eq!(
        through([(0, pointer(1)), (0x1000, pointer(2)), (0x2000, pointer(3))]),
        Translation::Malformed,
        "a pointer at the last level"
    );
}

#[test]
fn oracle_and_crate_agree_on_all_flags() {
    for (flags, format) in (0..256).flat_map(|flags| FORMATS.map(|format| (flags, format))) {
        let words = Words(HashMap::from([(0, flags)]));
        let found = translate(&words, Mode::Sv39, format, PhysAddr::new(0), VirtAddr::new(0));
        let root = Root { levels: 3, table: 0, extensions: extensions(format) };
        // A pointer leads to the root again, and again, and then there is no level left.
        assert_eq!(found, oracle(root, &words, 0), "{flags:#x} in {format:?}");
    }
}
