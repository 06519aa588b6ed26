//! A report against its prediction: what must be equal, and what a seed draws.
//!
//! A seed draws the virtual addresses. The number of table pages, and the bits of the regions that
//! are placed after the kernel, depend on them. All of these are compared only if nothing is drawn.

use landfall_predict::case::Prediction;
use landfall_predict::{json, view};
use serde_json::Value;

use super::build_id::ids;
use crate::report::Report;

/// A value that differs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Difference {
    /// The key of the report.
    pub(super) key: &'static str,
    pub(super) predicted: Value,
    pub(super) reported: Value,
    /// The likely cause.
    pub(super) meaning: &'static str,
}

const KERNEL: &str = "the report is from another build of the kernel; write the card again";
const POLICY: &str = "the kernel has another policy than the one on the card; write the card again";
const TREE: &str = "the board has another device tree than FILE";
const MODE: &str = "the harts take another mode than FILE promises, or the board has another device tree than FILE; state it with --mode";
const RAM: &str = "the board has another device tree than FILE, or firmware states other RAM or reservations; state them with --memory and --no-map";
const HARTS: &str = "the board has another device tree than FILE, or harts did not start";
const LEAVES: &str =
    "RAM, reservations or the image's place differ from FILE; state them with --memory, --no-map and --at";
const PLACE: &str = "the loader put the image or the tree at another place; state it with --at and --tree-at";
const SEED: &str = "firmware passed another seed or command line than predicted";
const TYPES: &str = "a hart decides its memory types at boot; state them with --memory-types";
const NOTES: &str =
    "the kernel met facts that FILE does not state, or the board has another device tree than FILE";

/// The key that identifies a build; a plan does not have it.
const BUILD_ID: &str = "/build_id";

/// The keys that depend on the build. If one differs, the others say nothing about the board.
const BUILD: [(&str, &str); 2] = [("/kernel/size", KERNEL), ("/kernel/slots", KERNEL)];

/// The keys that no seed decides.
const FIXED: [(&str, &str); 25] = [
    ("/mode", MODE),
    ("/linear_map/physical", RAM),
    ("/linear_map/size", RAM),
    ("/linear_map/leaves", LEAVES),
    ("/linear_map/alias", POLICY),
    ("/linear_map/pinned", POLICY),
    ("/kernel/leaves", LEAVES),
    ("/kernel/loaded", PLACE),
    ("/kernel/placement", POLICY),
    ("/kernel/pinned", POLICY),
    ("/memory_types", TYPES),
    ("/near/size", POLICY),
    ("/dynamic/size", POLICY),
    ("/stacks/size", HARTS),
    ("/crash_memory/size", RAM),
    ("/kaslr/enabled", SEED),
    ("/kaslr/source", SEED),
    ("/kaslr/seed_bits", SEED),
    ("/kaslr/kernel_bits", TREE),
    ("/kaslr/linear_map_bits", TREE),
    ("/kaslr/physical_bits", PLACE),
    ("/harts/boot", HARTS),
    ("/harts/online", HARTS),
    ("/harts/failed", HARTS),
    ("/notes", NOTES),
];

/// The keys that a seed decides, or a value that it decides.
const DRAWN: [(&str, &str); 11] = [
    ("/kaslr/reason", SEED),
    ("/table_pages", LEAVES),
    ("/kernel/physical", PLACE),
    ("/kernel/virtual", PLACE),
    ("/linear_map/virtual", PLACE),
    ("/near/virtual", PLACE),
    ("/dynamic/virtual", PLACE),
    ("/stacks/virtual", PLACE),
    ("/kaslr/near_bits", SEED),
    ("/kaslr/dynamic_bits", SEED),
    ("/kaslr/stacks_bits", SEED),
];

/// Compares a report with the prediction for `image`. The result is in the order of the report's
/// importance: the build, the mode, the RAM.
pub(super) fn differences(report: &Report, prediction: &Prediction, image: &[u8]) -> Vec<Difference> {
    let planned = json::object(prediction, &view::address_space(prediction));
    let compare = |keys: &[(&'static str, &'static str)]| -> Vec<Difference> {
        keys.iter().filter_map(|(key, meaning)| difference(report, &planned, key, meaning)).collect()
    };
    let mut build: Vec<_> = build_id(report, image).into_iter().collect();
    build.extend(compare(&BUILD));
    if !build.is_empty() {
        return build;
    }
    let is_drawn =
        planned["kaslr"]["enabled"] == true || report.get("/kaslr/enabled") == Some(&Value::Bool(true));
    let mut found = compare(&FIXED);
    if !is_drawn {
        found.extend(compare(&DRAWN));
    }
    found
}

/// Compares the build ID. A kernel of an earlier version prints none.
fn build_id(report: &Report, image: &[u8]) -> Option<Difference> {
    let reported = report.get(BUILD_ID)?.clone();
    let all: Vec<_> = ids(image).map(Value::from).collect();
    let is_same = if reported.is_null() { all.is_empty() } else { all.contains(&reported) };
    let predicted = all.into_iter().next().unwrap_or_default();
    (!is_same).then_some(Difference { key: BUILD_ID, predicted, reported, meaning: KERNEL })
}

/// Returns true if the differences show another build of the kernel.
pub(super) fn is_other_build(differences: &[Difference]) -> bool {
    differences.iter().any(|found| found.meaning == KERNEL)
}

/// Compares a key. A kernel of an earlier version may not print it, and a policy withholds
/// addresses as null.
fn difference(
    report: &Report,
    planned: &Value,
    key: &'static str,
    meaning: &'static str,
) -> Option<Difference> {
    let reported = essence(key, report.get(key)?);
    let predicted = essence(key, planned.pointer(key).unwrap_or(&Value::Null));
    let is_withheld = reported.is_null() && DRAWN.iter().any(|(drawn, _)| *drawn == key);
    (!is_withheld && reported != predicted).then_some(Difference { key, predicted, reported, meaning })
}

/// Returns the part of a value that is compared:
///
/// - of notes the codes that a landing has,
/// - of harts that failed the ids,
/// - of leaves the sizes that occur.
fn essence(key: &str, value: &Value) -> Value {
    let list = |name: &str| {
        let mut all: Vec<_> =
            value.as_array().into_iter().flatten().map(|entry| entry[name].clone()).collect();
        all.sort_by_key(Value::to_string);
        all
    };
    match key {
        "/notes" => list("code").into_iter().filter(|code| !is_assumption(code)).collect(),
        "/harts/failed" => list("hart").into(),
        key if key.ends_with("/leaves") => {
            let sizes = value.as_object().into_iter().flatten();
            sizes
                .filter(|(_, count)| **count != 0)
                .map(|(size, count)| (size.clone(), count.clone()))
                .collect()
        }
        _ => value.clone(),
    }
}

/// Returns true for a note of a plan that no landing has.
fn is_assumption(code: &Value) -> bool {
    let code = code.as_str().unwrap_or_default();
    let others = ["boot-hart-varies", "memory-supplied", "firmware-unreserved", "fresh-seed", "earlier-plan"];
    code.ends_with("-assumed") || others.contains(&code)
}

/// Returns the difference of a mode.
pub(super) const fn mode(predicted: Value, reported: Value) -> Difference {
    Difference { key: "/mode", predicted, reported, meaning: MODE }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::GOOD;

    #[test]
    fn a_report_is_from_an_image_that_has_its_build_id() {
        let note = b"\x04\0\0\0\x02\0\0\0\x03\0\0\0GNU\0\xab\x01";
        let report = |id: &str| {
            let text = GOOD.replace("\"later\"", &format!("\"build_id\":{id},\"later\""));
            Report::parse(&text).expect("a report")
        };
        assert_eq!(build_id(&report("\"ab01\""), note), None);
        assert_eq!(build_id(&report("null"), &note[..8]), None);
        assert_eq!(build_id(&Report::parse(GOOD).expect("a report"), note), None, "an earlier version");
        for other in ["\"ab02\"", "\"AB01\"", "\"\"", "null", "7"] {
            let found = build_id(&report(other), note).unwrap_or_else(|| panic!("{other} is the same"));
            assert_eq!(found.predicted, "ab01", "{other}");
            assert!(is_other_build(&[found]), "{other}");
        }
        assert_eq!(build_id(&report("\"ab01\""), &note[..8]).expect("none is there").predicted, Value::Null);
    }
}
