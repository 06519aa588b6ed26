//! Records of every earlier version are read; a later version is refused by its number.
//!
//! The reports are those of kernels of their time, the files of facts as the writers of their time
//! made them.

use landfall_image::record::RecordError;
use landfall_plan::Plan;
use landfall_plan::harts::Extension;
use landfall_plan::policy::PolicyReadError;
use landfall_predict::blueprint::{Blueprint, BlueprintError};
use landfall_predict::case::{Outcome, Prediction};
use landfall_predict::facts_file::{FORMAT, FactsFile};
use landfall_predict::{json, view};
use serde_json::{Value, json};

const FIRST: &str = include_str!("records/facts-1.json");
const SECOND: &str = include_str!("records/facts-2.json");

/// The second file, as if this version had written it.
fn of_this_planner() -> FactsFile {
    let mut value: Value = serde_json::from_str(SECOND).expect("JSON");
    value["plan_version"] = json!(Plan::VERSION);
    read(&value.to_string())
}

fn read(text: &str) -> FactsFile {
    FactsFile::parse(text.as_bytes()).expect("a file of facts")
}

fn prediction(file: FactsFile) -> Box<Prediction> {
    match file.case(None).predict() {
        Outcome::Lands(prediction) => prediction,
        Outcome::Refuses(refused) => panic!("{refused}"),
    }
}

fn codes(prediction: &Prediction) -> Vec<&str> {
    prediction.notes.iter().map(landfall_predict::notes::Note::code).collect()
}

#[test]
fn facts_of_format_1_are_the_facts_that_they_were() {
    let (first, second) = (read(FIRST), read(SECOND));
    assert_eq!(first.command_line, b"path=C:\\x41 quiet", "a backslash was no escape");
    assert_eq!(second.command_line, first.command_line);
    assert_eq!((first.facts.initrd_fault, first.facts.kexec), (None, false));
    let harts: Vec<_> = first.facts.harts.iter().collect();
    let svnapot = harts.iter().map(|hart| hart.extensions.contains(Extension::Svnapot));
    assert!(svnapot.eq([true, false]));
    assert!(harts.iter().all(|hart| !hart.extensions.contains(Extension::Zkr)));
    assert_eq!((first.policy, first.facts.ram), (second.policy, second.facts.ram));
}

#[test]
fn a_plan_for_an_earlier_version_of_the_planner_is_noted() {
    assert_eq!((read(FIRST).plan_version, read(SECOND).plan_version), (2, 4));
    let first = prediction(read(FIRST));
    assert!(codes(&first).contains(&"earlier-plan"));
    let note = first.notes.iter().find(|note| note.code() == "earlier-plan").expect("the note");
    assert!(note.to_string().contains("version 2"), "{note}");
    assert!(!codes(&prediction(of_this_planner())).contains(&"earlier-plan"));
}

#[test]
fn what_is_written_again_keeps_the_version_of_the_planner() {
    let again = read(&read(FIRST).to_json().to_string());
    assert_eq!((again.plan_version, again.command_line), (2, read(FIRST).command_line));
}

#[test]
fn a_later_version_is_refused_with_the_versions_that_are_known() {
    for (key, known) in [("format", FORMAT), ("plan_version", Plan::VERSION.into())] {
        for found in [0, known + 1] {
            let mut later: Value = serde_json::from_str(SECOND).expect("JSON");
            later[key] = json!(found);
            let error = FactsFile::parse(later.to_string().as_bytes()).expect_err(key).to_string();
            assert!(error.contains(&format!("{key} is {found}")), "{error}");
            assert!(error.contains(&format!("1 to {known}")), "{error}");
        }
    }
    let mut later: Value = serde_json::from_str(SECOND).expect("JSON");
    let policy = later["policy"].as_str().expect("hex").replacen("02", "04", 1);
    later["policy"] = json!(policy);
    let error = FactsFile::parse(later.to_string().as_bytes()).expect_err("a later policy").to_string();
    assert!(error.contains("policy") && error.contains("version 4"), "{error}");
}

/// Every key of an object, with the keys that lead to it. Lists and their elements are no keys.
fn keys(value: &Value, path: &str, all: &mut Vec<String>) {
    if let Value::Object(object) = value {
        for (key, value) in object {
            let path = format!("{path}/{key}");
            keys(value, &path, all);
            all.push(path);
        }
    }
}

#[test]
fn a_plan_has_every_key_of_every_earlier_report() {
    let prediction = prediction(read(SECOND));
    let plan = json::object(&prediction, &view::address_space(&prediction));
    for (version, report) in [
        include_str!("records/report-1.json"),
        include_str!("records/report-2.json"),
        include_str!("records/report-3.json"),
    ]
    .into_iter()
    .enumerate()
    {
        let report: Value = serde_json::from_str(report).expect("JSON");
        let mut all = Vec::new();
        keys(&report, "", &mut all);
        let missing: Vec<_> = all.iter().filter(|key| plan.pointer(key).is_none()).collect();
        assert!(all.len() > 40 && missing.is_empty(), "report {}: {missing:?}", version + 1);
    }
}

/// The landfall record and policy of a fixture of `landfall-image`.
fn image(record: u8, policy: u8) -> Vec<u8> {
    let mut image = vec![0; 0x3000];
    let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
    put(0x10, &0x4000_u64.to_le_bytes());
    put(0x20, &[2]);
    put(0x30, b"RISCV\0\0\0RSC\x05");
    put(0x40, b"LANDFALL");
    put(0x48, &[record, 0, 0, 0, 0, 0x30]);
    put(0x50, b"unsealed");
    for (at, extent) in [(0x60, [0x1000, 0x200]), (0x68, [0x1000_u32, 0]), (0x70, [0x1000, 0xf8])] {
        put(at, extent.map(u32::to_le_bytes).as_flattened());
    }
    if record != 1 {
        put(0x78, [0x1000_u32, 0x1000].map(u32::to_le_bytes).as_flattened());
    }
    put(0x1000, &landfall_plan::Policy::new().record());
    put(0x1000, &[policy]);
    image
}

#[test]
fn an_image_of_a_version_that_states_too_little_or_is_later_is_refused_by_its_number() {
    // A record of version 2 is the same, but for its end.
    assert!(Blueprint::of_image(&image(2, 2)).is_ok_and(|blueprint| blueprint.policy.is_ok()));
    assert!(Blueprint::of_image(&image(2, 3)).is_ok_and(|blueprint| blueprint.policy.is_ok()));
    for (record, policy, error, words) in [
        (1, 3, BlueprintError::Record(RecordError::NoParts { version: 1 }), "version 1"),
        (3, 3, BlueprintError::Record(RecordError::Version { found: 3 }), "version 3"),
        (2, 4, BlueprintError::Policy(PolicyReadError::Newer { found: 4 }), "version 4"),
    ] {
        let found = Blueprint::of_image(&image(record, policy)).expect_err(words);
        assert_eq!(found, error);
        assert!(found.to_string().contains(words), "{found}");
    }
    let damaged = Blueprint::of_image(&image(2, 0)).expect("its kernel would refuse it, by rule 15");
    assert!(damaged.policy.is_err());
}

#[test]
fn a_wrong_value_is_shown_and_a_long_one_in_part() {
    let with = |mode: &str| {
        let mut value: Value = serde_json::from_str(SECOND).expect("JSON");
        value["mode"] = json!(mode);
        FactsFile::parse(value.to_string().as_bytes()).expect_err("no mode").to_string()
    };
    assert!(with("sv49").contains("\"sv49\""));
    let long = with(&"x".repeat(200));
    assert!(long.contains(&format!("\"{}...", "x".repeat(76))) && !long.contains(&"x".repeat(77)), "{long}");
}
