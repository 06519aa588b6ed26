//! The crate's walker against the oracle's.

use std::collections::HashMap;

use landfall_oracle::Permission;
use landfall_oracle::walk::Root;
use landfall_paging::{
    Access, Entry, LeafFormat, LeafSize, Mode, PhysAddr, TableReader, Translation, VirtAddr, translate,
};
use proptest::prelude::*;

use crate::draws;
use crate::tables::{Built, Case, build, cases};

/// What the oracle says, in the crate's words, for tables that the mapper wrote.
fn oracle(built: &Built, address: u64) -> Translation {
    let Ok(hit) = built.root.translate(address, |at| built.memory.0.read(at)) else {
        return Translation::Unmapped;
    };
    let access = match hit.leaf.flags.permission() {
        Permission::READ => Access::ReadOnly,
        Permission::READ_WRITE => Access::ReadWrite,
        Permission::READ_EXECUTE => Access::ReadExecute,
        other => panic!("the mapper cannot write {other:?}"),
    };
    let leaf = LeafSize::ALL.into_iter().find(|size| size.bytes() == hit.leaf.size).expect("a size");
    Translation::Mapped { physical: PhysAddr::new(hit.phys), access, leaf }
}

proptest! {
    #![proptest_config(draws(512))]

    #[test]
    fn both_walkers_translate_alike(
        Case { mode, first, mappings } in cases(),
        random in prop::collection::vec(any::<u64>(), 64),
    ) {
        let built = build(mode, first, &mappings);
        let edges = mappings.iter().flat_map(|mapping| {
            let (start, end) = (mapping.virt.get(), mapping.virt.get().wrapping_add(mapping.size));
            [start.wrapping_sub(1), start, start + 0x123, start + mapping.size / 2, end.wrapping_sub(1), end]
        });
        let half = mode.half_size();
        let bounds = [0, half - 1, half, half.wrapping_neg() - 1, half.wrapping_neg(), u64::MAX];
        let within = random.iter().map(|&random| built.root.canonical(random));
        for address in edges.chain(bounds).chain(within).chain(random.iter().copied()) {
            let found = translate(&built.memory, mode, LeafFormat::Plain, built.tables.root, VirtAddr::new(address));
            prop_assert_eq!(found, oracle(&built, address), "{:#x}", address);
        }
    }
}

struct Words(HashMap<u64, u64>);

impl TableReader for Words {
    fn read(&self, at: PhysAddr) -> Entry {
        Entry::from_bits(self.0.get(&at.get()).copied().unwrap_or(0))
    }
}

/// What becomes of address 0 through an sv39 root at 0 with these entries.
fn through<const N: usize>(entries: [(u64, u64); N]) -> Translation {
    translate(
        &Words(HashMap::from(entries)),
        Mode::Sv39,
        LeafFormat::Plain,
        PhysAddr::new(0),
        VirtAddr::new(0),
    )
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
fn oracle_and_crate_agree_on_what_is_malformed() {
    let root = Root { levels: 3, table: 0 };
    for flags in 0..256_u64 {
        let words = [(0, flags & !0xd0 | 0xc0 | 1)];
        let found = through(words);
        let expected = root.translate(0, |at| Words(HashMap::from(words)).read(PhysAddr::new(at)).bits());
        let permission = expected.ok().map(|hit| hit.leaf.flags.permission());
        match found {
            Translation::Mapped { access: Access::ReadOnly, .. } => {
                assert_eq!(permission, Some(Permission::READ));
            }
            Translation::Mapped { access: Access::ReadWrite, .. } => {
                assert_eq!(permission, Some(Permission::READ_WRITE));
            }
            Translation::Mapped { access: Access::ReadExecute, .. } => {
                assert_eq!(permission, Some(Permission::READ_EXECUTE));
            }
            Translation::Unmapped | Translation::Malformed => {
                let known = [Permission::READ, Permission::READ_WRITE, Permission::READ_EXECUTE];
                assert!(!permission.is_some_and(|permission| known.contains(&permission)), "{flags:#x}");
            }
        }
    }
}
