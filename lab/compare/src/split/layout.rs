//! Layouts of the address space.

use landfall_hart::tlb::LeafSize;

/// A boot, and the layouts that its accesses serve.
pub(super) struct Boot {
    /// The layout that the kernel lands in.
    pub(super) layout: &'static str,
    /// Changes of the kernel's policy.
    pub(super) policy: &'static [&'static str],
    /// The physical address of the image.
    pub(super) at: u64,
    /// The harts have Svnapot.
    pub(super) svnapot: Svnapot,
    /// Layouts that landfall does not have: the same accesses, with smaller leaves in the linear
    /// map.
    pub(super) others: &'static [Other],
}

/// The leaves of 64 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Svnapot {
    Absent,
    Present,
}

/// A layout with no leaf of the linear map above a size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Other {
    pub(super) layout: &'static str,
    pub(super) largest: LeafSize,
}

/// In the 2 MiB behind those of the firmware, whose gigabyte is split anyway.
const BESIDE: u64 = 0x8020_0000;
/// In a gigabyte that nothing else splits.
const ELSEWHERE: u64 = 0x1_0234_5000;

const fn boot(layout: &'static str, policy: &'static [&'static str], at: u64) -> Boot {
    Boot { layout, policy, at, svnapot: Svnapot::Absent, others: &[] }
}

/// All boots, in the order of the table.
pub(super) const BOOTS: [Boot; 7] = [
    Boot {
        others: &[
            Other { layout: "leaves of 2 MiB at most, as Linux", largest: LeafSize::M2 },
            Other { layout: "leaves of 4 KiB, the bound", largest: LeafSize::K4 },
        ],
        ..boot("own region, read-only alias", &[], BESIDE)
    },
    boot("own region, no alias", &["alias=absent"], BESIDE),
    boot("in the linear map", &["placement=linear-map"], BESIDE),
    boot("own region, loaded elsewhere", &[], ELSEWHERE),
    boot("own region, loaded elsewhere, packed", &["physical=pack"], ELSEWHERE),
    boot("in the linear map, loaded elsewhere", &["placement=linear-map"], ELSEWHERE),
    Boot { svnapot: Svnapot::Present, ..boot("own region, Svnapot", &[], BESIDE) },
];

/// Returns the names of all layouts, in the order of the table.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let booted = BOOTS.iter().map(|boot| boot.layout);
    booted.chain(BOOTS.iter().flat_map(|boot| boot.others).map(|other| other.layout))
}
