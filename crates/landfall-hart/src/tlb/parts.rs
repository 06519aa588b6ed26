//! Parts whose translation caches are published, as far as they are.

use super::{BankShape, Fact, Geometry, Holds, LeafSize, Replacement, Source};
use LeafSize::{G1, K4, K64, M2};
use Source::{Assumed, Published};

/// The parts. All of them have sv39.
pub const PARTS: [Geometry; 4] = [C910, U74, U74_WIDE, ROCKET];

const WHOLE: &[Holds] = &[whole(K4), whole(M2), whole(G1)];
const WHOLE_NAPOT: &[Holds] = &[whole(K4), whole(K64), whole(M2), whole(G1)];
const SMALL: &[Holds] = &[whole(K4)];

const fn whole(leaf: LeafSize) -> Holds {
    Holds { leaf, entry: leaf }
}

const fn full(ways: usize, replacement: Replacement, holds: &'static [Holds]) -> BankShape {
    BankShape { sets: 1, ways, sectors: 1, replacement, holds }
}

const fn direct(sets: usize, holds: &'static [Holds]) -> BankShape {
    BankShape { sets, ways: 1, sectors: 1, replacement: Replacement::Fifo, holds }
}

const C910_MANUAL: &str = "openC910, commit b91c9091, user manual of 2024-06-27, 6.2.2";
const C910_DATA: &str =
    "openC910, commit b91c9091, ct_mmu_dutlb.v, ct_mmu_dutlb_entry.v, ct_mmu_dutlb_huge_entry.v";
const C910_TREE: &str = "openC910, commit b91c9091, ct_mmu_iplru.v, ct_mmu_dplru.v";
const C910_JOINT: &str = "openC910, commit b91c9091, ct_mmu_jtlb.v, ct_mmu_arb.v, ct_mmu_ptw.v";

/// T-Head's C910, as its published source builds it.
const C910: Geometry = Geometry {
    name: "C910",
    instruction: &[full(32, Replacement::TreeLru, WHOLE)],
    data: &[
        full(16, Replacement::TreeLru, &[whole(K4), Holds { leaf: M2, entry: K4 }]),
        full(1, Replacement::Fifo, &[whole(G1)]),
    ],
    second: &[BankShape { sets: 256, ways: 4, sectors: 1, replacement: Replacement::Fifo, holds: WHOLE }],
    pointers: 0,
    facts: &[
        Fact { what: "first level, fetches: 32 entries, fully associative", source: Published(C910_MANUAL) },
        Fact { what: "first level, data: 17 entries, fully associative", source: Published(C910_MANUAL) },
        Fact {
            what: "of these, 16 hold 4 KiB each, of a leaf of 2 MiB too, and one holds a leaf of 1 GiB",
            source: Published(C910_DATA),
        },
        Fact { what: "first level: replaced by a tree of bits", source: Published(C910_TREE) },
        Fact {
            what: "second level: 1,024 entries, 4 ways, leaves of each size",
            source: Published(C910_MANUAL),
        },
        Fact {
            what: "second level: indexed by the page number of the leaf's size, replaced in turn",
            source: Published(C910_JOINT),
        },
        Fact { what: "no cache of pointers: each walk begins at the root", source: Published(C910_JOINT) },
        Fact {
            what: "no leaf crosses a border of the machine's memory attributes",
            source: Assumed("the borders are chosen for each chip; RAM has one attribute"),
        },
    ],
};

const U74_TREE: &str = "Linux, arch/riscv/boot/dts/sifive/fu740-c000.dtsi: i-tlb-size, d-tlb-size, tlb-sets";
const U74_EVENTS: &str = "Linux, tools/perf/pmu-events/arch/riscv/sifive/u74/memory.json: UTLB_MISS";
const BOOM_DEFAULT: &str =
    "no text of SiFive's that was read states it; the default of BOOM, of the same origin";
const ROCKET_RULE: &str =
    "no text of SiFive's that was read states it; the rule of Rocket Chip, of the same origin";

const U74_FIRST: BankShape = full(40, Replacement::TreeLru, WHOLE);
const U74_FIRST_NAPOT: BankShape = full(40, Replacement::TreeLru, WHOLE_NAPOT);

/// The U74, with a second level for leaves of 4 KiB alone.
const U74: Geometry = Geometry {
    name: "U74, second level for 4 KiB",
    instruction: &[U74_FIRST],
    data: &[U74_FIRST],
    second: &[direct(512, SMALL)],
    pointers: 8,
    facts: &[
        Fact { what: "first level: 40 entries each, fully associative", source: Published(U74_TREE) },
        Fact { what: "first level: an entry holds a leaf of any size", source: Assumed(U74_WHY_ANY) },
        Fact { what: "first level: replaced by a tree of bits", source: Assumed(ROCKET_RULE) },
        Fact { what: "a second level for fetches and data", source: Published(U74_EVENTS) },
        Fact { what: "second level: 512 entries, direct-mapped", source: Assumed(BOOM_DEFAULT) },
        Fact { what: "second level: leaves of 4 KiB alone", source: Assumed(ROCKET_RULE) },
        Fact { what: "8 pointers to tables", source: Assumed(ROCKET_RULE) },
    ],
};

const U74_WHY_ANY: &str = "the device tree states one size without a split by leaves";

/// The same with the other answer to what is unknown: a second level for leaves of each size. It
/// holds leaves of 64 KiB as a part with Svnapot could. The U74 has no Svnapot.
const U74_WIDE: Geometry = Geometry {
    name: "U74, second level for all leaves",
    instruction: &[U74_FIRST_NAPOT],
    data: &[U74_FIRST_NAPOT],
    second: &[direct(512, WHOLE_NAPOT)],
    pointers: 8,
    facts: &[
        Fact { what: "first level: 40 entries each, fully associative", source: Published(U74_TREE) },
        Fact { what: "first level: an entry holds a leaf of any size", source: Assumed(U74_WHY_ANY) },
        Fact { what: "first level: replaced by a tree of bits", source: Assumed(ROCKET_RULE) },
        Fact { what: "a second level for fetches and data", source: Published(U74_EVENTS) },
        Fact { what: "second level: 512 entries, direct-mapped", source: Assumed(BOOM_DEFAULT) },
        Fact {
            what: "second level: leaves of each size",
            source: Assumed("the contrary of the other assumption, to show what hangs on it"),
        },
        Fact { what: "8 pointers to tables", source: Assumed(ROCKET_RULE) },
        Fact {
            what: "leaves of 64 KiB, one entry each",
            source: Assumed("a part with Svnapot and published caches was not found"),
        },
    ],
};

const ROCKET_CACHE: &str = "Rocket Chip, commit 0070f95f, ICache.scala, HellaCache.scala: the defaults";
const ROCKET_WALKER: &str = "Rocket Chip, commit 0070f95f, PTW.scala";
const BOOM_PARAMETERS: &str = "BOOM, commit 09974f14, v3/common/parameters.scala: the defaults";

const ROCKET_FIRST: &[BankShape] = &[
    BankShape { sets: 1, ways: 8, sectors: 4, replacement: Replacement::TreeLru, holds: SMALL },
    full(4, Replacement::TreeLru, &[whole(M2), whole(G1)]),
];

/// Rocket Chip's caches with BOOM's second level.
const ROCKET: Geometry = Geometry {
    name: "Rocket",
    instruction: ROCKET_FIRST,
    data: ROCKET_FIRST,
    second: &[direct(512, SMALL)],
    pointers: 8,
    facts: &[
        Fact { what: "first level: 8 entries of 4 neighboring pages each", source: Published(ROCKET_CACHE) },
        Fact { what: "first level: 4 entries for larger leaves", source: Published(ROCKET_CACHE) },
        Fact { what: "second level: 512 entries, direct-mapped", source: Published(BOOM_PARAMETERS) },
        Fact { what: "second level: leaves of 4 KiB alone", source: Published(ROCKET_WALKER) },
        Fact { what: "8 pointers to tables, fully associative", source: Published(ROCKET_WALKER) },
    ],
};
