//! Policies of one mode, drawn at random.

use landfall_paging::{Mode, VirtAddr, VirtRange};
use landfall_plan::Policy;
use landfall_plan::policy::{Alias, LinearPin, Modes, PhysicalPlacement, Placement};
use proptest::prelude::*;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// The content of a policy, readable by the tests.
#[derive(Clone, Debug)]
pub(crate) struct ModePolicy {
    pub(crate) placement: Placement,
    pub(crate) alias: Alias,
    pub(crate) physical: PhysicalPlacement,
    pub(crate) stack_size: u64,
    pub(crate) near_size: u64,
    pub(crate) dynamic_size: u64,
    /// 0: none.
    pub(crate) ram_limit: u64,
    pub(crate) max_harts: u64,
    pub(crate) linear_pin: Option<LinearPin>,
    pub(crate) kernel_pin: Option<VirtAddr>,
    pub(crate) windows: Vec<VirtRange>,
}

impl ModePolicy {
    /// Those of a policy that says nothing.
    pub(crate) const NONE: Self = Self {
        placement: Placement::OwnRegion,
        alias: Alias::ReadOnly,
        physical: PhysicalPlacement::Stay,
        stack_size: 64 << 10,
        near_size: 128 * MIB,
        dynamic_size: 16 * GIB,
        ram_limit: 0,
        max_harts: u64::MAX,
        linear_pin: None,
        kernel_pin: None,
        windows: vec![],
    };

    pub(crate) fn policy(&self, mode: Mode) -> Policy {
        let modes = Modes::Only(mode);
        let mut policy = Policy::new()
            .with_placement(self.placement)
            .with_alias(self.alias)
            .with_physical_placement(self.physical)
            .with_stack_size(self.stack_size)
            .with_near_size(self.near_size)
            .with_dynamic_size(self.dynamic_size)
            .with_max_harts(self.max_harts);
        if self.ram_limit != 0 {
            policy = policy.with_ram_limit(self.ram_limit);
        }
        if let Some(pin) = self.linear_pin {
            policy = policy.with_linear_pin(modes, pin);
        }
        if let Some(base) = self.kernel_pin {
            policy = policy.with_kernel_pin(modes, base);
        }
        for window in &self.windows {
            policy = policy.with_window(modes, *window);
        }
        policy
    }
}

/// `base + n * grain` for a random `n` of random magnitude, where `bits` are those of `n` at the
/// most.
fn multiples(base: u64, grain: u64, bits: u32) -> impl Strategy<Value = u64> {
    (0..=bits, any::<u64>())
        .prop_map(move |(bits, random)| base.wrapping_add((random & ((1 << bits) - 1)).wrapping_mul(grain)))
}

fn address(mode: Mode, grain: u64) -> BoxedStrategy<u64> {
    let bits = mode.virtual_bits() - 1 - grain.ilog2();
    let upper = mode.upper_half().get();
    prop_oneof![
        multiples(upper, grain, bits),
        // Downwards from the end.
        multiples(grain.wrapping_neg(), grain.wrapping_neg(), bits),
        // Round ones.
        multiples(upper, mode.half_size() / 64, 6),
    ]
    .boxed()
}

fn linear_pin(mode: Mode, lowest: u64) -> impl Strategy<Value = LinearPin> {
    let lowest = lowest / GIB * GIB;
    (address(mode, GIB), any::<bool>()).prop_map(move |(at, is_offset)| {
        if is_offset {
            LinearPin::Offset(at.wrapping_sub(lowest))
        } else {
            LinearPin::Base(VirtAddr::new(at))
        }
    })
}

fn windows(mode: Mode) -> impl Strategy<Value = Vec<VirtRange>> {
    let bits = mode.virtual_bits() - 1 - 12;
    let window = (address(mode, 4096), multiples(4096, 4096, bits)).prop_map(move |(start, size)| {
        let room = (2 * MIB).wrapping_neg().saturating_sub(start);
        VirtRange::new(VirtAddr::new(start), size.min(room))
    });
    prop::collection::vec(window, 0..=4)
}

/// The sizes that a policy has room for.
fn sizes(mode: Mode) -> impl Strategy<Value = [u64; 5]> {
    let stack = prop_oneof![6 => 2..=40_u64, 1 => 2..=256_u64];
    let near = prop_oneof![3 => Just(64), 1 => Just(0), 2 => 1..=512_u64];
    let bits = mode.virtual_bits() - 4 - 12;
    let dynamic = prop_oneof![3 => Just(16 * GIB), 1 => Just(0), 2 => multiples(0, 4096, bits)];
    let limit = prop_oneof![4 => Just(0), 1 => multiples(GIB, GIB, mode.virtual_bits() - 32)];
    let harts = prop_oneof![3 => Just(u64::MAX), 1 => 1..=4_u64];
    (stack, near, dynamic, limit, harts).prop_map(|(stack, near, dynamic, limit, harts)| {
        [stack * 4096, near * 2 * MIB, dynamic, limit, harts]
    })
}

/// Any policy of one mode that [`Policy::check`] lets pass, for a machine whose lowest RAM is at
/// `lowest`.
pub(crate) fn mode_policies(mode: Mode, lowest: u64) -> impl Strategy<Value = ModePolicy> {
    let choices = (
        prop::sample::select(vec![Placement::OwnRegion, Placement::OwnRegion, Placement::LinearMap]),
        prop::sample::select(vec![Alias::ReadOnly, Alias::Absent]),
        prop::sample::select(vec![
            PhysicalPlacement::Stay,
            PhysicalPlacement::Pack,
            PhysicalPlacement::Random,
        ]),
    );
    let pins = (
        prop::option::weighted(0.4, linear_pin(mode, lowest)),
        prop::option::weighted(0.3, address(mode, 2 * MIB).prop_map(VirtAddr::new)),
    );
    let any = (choices, sizes(mode), pins, windows(mode)).prop_map(
        |((placement, alias, physical), sizes, (linear_pin, kernel_pin), windows)| {
            let [stack_size, near_size, dynamic_size, ram_limit, max_harts] = sizes;
            let sizes =
                ModePolicy { stack_size, near_size, dynamic_size, ram_limit, max_harts, ..ModePolicy::NONE };
            ModePolicy { placement, alias, physical, linear_pin, kernel_pin, windows, ..sizes }
        },
    );
    any.prop_filter("no machine could fulfill it", move |mode_policy| {
        mode_policy.policy(mode).check().is_ok()
    })
}
