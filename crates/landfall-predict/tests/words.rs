//! Words of a prediction: as text, as JSON and in its picture.

use landfall_predict::case::{Outcome, Prediction};
use landfall_predict::facts_file::FactsFile;
use landfall_predict::notes::Note;
use landfall_predict::{json, svg, text, view};

fn prediction() -> Box<Prediction> {
    let facts = include_bytes!("records/facts-2.json");
    match FactsFile::parse(facts).expect("a file of facts").case(None).predict() {
        Outcome::Lands(prediction) => prediction,
        Outcome::Refuses(refused) => panic!("{refused}"),
    }
}

#[test]
fn a_text_names_each_region_and_the_place_of_the_image() {
    let prediction = prediction();
    let text = text::text(&prediction, &view::address_space(&prediction));
    for words in [
        "linear map of 0x80060000..0xc0000000: 1023.62 MiB mapped",
        "kernel, at 0x80200000 in memory",
        "dynamic region, for mappings at run time",
        "the image stays at 0x80200000",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_hart_is_assumed_to_boot_only_if_a_note_says_so() {
    let mut prediction = prediction();
    let space = view::address_space(&prediction);
    assert!(!prediction.notes.is_empty(), "some other note");
    assert!(text::text(&prediction, &space).contains("hart 0 boots"));
    prediction.notes.push(Note::BootHartAssumed(0));
    assert!(text::text(&prediction, &space).contains("hart 0 is assumed to boot"));
}

#[test]
fn each_part_of_a_region_is_mapped_or_says_why_not() {
    let prediction = prediction();
    let object = json::object(&prediction, &view::address_space(&prediction));
    let regions = object["regions"].as_array().expect("regions");
    let parts: Vec<_> =
        regions.iter().flat_map(|region| region["parts"].as_array().expect("parts")).collect();
    assert!(parts.iter().any(|part| part["access"] == "R-X"), "{parts:?}");
    for part in parts {
        assert!(part["virtual"].is_string() && part["size"].is_u64(), "{part}");
        assert_ne!(part["physical"].is_string(), part["unmapped"].is_string(), "{part}");
    }
}

#[test]
fn a_picture_names_its_regions_for_those_who_do_not_see_it() {
    let picture = svg::draw(&view::address_space(&prediction()));
    let words =
        picture.split("<desc").nth(1).and_then(|rest| rest.split("</desc>").next()).expect("a description");
    for region in ["linear map at 0x", ", 1023.62 MiB; guard at 0x", "kernel at 0x", "stacks at 0x"] {
        assert!(words.contains(region), "{region}: {words}");
    }
}
