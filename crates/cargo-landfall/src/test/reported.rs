//! Whether the kernel's own report says what is.

use serde_json::Value;

use super::devicetree::Tree;
use super::image::Image;
use super::model::{Expected, Histogram, Space, image_starts_all};
use super::session::Entry;
use super::tables::Tables;
use crate::report::Report;

/// What the tests know of a landing.
pub(super) struct Known<'a> {
    pub(super) image: &'a Image,
    pub(super) tree: &'a Tree,
    pub(super) entry: &'a Entry,
    pub(super) tables: &'a Tables,
    pub(super) expected: &'a Expected,
    /// Harts that have written the final `satp`.
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

/// With this many harts OpenSBI loses no start.
const HARTS_WITHOUT_LOSS: usize = 32;

struct Comparison<'a> {
    report: &'a Report,
    findings: Vec<String>,
}

impl Comparison<'_> {
    fn number(&self, key: &str) -> Option<u64> {
        match self.report.get(key)? {
            Value::String(text) => u64::from_str_radix(text.strip_prefix("0x")?, 16).ok(),
            value => value.as_u64(),
        }
    }

    fn is(&mut self, key: &str, right: u64) {
        let found = self.number(key);
        if found != Some(right) {
            self.findings.push(format!("the report has {found:x?} for {key}, and {right:#x} is right"));
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

/// What of the report is not so.
pub(super) fn check(report: &Report, known: &Known<'_>) -> Vec<String> {
    let Known { image, tree, entry, tables, expected, .. } = *known;
    let space = Space::of(tables.root);
    let mut report = Comparison { report, findings: Vec::new() };
    let mode = match tables.root.levels {
        3 => "sv39",
        4 => "sv48",
        _ => "sv57",
    };
    let says_mode = report.report.get("/mode").is_some_and(|found| found == mode);
    report.holds(says_mode, "the mode");
    report.is("/kernel/physical", entry.base);
    report.is("/kernel/virtual", expected.kernel);
    report.is("/kernel/size", image.size);
    report.is("/kernel/slots", image.slots.len() as u64);
    let lowest = expected.mapped.first().map_or(0, |first| first.start);
    report.is("/linear_map/physical", lowest);
    report.is("/linear_map/virtual", lowest.wrapping_add(expected.offset));
    report.is("/linear_map/size", expected.mapped.iter().map(|range| range.size()).sum());
    let [linear, kernel] = expected.histograms(space.kernel_zone());
    report.leaves("/linear_map", &linear);
    report.leaves("/kernel", &kernel);
    report.is("/table_pages", tables.walk.tables.len() as u64);
    let unreached = tree.beyond(space.reach) != 0;
    report.holds(report.has_note("ram-unreached") == unreached, "the note on RAM beyond the mode's reach");
    check_kaslr(&mut report, known, space);
    check_regions(&mut report, known, space);
    check_harts(&mut report, known);
    report.findings
}

fn check_kaslr(report: &mut Comparison<'_>, known: &Known<'_>, space: Space) {
    let Known { tree, entry, tables, expected, .. } = *known;
    let nokaslr = tree.bootargs.split_ascii_whitespace().any(|word| word == "nokaslr");
    let seeded = tree.seeds.iter().flatten().any(|byte| *byte != 0);
    let enabled = report.report.get("/kaslr/enabled").and_then(Value::as_bool);
    report.holds(enabled == Some(seeded && !nokaslr), "whether addresses are random");
    if enabled == Some(true) {
        // What a kernel of 16 MiB is promised.
        let promised = match tables.root.levels {
            3 => 15,
            4 => 24,
            _ => 33,
        };
        let bits = report.number("/kaslr/kernel_bits");
        report.holds(bits.is_some_and(|bits| bits >= promised && bits < 64), "the kernel's bits of position");
        let distance = expected.kernel - space.kernel_zone();
        report.holds(distance >= (128 << 20), "there is no room for the near region below the kernel");
    } else {
        report.is("/kernel/virtual", 0xffff_ffff_8000_0000 + entry.base % (2 << 20));
        report.is("/kaslr/kernel_bits", 0);
        report.is("/kaslr/linear_map_bits", 0);
        let lowest = expected.mapped.first().map_or(0, |first| first.start);
        let grain = lowest.wrapping_add(expected.offset) - space.linear_zone().start;
        report.holds(
            grain < space.grain.max(1 << 48),
            "the linear map without randomness is not at its zone's start",
        );
    }
}

/// The near and the dynamic region: nothing is mapped there.
fn check_regions(report: &mut Comparison<'_>, known: &Known<'_>, space: Space) {
    for (name, least) in [("near", 128 << 20), ("dynamic", 16 << 30)] {
        let start = report.number(&format!("/{name}/virtual")).unwrap_or_default();
        let size = report.number(&format!("/{name}/size")).unwrap_or_default();
        let in_zone = start >= space.kernel_zone() && start.checked_add(size).is_some();
        report.holds(in_zone && size >= least, &format!("the {name} region's place or size"));
        let inside = |virt: u64, end: u64| virt < start.saturating_add(size) && end > start;
        let mapped = known
            .tables
            .walk
            .leaves
            .iter()
            .any(|leaf| inside(leaf.virt, leaf.virt.saturating_add(leaf.size)));
        report.holds(!mapped, &format!("something is mapped in the {name} region"));
    }
    let (near, kernel) = (report.number("/near/virtual").unwrap_or_default(), known.expected.kernel);
    report.holds(kernel.abs_diff(near) < (1 << 31), "the near region is out of the kernel's reach");
}

/// Online and failed are all, and those who failed are named.
fn check_harts(report: &mut Comparison<'_>, known: &Known<'_>) {
    let Known { tree, entry, tables, image, arrived, .. } = *known;
    report.is("/harts/boot", entry.hart);
    let able = if image_starts_all(image) {
        tree.landing_harts(tables.root.levels, entry.hart)
    } else {
        vec![entry.hart]
    };
    let online = report.number("/harts/online").unwrap_or_default();
    let failed = report.report.get("/harts/failed").and_then(Value::as_array).cloned().unwrap_or_default();
    report.holds(
        online + failed.len() as u64 == tree.harts.len() as u64,
        "online and failed harts are not all harts",
    );
    let failed: Vec<_> = failed.iter().filter_map(|hart| hart["hart"].as_u64()).collect();
    let unable = tree.harts.iter().map(|(id, _)| *id).filter(|id| !able.contains(id) && *id != entry.hart);
    let named = unable.into_iter().all(|id| failed.contains(&id));
    report.holds(named, "a hart without the mode is not named as failed");
    let mut arrived: Vec<_> = arrived.iter().copied().filter(|id| *id != entry.hart).collect();
    arrived.sort_unstable();
    let came: Vec<_> = able.iter().copied().filter(|id| *id != entry.hart && !failed.contains(id)).collect();
    report.holds(arrived == came, &format!("harts {arrived:?} have landed, and the report counts {came:?}"));
    if tree.harts.len() <= HARTS_WITHOUT_LOSS {
        report
            .holds(online == able.len() as u64, &format!("{online} harts are online, and {able:?} could be"));
    }
}
