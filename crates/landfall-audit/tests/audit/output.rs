//! The output: text, JSON, and the JSON of an earlier audit.

use landfall_audit::compare::compare;
use landfall_audit::json::Saved;
use landfall_audit::{Known, Mode};
use serde_json::Value;

use crate::machine::{A, D, IO, KERNEL, Machine, R, U, V, W, X};

fn machine() -> Machine {
    let mut machine = Machine::new(Mode::Sv39);
    machine.map(0xffff_ffff_8000_0000, 0x8020_0000, 0, 2, R | X | KERNEL);
    machine.map(0xffff_ffff_8000_2000, 0x8020_2000, 0, 1, R | W | X | KERNEL);
    machine.map(0xffff_ffd6_0000_0000, 0x8040_0000, 1, 2, R | W | KERNEL);
    machine.map(0xffff_ffc6_0000_0000, 0x1000_0000, 0, 1, R | W | KERNEL | IO);
    machine.map(0x1000, 0x8060_0000, 0, 1, V | R | U | A | D);
    machine
}

#[test]
fn the_text_shows_regions_from_the_highest_down_and_findings() {
    let text = machine().audit(Known::default()).to_string();
    let right = "\
root 0: sv39 at 0x80000000, given
  0xffffffff80000000              12 KiB  image: 12 KiB mapped, 3 x 4K, tables 2, offset 0xffffffff00000000 - 0x200000
";
    // The offset is printed as one number.
    let offset = 0xffff_ffff_8000_0000_u64 - 0x8020_0000;
    let right = right.replace("0xffffffff00000000 - 0x200000", &format!("{offset:#x}"));
    assert!(text.starts_with(&right), "{text}");
    for line in [
        "  0xffffffff80002000               4 KiB    RWX -GAD at 0x80202000: 1 x 4K, text",
        "  0xffffffd600000000               4 MiB  linear-map: 4 MiB mapped, 2 x 2M, tables 1, offset 0xffffffd57fc00000\n",
        "  0xffffffc600000000               4 KiB    RW- -GAD io at 0x10000000: 1 x 4K\n",
        "  leaves      2 x 2M + 5 x 4K\n",
        "leaf-wx: A leaf that is both writable and executable\n  root 0, 0xffffffff80002000, 4 KiB, at 0x80202000 in memory\n",
        "not checked: stack-guard, because no stacks are known\n",
        "\n1 finding\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn a_saved_audit_is_read_back_and_compared() {
    let audit = machine().audit(Known::default());
    let mut json = Vec::new();
    audit.write_json(&mut json).expect("bytes in memory");
    let text = String::from_utf8(json).expect("text");
    let saved = Saved::parse(&text).expect("an audit");
    assert_eq!((saved.roots.len(), saved.roots[0].mode), (1, Mode::Sv39));
    assert_eq!(saved.roots[0].runs, audit.roots[0].runs);
    let mut changed = machine();
    changed.map(0x1000, 0x8060_1000, 0, 1, V | R | U | A | D);
    let changed = changed.audit(Known::default());
    assert_eq!(
        compare(&saved.roots[0].runs, &changed.roots[0].runs).to_string(),
        "  0x1000, 4 KiB: expected R-- U-AD at 0x80600000 by 4K, found R-- U-AD at 0x80601000 by 4K\n1 difference\n"
    );
    for wrong in [
        ("\"leaf\":\"2M\"", "\"leaf\":\"3M\""),
        ("\"size\":4194304,\"access\"", "\"size\":1,\"access\""),
        ("\"audit_format\":1", "\"audit_format\":2"),
        ("\"audit_format\":1", "\"audit_form\":1"),
        ("\"mode\":\"sv39\"", "\"mode\":\"sv40\""),
        // Mappings that overlap, and those of a root that is not there.
        ("\"mappings\":[{\"virtual\":\"0x1000\"", "\"mappings\":[{\"virtual\":\"0xffffffff80001000\""),
        ("\"inherited\":[]", "\"inherited\":[{\"virtual\":\"0x4000\",\"size\":4096,\"root\":0}]"),
    ] {
        assert!(text.contains(wrong.0), "{text}");
        assert!(Saved::parse(&text.replace(wrong.0, wrong.1)).is_err(), "{wrong:?}");
    }
}

#[test]
fn the_json_has_the_documented_keys() {
    let mut json = Vec::new();
    machine().audit(Known::default()).write_json(&mut json).expect("bytes in memory");
    let document: Value = serde_json::from_slice(&json).expect("JSON");
    let keys =
        |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&document), "audit_format roots findings finding_counts unchecked cost");
    let root = &document["roots"][0];
    let right = "mode table origin leaves tables tables_of_several_regions tables_without_leaf regions inherited mappings";
    assert_eq!(keys(root), right);
    assert_eq!(root["origin"]["kind"], "given");
    let region = &root["regions"][2];
    let right = "kind name virtual size mapped leaves offset tables parts part_count splits";
    assert_eq!((keys(region).as_str(), &region["kind"]), (right, &Value::from("linear-map")));
    assert_eq!(region["offset"], "0xffffffd57fc00000");
    assert_eq!(keys(&region["parts"][0]), "virtual physical size attributes leaves name");
    assert_eq!(keys(&root["mappings"][0]), "virtual physical size access flags memory leaf");
    assert_eq!(keys(&document["findings"][0]), "code root virtual size physical entry found");
    assert_eq!(document["finding_counts"]["leaf-wx"], 1);
    assert_eq!(keys(&document["cost"]), "tables repeats bytes entries");
    let page = include_str!("../../../../docs/audit.md");
    let mentioned = |key: &str| page.contains(&format!("`{key}`"));
    let missing = [
        keys(&document),
        keys(root),
        keys(region),
        keys(&root["mappings"][0]),
        keys(&document["findings"][0]),
    ];
    let missing: Vec<_> =
        missing.iter().flat_map(|keys| keys.split(' ')).filter(|key| !mentioned(key)).collect();
    assert!(missing.is_empty(), "docs/audit.md does not name {missing:?}");
}
