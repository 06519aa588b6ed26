//! The report of a landing beside the plan for it, and beside the tables that the log shows.

use std::collections::BTreeMap;

use landfall_host::report::Report;
use serde_json::Value;

use crate::judge::Seen;

/// The keys of a report that a plan predicts.
const PREDICTED: [&str; 12] = [
    "/mode",
    "/kernel",
    "/linear_map",
    "/memory_types",
    "/near",
    "/dynamic",
    "/stacks",
    "/table_pages",
    "/kaslr",
    "/harts/boot",
    "/harts/online",
    "/harts/failed",
];

/// Leaves by their names in a report, with their bytes.
const LEAVES: [(&str, u64); 6] = [
    ("4K", 1 << 12),
    ("64K", 1 << 16),
    ("2M", 1 << 21),
    ("1G", 1 << 30),
    ("512G", 1 << 39),
    ("256T", 1 << 48),
];

/// Returns the differences between a report and a plan.
pub(crate) fn with_plan(report: &Report, plan: &Value) -> Vec<String> {
    let differs = |key: &&str| report.get(key) != plan.pointer(key);
    let difference =
        |key| format!("{key} is {:?}, and the plan has {:?}", report.get(key), plan.pointer(key));
    PREDICTED.iter().copied().filter(|key| differs(key)).map(difference).collect()
}

/// Returns the differences between a report and the tables that the machine used.
pub(crate) fn with_tables(report: &Report, seen: &Seen) -> Vec<String> {
    let count = |pointer: String| report.get(&pointer).and_then(Value::as_u64).unwrap_or_default();
    let stated = |name| count(format!("/kernel/leaves/{name}")) + count(format!("/linear_map/leaves/{name}"));
    let stated: BTreeMap<u64, u64> =
        LEAVES.into_iter().map(|(name, size)| (size, stated(name))).filter(|(_, count)| *count > 0).collect();
    let mut findings = Vec::new();
    if stated != seen.leaves {
        findings.push(format!(
            "the report has the leaves {stated:?} (by size), and the tables {:?}",
            seen.leaves
        ));
    }
    let online = count("/harts/online".to_owned());
    if online != seen.harts.len() as u64 {
        findings.push(format!("the report has {online} harts online, and {:?} use its tables", seen.harts));
    }
    findings
}
