//! Random models: whatever one says, even what cannot be, there is a picture and no panic.

use landfall_paging::{Access, LeafCount, LeafSize, Mode};
use proptest::prelude::*;

use super::tests::check;
use crate::space::{AddressSpace, Content, Kind, Memory, Part, Region, Split};

/// Addresses and sizes of every scale, and those at the ends.
fn number() -> impl Strategy<Value = u64> {
    (any::<u64>(), 0_u32..64).prop_flat_map(|(bits, shift)| {
        prop_oneof![Just(bits >> shift), Just(bits << shift), Just(u64::MAX << shift), Just(u64::MAX)]
    })
}

fn part() -> impl Strategy<Value = Part> {
    let access = prop_oneof![Just(Access::ReadOnly), Just(Access::ReadWrite), Just(Access::ReadExecute)];
    let leaves = prop::collection::vec(any::<u32>(), LeafSize::ALL.len()).prop_map(|counts| {
        let mut leaves = LeafCount::NONE;
        LeafSize::ALL.into_iter().zip(counts).for_each(|(size, count)| leaves[size] = count);
        leaves
    });
    let mapped = (any::<String>(), number(), access, leaves)
        .prop_map(|(what, physical, access, leaves)| Content::Mapped { what, physical, access, leaves });
    let hole = any::<String>().prop_map(|why| Content::Hole { why });
    (number(), number(), prop_oneof![mapped, hole]).prop_map(|(start, size, content)| Part {
        start,
        size,
        content,
    })
}

fn region() -> impl Strategy<Value = Region> {
    let kind = prop::sample::select(vec![
        Kind::LinearMap,
        Kind::Near,
        Kind::Kernel,
        Kind::Stacks,
        Kind::Dynamic,
        Kind::Window,
        Kind::Guard,
        Kind::Unused,
    ]);
    let leaf = prop::sample::select(LeafSize::ALL.to_vec());
    let split = (number(), number(), leaf, prop::collection::vec(any::<String>(), 0..6))
        .prop_map(|(start, physical, leaf, causes)| Split { start, physical, leaf, causes });
    (kind, number(), number(), prop::collection::vec(part(), 0..20), prop::collection::vec(split, 0..20))
        .prop_map(|(kind, start, size, parts, splits)| Region { kind, start, size, parts, splits })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_model_is_a_picture(
        mode in prop::sample::select(Mode::BEST_FIRST.to_vec()),
        regions in prop::collection::vec(region(), 0..40),
        physical in number(),
        size in number(),
    ) {
        check(&AddressSpace { mode, regions, tables: Memory { physical, size } });
    }
}
