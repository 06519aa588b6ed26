//! Policies that cannot be fulfilled: by no machine (rule 15), or not by this one (rule 19). And a
//! move that fails.

use landfall_paging::{Mode as PagingMode, VirtAddr, VirtRange};
use landfall_plan::Policy;
use landfall_plan::policy::{LinearPin, Modes, PhysicalPlacement, Placement};

use super::{AT, MIB, at, refusal};
use crate::case::{Case, Load, Seeding};
use crate::devicetree;
use crate::image::{self, Alter};
use crate::matrix::machine;
use landfall_host::machine::Mode;
use landfall_judge::intervals::Interval;

const GIB: u64 = 1 << 30;
/// The address for which kernels are linked.
const KERNEL: VirtAddr = VirtAddr::new(0xffff_ffff_8000_0000);
const SV39: Modes = Modes::Only(PagingMode::Sv39);

/// Bytes at an offset of the policy's record.
type Bytes = &'static [(usize, &'static [u8])];

/// Bytes that are not valid in a policy's record, one after the other (crate landfall-plan, module
/// `policy::record`).
const DAMAGED: [(&str, Bytes); 24] = [
    ("version", &[(0, &[99])]),
    ("version-1", &[(0, &[1])]),
    ("lowest-mode", &[(4, &[7])]),
    ("highest-mode", &[(5, &[11])]),
    ("modes-crossed", &[(4, &[10, 8])]),
    ("kaslr", &[(6, &[2])]),
    ("disclosure", &[(7, &[2])]),
    ("starting", &[(8, &[2])]),
    ("placement", &[(9, &[2])]),
    ("alias", &[(10, &[2])]),
    ("physical", &[(11, &[3])]),
    ("kind-of-pin", &[(0x0d, &[3])]),
    ("stack", &[(0x10, &[1])]),
    ("near", &[(0x18, &[0, 0x10, 0])]),
    ("ram-limit", &[(0x28, &[0, 0x10, 0])]),
    ("mode-of-window", &[(0x6a, &[7])]),
    // From here on each byte is valid, but no machine can fulfill the whole policy.
    ("linear-map-misaligned", &[(0x0c, &[1]), (0x38, &[0, 0x10, 0])]),
    ("linear-map-outside", &[(0x0c, &[2]), (0x38, &[0, 0, 0, 0x40])]),
    ("kernel-misaligned", &[(0x50, &[0, 0x10, 0, 0x80, 0xff, 0xff, 0xff, 0xff])]),
    ("kernel-outside", &[(0x50, &[0, 0, 0x20])]),
    (
        "kernel-below-linear-map",
        &[
            (0x0c, &[2]),
            (0x38, &[0, 0, 0, 0, 0xf0, 0xff, 0xff, 0xff]),
            (0x50, &[0, 0, 0, 0, 0xe0, 0xff, 0xff, 0xff]),
        ],
    ),
    ("kernel-in-linear-map", &[(9, &[1]), (0x50, &[0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff])]),
    ("window-outside", &[(0x68, &[1]), (0x70, &[0, 0x10]), (0x78, &[0, 0x10])]),
    ("dynamic-too-large", &[(0x20, &[0, 0, 0, 0, 0, 0, 0, 1])]),
];

/// Returns the cases of rule 15, in an image without a seal.
pub(super) fn damaged() -> Vec<Case> {
    let case = |(name, changes): (&str, Bytes)| {
        at("R15", name, AT).with_damage(move |image| {
            let mut flat = image.unsealed();
            for (offset, bytes) in changes {
                let place = image.policy_offset() + offset;
                flat[place..place + bytes.len()].copy_from_slice(bytes);
            }
            Ok(flat)
        })
    };
    DAMAGED.into_iter().map(case).collect()
}

/// Returns the case of rule 16 with a tree that lists missing memory, and an image that moves
/// there. The test of a page traps before the copy begins.
pub(super) fn moved_to_nowhere() -> Case {
    let policy = Policy::new().with_physical_placement(PhysicalPlacement::Random);
    let mut case = at("R16", "moved-to-no-memory", AT).with_policy(&policy);
    case.seeding = Seeding::Seed(0x0123_4567_89ab_cdef);
    let memory = [Interval::new(0x8000_0000, 128 * MIB), Interval::new(0x10_0000_0000, 1024 * GIB)];
    case.saying("a trap before landing: store or AMO access fault").with_change(move |session, entry, _| {
        session.edit_tree(entry, |tree| devicetree::set_memory(tree, &memory))
    })
}

/// Returns the case of rule 16 in the copier: the first instruction after its write to `stvec` is
/// invalid.
pub(super) fn copier_traps() -> Case {
    let mut case = at("R16", "copier-traps", AT)
        .with_policy(&Policy::new().with_physical_placement(PhysicalPlacement::Random));
    case.seeding = Seeding::Seed(0x0123_4567_89ab_cdef);
    case.saying("while the image was copied").with_damage(|image| {
        let copier = image::at(image.symbol("landfall_copier")?.offset);
        let mut flat = image.unsealed();
        // Three instructions set stvec.
        flat[copier + 12..copier + 16].fill(0);
        Ok(flat)
    })
}

/// A policy that this machine cannot fulfill, and words of the refusal.
struct Unfulfillable {
    name: &'static str,
    mode: Mode,
    policy: Policy,
    words: &'static str,
}

/// Returns the cases of rule 19: each choice for which a machine can lack room.
pub(super) fn without_room() -> Vec<Case> {
    let offset = |offset| Policy::new().with_linear_pin(Modes::All, LinearPin::Offset(offset));
    let base = |base| Policy::new().with_linear_pin(Modes::All, LinearPin::Base(VirtAddr::new(base)));
    let window = |start, size| Policy::new().with_window(SV39, VirtRange::new(VirtAddr::new(start), size));
    // The kernel begins 2 MiB behind the RAM of 1 GiB, and two instructions cannot load any address
    // between them.
    let close = offset(0xff12_3000_0000_0000).with_near_size(0);
    let close = close.with_kernel_pin(Modes::All, VirtAddr::new(0xff12_3000_c020_0000));
    let close = close.with_modes(PagingMode::Sv57..=PagingMode::Sv57);
    // The window and the mapped range are 2 MiB apart.
    let beside_window = base(0xffff_ffd6_0000_0000)
        .with_window(Modes::All, VirtRange::new(VirtAddr::new(0xffff_ffd5_0000_0000), 4 * GIB));
    let unfulfillable = [
        Unfulfillable {
            name: "kernel-pin",
            mode: Mode::Sv57,
            policy: Policy::new()
                .with_stack_size(MIB)
                .with_kernel_pin(Modes::All, VirtAddr::new(0xffff_ffff_ff60_0000)),
            words: "0xffffffffff600000",
        },
        Unfulfillable {
            name: "linear-pin",
            mode: Mode::Sv48,
            policy: beside_window,
            words: "0xffffffd600000000",
        },
        Unfulfillable {
            name: "linear-pin-in-linear-map",
            mode: Mode::Sv39,
            policy: beside_window.with_placement(Placement::LinearMap),
            words: "0xffffffd600000000",
        },
        Unfulfillable {
            name: "linear-offset",
            mode: Mode::Sv57,
            policy: base(0xff12_3456_4000_0000).with_modes(PagingMode::Sv57..=PagingMode::Sv57),
            words: "0xff123455c0000000",
        },
        Unfulfillable {
            name: "linear-map",
            mode: Mode::Sv39,
            policy: window(0xffff_ffc0_0000_0000, 160 * GIB),
            words: "bytes for the linear map",
        },
        Unfulfillable {
            name: "kernel",
            mode: Mode::Sv39,
            policy: window(0xffff_ffe8_0000_0000, 95 * GIB),
            words: "bytes for the kernel",
        },
        Unfulfillable {
            name: "kernel-above",
            mode: Mode::Sv39,
            policy: offset(0xffff_fff0_0000_0000)
                .with_kernel_pin(Modes::All, VirtAddr::new(0xffff_ffe0_0000_0000)),
            words: "the kernel is pinned below",
        },
        Unfulfillable {
            name: "dynamic-region-beside-pins",
            mode: Mode::Sv39,
            policy: base(0xffff_ffe0_0000_0000)
                .with_kernel_pin(Modes::All, KERNEL)
                .with_dynamic_size(200 * GIB),
            words: "does not fit beside windows, kernel and dynamic region",
        },
        Unfulfillable { name: "border", mode: Mode::Sv57, policy: close, words: "no round address" },
    ];
    let case = |Unfulfillable { name, mode, policy, words }: Unfulfillable| {
        let mut case = refusal("R19", name, machine(mode, 8, GIB)).with_policy(&policy);
        case.load = Load::At(AT);
        case.saying(words)
    };
    unfulfillable.into_iter().map(case).collect()
}
