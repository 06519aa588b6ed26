//! Compares the kernel's own report with the observed landing.

use serde_json::Value;

use super::moving::Move;
use super::session::{Entry, Lottery};
use landfall_host::report::Report;
use landfall_host::trial::predicted::number;
use landfall_judge::intervals::Interval;
use landfall_judge::landing::{Expected, Histogram, Seen, Space};
use landfall_judge::policy::{Alias, Kaslr, PhysicalPlacement, Placement};

/// The facts of a landing that the tests observed.
pub(super) struct Known<'a> {
    pub(super) seen: Seen<'a>,
    pub(super) entry: &'a Entry,
    pub(super) expected: &'a Expected,
    pub(super) moved: Option<&'a Move>,
    /// The harts that wrote the final `satp`.
    pub(super) arrived: &'a [u64],
}

/// The keys of leaves and their sizes.
const LEAVES: [(&str, u64); 6] = [
    ("4K", 1 << 12),
    ("64K", 1 << 16),
    ("2M", 1 << 21),
    ("1G", 1 << 30),
    ("512G", 1 << 39),
    ("256T", 1 << 48),
];

/// The most harts of which OpenSBI loses no start.
const HARTS_WITHOUT_LOSS: usize = 32;

struct Comparison<'a> {
    report: &'a Report,
    findings: Vec<String>,
}

impl Comparison<'_> {
    fn number(&self, key: &str) -> Option<u64> {
        number(self.report, key)
    }

    fn says(&mut self, key: &str, right: impl Into<Value>) {
        let (found, right) = (self.report.get(key), right.into());
        if found != Some(&right) {
            self.findings.push(format!("the report has {found:?} for {key}, expected {right}"));
        }
    }

    fn is(&mut self, key: &str, right: u64) {
        let found = self.number(key);
        if found != Some(right) {
            self.findings.push(format!("the report has {found:x?} for {key}, expected {right:#x}"));
        }
    }

    fn leaves(&mut self, key: &str, right: &Histogram) {
        for (name, size) in LEAVES {
            self.is(&format!("{key}/leaves/{name}"), right.get(&size).copied().unwrap_or_default());
        }
    }

    fn holds(&mut self, right: bool, what: &str) {
        if !right {
            self.findings.push(format!("the report is wrong: {what}"));
        }
    }

    fn has_note(&self, code: &str) -> bool {
        let notes = self.report.get("/notes").and_then(Value::as_array);
        notes.is_some_and(|notes| notes.iter().any(|note| note["code"] == code))
    }
}

/// Returns the faults of the report.
pub(super) fn check(report: &Report, known: &Known<'_>) -> Vec<String> {
    let Known { seen, entry, expected, .. } = *known;
    let Seen { image, policy, tree, base, tables, .. } = seen;
    let space = Space::of(tables.root, policy);
    let mut report = Comparison { report, findings: Vec::new() };
    let mode = match tables.root.levels {
        3 => "sv39",
        4 => "sv48",
        _ => "sv57",
    };
    report.says("/mode", mode);
    report.says("/memory_types", "standard");
    report.is("/kernel/physical", base);
    report.is("/kernel/loaded", entry.base);
    report.is("/kernel/virtual", expected.kernel);
    report.is("/kernel/size", image.size);
    report.is("/kernel/slots", image.slots.len() as u64);
    let in_linear_map = policy.placement == Placement::LinearMap;
    report.says("/kernel/placement", if in_linear_map { "linear-map" } else { "own-region" });
    report.says("/kernel/pinned", policy.kernel_pin.is_some());
    let lowest = expected.mapped.first().map_or(0, |first| first.start);
    report.is("/linear_map/physical", lowest);
    report.is("/linear_map/virtual", lowest.wrapping_add(expected.offset));
    report.is("/linear_map/size", expected.linear_size());
    report.says("/linear_map/alias", if policy.alias == Alias::Absent { "absent" } else { "read-only" });
    report.says("/linear_map/pinned", policy.linear_pin.is_some());
    let [linear, kernel] = expected.histograms();
    report.leaves("/linear_map", &linear);
    report.leaves("/kernel", &kernel);
    report.is("/table_pages", tables.walk.tables.len() as u64);
    match tree.crash {
        None => report.says("/crash_memory", Value::Null),
        Some(crash) => {
            report.is("/crash_memory/physical", crash.start);
            report.is("/crash_memory/size", crash.size());
        }
    }
    report.holds(
        report.has_note("no-crash-memory") == (tree.crash.is_none() && tree.wants_crash_memory(policy)),
        "the note on crash memory that is not reserved",
    );
    let unreached = tree.beyond(space.reach) != 0;
    report.holds(report.has_note("ram-unreached") == unreached, "the note on RAM beyond the mode's reach");
    report.holds(
        report.has_note("initrd-reversed") == tree.reversed_initrd,
        "the note on an initrd that ends before it starts",
    );
    let promised = tree.promised_levels(entry.hart, policy);
    report.holds(
        report.has_note("mode-below-promise") == promised.is_some_and(|levels| levels > tables.root.levels),
        "the note on a hart that takes a lower mode than it promises",
    );
    check_physical(&mut report, known);
    check_kaslr(&mut report, known, space);
    check_regions(&mut report, known, space);
    check_harts(&mut report, known);
    report.findings
}

/// Checks the report of the move. If the policy requires a move and the image stayed, the report
/// must give a reason.
fn check_physical(report: &mut Comparison<'_>, known: &Known<'_>) {
    let (entry, seen) = (known.entry, known.seen);
    let moved = report.has_note("image-moved");
    report.holds(moved == known.moved.is_some(), "the note on an image that was moved");
    let stayed = report.has_note("image-stayed");
    match seen.policy.physical {
        PhysicalPlacement::Stay => {
            report.holds(!moved && !stayed, "it has a note on a move that the policy does not request");
        }
        // A random place may be the image's current one; then the report has no note.
        PhysicalPlacement::Random if !moved && !stayed => {
            let bits = report.number("/kaslr/physical_bits").unwrap_or_default();
            report.holds(bits != 0, "it has no reason for which the image stayed");
        }
        PhysicalPlacement::Pack | PhysicalPlacement::Random => {
            report.holds(moved != stayed, "it has no reason for which the image stayed");
        }
    }
    let others_in_image = entry.lottery == Lottery::Kernel && seen.tree.harts.len() > 1;
    if seen.policy.physical != PhysicalPlacement::Stay && others_in_image {
        report.holds(stayed, "the image was moved although harts wait in it");
    }
    if !moved {
        report.is("/kernel/physical", entry.base);
    }
}

fn check_kaslr(report: &mut Comparison<'_>, known: &Known<'_>, space: Space) {
    let Known { seen, expected, .. } = *known;
    let Seen { tree, tables, policy, base, .. } = seen;
    let nokaslr = tree.bootargs.split_ascii_whitespace().any(|word| word == "nokaslr");
    let seeded = tree.seeds.iter().flatten().any(|byte| *byte != 0);
    let random = seeded && !nokaslr && policy.kaslr == Kaslr::Enabled;
    report.says("/kaslr/enabled", random);
    let without_seed = tree.kexec && !seeded && !nokaslr && policy.kaslr == Kaslr::Enabled;
    report.holds(report.has_note("kexec-without-seed") == without_seed, "the note on kexec without a seed");
    let free = policy.leaves_places_free() && policy.ram_limit.is_none();
    let own_region = policy.placement == Placement::OwnRegion;
    if random && policy.kernel_pin.is_some() {
        report.is("/kaslr/kernel_bits", 0);
    }
    if random && policy.linear_pin.is_some() {
        report.is("/kaslr/linear_map_bits", 0);
    }
    if random && free && own_region {
        // The bits that the documents promise to a kernel of 16 MiB with usual regions.
        let promised = match tables.root.levels {
            3 => 15,
            4 => 24,
            _ => 33,
        };
        let usual = policy.near_size <= 128 << 20 && policy.dynamic_size <= 16 << 30;
        let of_dynamic = if promised == 15 { 14 } else { promised };
        for (key, promised) in
            [("kernel", promised), ("stacks", promised), ("dynamic", of_dynamic), ("near", 9)]
        {
            let bits = report.number(&format!("/kaslr/{key}_bits"));
            let few = policy.near_size == 0 && key == "near";
            report.holds(
                bits.is_some_and(|bits| (bits >= promised || !usual || few) && bits < 64),
                &format!("the {key}'s bits of position"),
            );
        }
    }
    if !random {
        for key in ["kernel", "linear_map", "physical", "near", "dynamic", "stacks", "tables"] {
            report.is(&format!("/kaslr/{key}_bits"), 0);
        }
        if free && own_region {
            report.is("/kernel/virtual", 0xffff_ffff_0000_0000 + base % (2 << 20));
        }
        if free {
            let lowest = expected.mapped.first().map_or(0, |first| first.start);
            let grain = lowest.wrapping_add(expected.offset) - space.linear_zone().start;
            report.holds(
                grain < space.grain.max(1 << 48),
                "the linear map without randomness is not at its zone's start",
            );
        }
    }
}

/// Checks that the near and the dynamic region have no mappings and overlap no window.
fn check_regions(report: &mut Comparison<'_>, known: &Known<'_>, space: Space) {
    let Seen { policy, tables, .. } = known.seen;
    let near = if policy.placement == Placement::OwnRegion { policy.near_size } else { 0 };
    for (name, least) in [("near", near), ("dynamic", policy.dynamic_size)] {
        let start = report.number(&format!("/{name}/virtual")).unwrap_or_default();
        let size = report.number(&format!("/{name}/size")).unwrap_or_default();
        let pinned = policy.linear_pin.is_some() || policy.kernel_pin.is_some();
        let in_zone = size == 0 || pinned || start >= space.kernel_zone;
        let in_zone = in_zone && start.checked_add(size).is_some();
        report.holds(in_zone && size >= least, &format!("the {name} region's place or size"));
        let region = Interval::new(start, size);
        let overlaps = |virt: u64, size: u64| region.overlaps(Interval::new(virt, size));
        let mapped = tables.walk.leaves.iter().any(|leaf| overlaps(leaf.virt, leaf.size));
        report.holds(!mapped, &format!("something is mapped in the {name} region"));
        let in_window = policy.windows.iter().any(|window| window.overlaps(region));
        report.holds(!in_window, &format!("the {name} region takes a part of a window"));
    }
    report.holds(report.number("/near/size") == Some(near), "the near region's size");
    let (start, kernel) = (report.number("/near/virtual").unwrap_or_default(), known.expected.kernel);
    let image = Interval::new(kernel, known.seen.image.size);
    let region = Interval::new(start, near);
    // The span from the first byte of one to the last byte of the other.
    let span = region.end.max(image.end) - region.start.min(image.start);
    report.holds(near == 0 || span < (1 << 31) - 2048, "the near region is out of the kernel's reach");
    report.holds(near == 0 || !region.overlaps(image), "the near region lies over the image");
    let stacks = &known.expected.stacks;
    let bottom = stacks.first().copied().unwrap_or_default() - policy.stack_size;
    report.is("/stacks/virtual", bottom - (64 << 10));
    let size = stacks.last().copied().unwrap_or_default() - bottom + (64 << 10);
    report.is("/stacks/size", size);
    let own = Interval { start: bottom - (64 << 10), end: bottom - (64 << 10) + size };
    for name in ["near", "dynamic"] {
        let start = report.number(&format!("/{name}/virtual")).unwrap_or_default();
        let size = report.number(&format!("/{name}/size")).unwrap_or_default();
        let over = own.overlaps(Interval::new(start, size));
        report.holds(!over, &format!("the {name} region lies over the stacks or their guards"));
    }
}

/// Checks that all harts are online or failed, and that failed ones are named.
fn check_harts(report: &mut Comparison<'_>, known: &Known<'_>) {
    let Known { entry, arrived, .. } = *known;
    let Seen { tree, harts: able, .. } = known.seen;
    report.is("/harts/boot", entry.hart);
    let online = report.number("/harts/online").unwrap_or_default();
    let failed = report.report.get("/harts/failed").and_then(Value::as_array).cloned().unwrap_or_default();
    report.holds(
        online + failed.len() as u64 == tree.harts.len() as u64,
        "online and failed harts are not all harts",
    );
    let failed: Vec<_> = failed.iter().filter_map(|hart| hart["hart"].as_u64()).collect();
    let unable = tree.harts.iter().map(|hart| hart.id).filter(|id| !able.contains(id));
    let named = unable.into_iter().all(|id| failed.contains(&id));
    report.holds(named, "a hart that does not land is not named as failed");
    let mut arrived: Vec<_> = arrived.iter().copied().filter(|id| *id != entry.hart).collect();
    arrived.sort_unstable();
    let came = able.iter().copied().filter(|id| *id != entry.hart && !failed.contains(id));
    let mut came: Vec<_> = came.collect();
    came.sort_unstable();
    report.holds(arrived == came, &format!("harts {arrived:?} have landed, and the report counts {came:?}"));
    if tree.harts.len() <= HARTS_WITHOUT_LOSS {
        report
            .holds(online == able.len() as u64, &format!("{online} harts are online, and {able:?} could be"));
    }
}
