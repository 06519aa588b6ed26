//! Any request has an answer, and the page holds any name.

use std::fs;
use std::path::Path;

use landfall_explorer::document::{Document, Kind, NoDocument};
use landfall_explorer::recorded;
use landfall_explorer::request::{self, Board, Machine, Request, Virt};
use landfall_explorer::{Bytes, page, predict};
use landfall_predict::units::Size;
use proptest::prelude::*;
use serde_json::{Value, json};

fn answer(request: &Request) -> Value {
    let answer = predict(&serde_json::to_string(request).expect("JSON"));
    serde_json::from_str(&answer).expect("an answer is JSON")
}

/// Fails if neither or both of plan and error are there.
fn assert_answer(answer: &Value) {
    assert_ne!(answer["plan"].is_null(), answer["error"].is_null(), "{answer}");
    let keys: Vec<_> = answer.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, ["plan", "refusal", "command", "assumed", "error"]);
}

fn text() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        any::<String>().prop_map(Some),
        Just(Some("off".to_owned())),
        "[0-9a-f]{16}".prop_map(Some),
        "0x[0-9a-f]{1,16}(:0x[0-9a-f]{1,16})?".prop_map(Some),
        "(sv39|sv48|sv57|[0-9]{1,20}[KMGTP]?)".prop_map(Some),
    ]
}

proptest! {
    #[test]
    fn a_virt_machine_with_any_words_has_an_answer(
        (memory, mode, seed, append, at) in (text(), text(), text(), text(), text()),
        harts in any::<Option<u64>>(),
        policy in proptest::collection::vec(".*", 0..3),
    ) {
        let machine = Machine::Virt(Virt { memory, harts, mode, seed, append, at });
        assert_answer(&answer(&Request { kernel: None, machine, policy }));
    }

    #[test]
    fn a_board_with_any_tree_and_words_has_an_answer(
        index in 0..7_usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        (at, tree_at, initrd, append) in (text(), text(), text(), text()),
        memory in proptest::collection::vec("0x[0-9a-f]{1,16}:0x[0-9a-f]{1,12}", 0..3),
        boot_hart in any::<Option<u64>>(),
    ) {
        let mut tree = recorded::boards()[index].tree();
        for (place, byte) in changes {
            // The nodes are at the start, and zeros behind them.
            let place = place.index(tree.len().min(4096));
            tree[place] = byte;
        }
        let board = Board {
            tree: Some(Bytes(tree)), at, tree_at, initrd, append, memory, boot_hart, ..Board::default()
        };
        assert_answer(&answer(&Request { machine: Machine::Board(Box::new(board)), ..Request::default() }));
    }
}

#[test]
fn a_request_keeps_its_meaning_as_json() {
    for text in [
        r#"{"machine":{"kind":"virt","memory":"4G","seed":"off"},"policy":["near=0"]}"#,
        r#"{"machine":{"kind":"board","name":"nezha","memory":["0x40000000:512M"]}}"#,
        r#"{"machine":{"kind":"facts","facts":{"format":2}}}"#,
    ] {
        let request: Request = serde_json::from_str(text).expect("a request");
        assert_eq!(serde_json::to_string(&request).expect("JSON"), text);
    }
    for (text, words) in [
        (r#"{"machine":{"kind":"virt","memori":"4G"}}"#, "unknown field `memori`"),
        (r#"{"machine":{"kind":"raspberry"}}"#, "unknown variant `raspberry`"),
        (r#"{"kernel":{"image":"*"}}"#, "no base64"),
        (r#"{"machine":{"kind":"board","name":"nezha","seed":"rng:00"}}"#, "64 hex digits"),
        (r#"{"machine":{"kind":"virt","harts":"abc"}}"#, "expected u64"),
        (r#"{"machine":{"kind":"virt","harts":-1}}"#, "expected u64"),
        (r#"{"machine":{"kind":"virt","harts":2.5}}"#, "expected u64"),
        (r#"{"machine":{"kind":"virt","seed":"off","append":"a\u0000b"}}"#, "contains a NUL"),
        (r#"{"machine":{"kind":"board","name":"nezha","append":"\u0000"}}"#, "contains a NUL"),
        (r#"{"machine":{"kind":"board"}}"#, "either a name or a device tree"),
    ] {
        let answer: Value = serde_json::from_str(&predict(text)).expect("JSON");
        assert_answer(&answer);
        assert!(answer["error"]["message"].as_str().expect("words").contains(words), "{answer}");
    }
}

#[test]
fn an_answer_about_a_field_names_no_option_of_the_command() {
    let board = |name: &str, memory: &str, tree_at: Option<&str>| Board {
        name: Some(name.to_owned()),
        memory: (!memory.is_empty()).then(|| memory.to_owned()).into_iter().collect(),
        tree_at: tree_at.map(str::to_owned),
        ..Board::default()
    };
    for (board, words) in [
        (board("pioneer", "", None), "state the memory as BASE:SIZE"),
        (board("nezha", "0x40000000:1024", None), "memory 0x40000000:0x400 is not valid RAM"),
        (board("nezha", "", Some("0xfffffffffffff000")), "the tree at 0xfffffffffffff000 has no room"),
    ] {
        let answer = answer(&Request { machine: Machine::Board(Box::new(board)), ..Request::default() });
        let [error, remedy] = [&answer["error"]["message"], &answer["refusal"]["remedy"]];
        let text = error.as_str().or(remedy.as_str()).expect("words");
        assert!(text.contains(words) && !text.contains("--"), "{text}");
    }
}

#[test]
fn each_choice_of_the_catalog_is_a_change() {
    let catalog: Value = serde_json::from_str(&landfall_explorer::catalog("{}")).expect("JSON");
    let keys = catalog["policy"].as_array().expect("a list");
    let mut choices = 0;
    for key in keys {
        let words = key["choices"].as_array().cloned().unwrap_or_default();
        let values = words.iter().chain(Some(&key["value"])).filter_map(Value::as_str);
        for value in values {
            let policy = vec![format!("{}={value}", key["name"].as_str().expect("a name"))];
            let machine = Machine::Virt(Virt { seed: Some("off".to_owned()), ..Virt::default() });
            let answer = answer(&Request { kernel: None, machine, policy: policy.clone() });
            assert!(answer["error"].is_null(), "{policy:?}: {answer}");
        }
        choices += words.len();
    }
    assert_eq!(choices, 13, "{catalog}");
    assert_eq!(request::size(Size::gib(4)), "4G");
}

#[test]
fn a_page_holds_any_name() {
    let name = "</script><img src=x onerror=alert(1)>\u{2028}\u{202e}<!--";
    let json = json!({ "refusal": { "rule": "R8", "message": name }, "plan_version": 5 });
    let document =
        Document { title: name.to_owned(), ..Document::of_json("a", json.clone()).expect("a plan") };
    assert_eq!(document.kind, Kind::Plan);
    let page = page::page(&[document]);
    assert!(page.len() < 3_000_000 && !page.contains("onerror=alert(1)>") && !page.contains('\u{202e}'));
    let (_, rest) = page.split_once("id=\"landfall-documents\">").expect("the documents");
    let (inert, _) = rest.split_once("</script>").expect("their end");
    let embedded: Value = serde_json::from_str(inert).expect("JSON");
    assert_eq!(
        (&embedded["documents"][0]["title"], &embedded["documents"][0]["json"]),
        (&json!(name), &json)
    );
    assert!(page.starts_with("<!doctype html>") && page.contains("default-src 'none'"));
    // No script of the page but its own: its hash is in the policy.
    assert_eq!(page.matches("<script").count(), 3);
}

/// Returns a document of the page's tests.
fn data(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("page/tests/data/{name}.json"));
    serde_json::from_slice(&fs::read(path).expect("a document")).expect("JSON")
}

#[test]
fn damaged_documents_are_refused_as_the_page_refuses_them() {
    for row in data("damaged").as_array().expect("a list") {
        let mut json = data(row["of"].as_str().expect("a name"));
        *json.pointer_mut(row["at"].as_str().expect("a pointer")).expect("a value") = row["is"].clone();
        let shown = Document::of_json("other.json", json);
        assert_eq!(shown.is_ok(), row["shown"].as_bool().expect("a verdict"), "{row}: {shown:?}");
    }
}

#[test]
fn documents_of_all_kinds_are_read() {
    for name in ["plan-sv39", "plan-sv48", "plan-sv48-seed", "plan-sv57", "plan-64-harts", "plan-linear-map"]
    {
        assert_eq!(Document::of_json(name, data(name)).expect("a plan").kind, Kind::Plan);
    }
    assert_eq!(Document::of_json("audit", data("audit")).expect("an audit").kind, Kind::Audit);
    let landed = Document::of_json("other", json!({ "outcome": "landed" }));
    assert_eq!(landed, Err(NoDocument::NoLayout));
}
