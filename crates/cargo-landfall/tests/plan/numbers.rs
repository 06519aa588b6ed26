//! Exact numbers, worked out by hand.

use landfall_plan::Policy;
use landfall_plan::policy::PhysicalPlacement;
use landfall_predict::board::Loading;
use landfall_predict::{Randomness, json, text, view};
use serde_json::{Value, json};

use crate::trees::predict;
use crate::writer::virt;

fn object(tree: &[u8], policy: &Policy) -> Value {
    let loading = Loading { randomness: Randomness::Off, ..Loading::default() };
    let prediction = predict(tree, &loading, policy).expect("a sound tree").expect("it lands");
    json::object(&prediction, &view::address_space(&prediction))
}

/// 16 GiB in sv39: fifteen whole gigabytes. The first one has 512 blocks of 2 MiB. Firmware and the
/// kernel's text and constants split one each, and firmware's 96 pages are not mapped.
#[test]
fn sixteen_gigabytes_in_sv39() {
    let plan = object(&virt(16 << 30, "riscv,sv39"), &Policy::new());
    assert_eq!(plan["mode"], "sv39");
    assert_eq!(plan["linear_map"]["size"], (16_u64 << 30) - 0x6_0000);
    let leaves = json!({ "4K": 1024 - 96, "64K": 0, "2M": 510, "1G": 15, "512G": 0, "256T": 0 });
    assert_eq!(plan["linear_map"]["leaves"], leaves);
    assert_eq!(plan["linear_map"]["virtual"], "0xffffffc000060000");
    // Text, constants and data: 25 pages; the stack: 16.
    assert_eq!(plan["kernel"]["leaves"]["4K"], 25 + 16);
    assert_eq!(plan["kernel"]["virtual"], "0xffffffff00000000");
    // The root; one table for the first gigabyte and one for each split block in it; two for the
    // kernel, one more for the stacks.
    assert_eq!(plan["table_pages"], 1 + 1 + 2 + 2 + 1);
    let splits = plan["splits"].as_array().expect("a list");
    let splits: Vec<_> = splits.iter().map(|split| (&split["leaf"], &split["physical"])).collect();
    let expected = [("1G", "0x80000000"), ("2M", "0x80000000"), ("2M", "0x80200000")];
    assert_eq!(
        splits,
        expected.map(|(leaf, at)| (json!(leaf), json!(at))).each_ref().map(|(leaf, at)| (leaf, at))
    );
    let mappings = plan["mappings"].as_array().expect("a list");
    let leaf =
        |mapping: &Value| (mapping["leaf"].clone(), mapping["size"].clone(), mapping["access"].clone());
    assert_eq!(leaf(&mappings[0]), (json!("4K"), json!(0x1a_0000), json!("RW-")));
    assert_eq!(leaf(&mappings[1]), (json!("4K"), json!(0x1_0000), json!("R--")));
    let giant = mappings.iter().find(|mapping| mapping["leaf"] == "1G").expect("a giant leaf");
    assert_eq!(giant["size"], 15_u64 << 30);
}

/// 2 TiB in sv48: the first 512 GiB from 2 GiB on are 510 gigabytes, of which the first is split.
/// Then come 3 whole leaves of 512 GiB, and 2 GiB.
#[test]
fn two_terabytes_in_sv48() {
    let plan = object(&virt(2 << 40, "riscv,sv48"), &Policy::new());
    let leaves = json!({ "4K": 1024 - 96, "64K": 0, "2M": 510, "1G": 509 + 2, "512G": 3, "256T": 0 });
    assert_eq!(plan["linear_map"]["leaves"], leaves);
    assert_eq!(plan["linear_map"]["virtual"], "0xffff800080060000");
}

/// A packed image lies in the block that firmware splits anyway: no gigabyte and no block more is
/// split.
#[test]
fn a_packed_image_costs_no_leaf() {
    let tree = virt(16 << 30, "riscv,sv39");
    let plan = object(&tree, &Policy::new().with_physical_placement(PhysicalPlacement::Pack));
    assert_eq!(plan["linear_map"]["leaves"]["2M"], 511);
    assert_eq!(plan["linear_map"]["leaves"]["4K"], 512 - 96);
    assert_eq!(plan["movement"]["to"], plan["kernel"]["physical"]);
    assert_eq!(plan["kernel"]["loaded"], "0x80200000");
}

#[test]
fn every_key_of_a_report_is_there() {
    let plan = object(&virt(1 << 30, "riscv,sv57"), &Policy::new());
    for (key, _) in landfall_host::report::KEYS {
        assert!(plan.pointer(key).is_some(), "{key}");
    }
    let report = landfall_host::report::Report::parse(&plan.to_string());
    assert!(report.is_ok(), "{report:?}");
    assert_eq!(plan["instructions"], Value::Null);
}

#[test]
fn the_text_goes_from_top_to_bottom() {
    let tree = virt(1 << 30, "riscv,sv39");
    let loading = Loading { randomness: Randomness::Off, ..Loading::default() };
    let prediction = predict(&tree, &loading, &Policy::new()).expect("a tree").expect("it lands");
    let text = text::text(&prediction, &view::address_space(&prediction));
    let places = ["dynamic region", "linear map of", "KASLR", "[image-assumed]"].map(|word| text.find(word));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
    assert!(
        text.contains("no leaf of 1G: no-map memory at 0x80000000..0x80060000; the kernel's text"),
        "{text}"
    );
    assert!(text.lines().all(|line| line.trim_end() == line), "nothing trails");
}
