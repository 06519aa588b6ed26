//! The result as JSON and as XML.

use serde_json::Value;

use super::test;

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn json_has_every_boot() {
    let answer = test(&["hello", "--only", "mode", "--format", "json", "--seed", "0123456789abcdef"]);
    let result: Value = serde_json::from_str(&answer.stdout).expect("JSON alone on stdout");
    assert_eq!((answer.status, &result["passed"]), (Some(0), &Value::from(3)), "{answer:#?}");
    assert_eq!(result["seed"], "0123456789abcdef");
    let boots = result["boots"].as_array().expect("a list");
    for (boot, mode) in boots.iter().zip(["sv39", "sv48", "sv57"]) {
        assert_eq!((&boot["mode"], &boot["outcome"]), (&Value::from(mode), &Value::from("passed")), "{boot}");
        assert_eq!(boot["judged"], serde_json::json!(["tables", "words", "plan"]), "{boot}");
        assert!(boot["address"].as_str().is_some_and(|at| at.starts_with("0x")), "{boot}");
    }
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn xml_has_a_case_for_every_boot() {
    let answer = test(&["panic", "--only", "mode", "--mode", "sv39,sv48", "--format", "junit"]);
    assert_eq!(answer.status, Some(1), "{answer:#?}");
    let document = roxmltree::Document::parse(&answer.stdout).expect("XML alone on stdout");
    let cases: Vec<_> = document.descendants().filter(|node| node.has_tag_name("testcase")).collect();
    let names: Vec<_> = cases.iter().filter_map(|case| case.attribute("name")).collect();
    assert_eq!(names, ["mode/sv39", "mode/sv48"]);
    for case in cases {
        let failure = case.children().find(|node| node.has_tag_name("failure")).expect("a failure");
        assert!(
            failure.text().is_some_and(|text| text.contains("again: cargo landfall test")),
            "{answer:#?}"
        );
    }
}
