//! The page of `--format html`, and the engine in it: its plans are those of the command.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use landfall_explorer::recorded::{self, Recorded};
use landfall_explorer::request::Saved;
use landfall_plan::Policy;
use landfall_predict::blueprint::Blueprint;
use serde_json::{Value, json};

use crate::kernel::image;

/// Policies, each with the seed of its boot.
const POLICIES: [(&[&str], Option<&str>); 5] = [
    (&[], Some("0123456789abcdef")),
    (&["physical=pack", "alias=absent"], Some("off")),
    (&["placement=linear-map", "stack=8K", "near=0"], Some("fedcba9876543210")),
    (&["physical=random", "window=0xfffffff000000000:16G@sv39"], Some("00000000000000ff")),
    (&["modes=sv48..sv57", "tables=lowest"], None),
];

fn saved() -> Saved {
    let blueprint = Blueprint::of_image(&image(&Policy::new())).expect("a sound image");
    Saved::of("./kernel.bin", &blueprint).expect("a sound policy")
}

/// Runs a command line as a shell reads it, with more arguments.
fn shell(folder: &Path, line: &str, more: &str) -> Output {
    let arguments = line.strip_prefix("cargo landfall ").expect("a command line");
    let line = format!("exec {} {arguments} {more}", env!("CARGO_BIN_EXE_cargo-landfall"));
    Command::new("sh").args(["-c", &line]).current_dir(folder).output().expect("a shell")
}

fn predict(request: &Value) -> Value {
    serde_json::from_str(&landfall_explorer::predict(&request.to_string())).expect("an answer")
}

/// Fails if the command line of the answer prints another plan.
fn assert_same(folder: &Path, request: &Value) -> Value {
    let answer = predict(request);
    assert_eq!(answer["error"], Value::Null, "{request}");
    let line = answer["command"].as_str().expect("a command line");
    let output = shell(folder, line, "--format json");
    let stderr = String::from_utf8_lossy(&output.stderr);
    let plan: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{line}: {stderr}"));
    assert_eq!(plan, answer["plan"], "{line}");
    let refused = answer["refusal"]["rule"].as_str();
    assert_eq!(output.status.code(), Some(i32::from(refused.is_some())), "{line}");
    if let Some(rule) = refused {
        assert!(stderr.contains(rule), "{line}: {stderr}");
    }
    answer
}

fn folder_of_boards() -> tempfile::TempDir {
    let folder = landfall_host::private::folder("landfall-").expect("a directory");
    fs::write(folder.path().join("kernel.bin"), image(&Policy::new())).expect("a file");
    for board in recorded::boards() {
        fs::write(folder.path().join(&board.file), board.tree()).expect("a file");
    }
    folder
}

fn requests(board: &Recorded) -> impl Iterator<Item = Value> {
    let states_memory = board.suggested_memory.is_empty();
    POLICIES.iter().enumerate().map(move |(index, (policy, seed))| {
        let mut machine = json!({ "kind": "board", "name": board.name, "seed": seed });
        if index != 0 && !states_memory {
            machine["memory"] = json!(board.suggested_memory);
        }
        match index {
            1 => machine["append"] = json!("it's $HOME; `quiet` \"x\" crashkernel=64M"),
            2 => machine["mode"] = json!("sv39"),
            // Hart 1 is not the first with an MMU there.
            3 if board.name == "pioneer" => machine["boot_hart"] = json!(1),
            3 => machine["no_map"] = json!(["0x80000000:512K"]),
            _ => {}
        }
        json!({ "kernel": { "blueprint": saved() }, "machine": machine, "policy": policy })
    })
}

#[test]
fn the_command_line_of_a_request_prints_its_plan() {
    let folder = folder_of_boards();
    let boards = recorded::boards();
    let answers = boards.iter().flat_map(requests).map(|request| assert_same(folder.path(), &request));
    let refused = answers.filter(|answer| !answer["refusal"].is_null()).count();
    // R8 of three boards without memory, and R11 of all boards, which have sv39 alone.
    assert_eq!(refused, 10);
}

#[test]
fn the_request_in_a_page_gives_the_plan_in_it() {
    let folder = folder_of_boards();
    for arguments in [
        "--dtb jh7110-starfive-visionfive-2-v1.3b.dtb --seed 0123456789abcdef --policy physical=pack",
        "--dtb sun20i-d1-nezha.dtb --memory 0x40000000:512M --memory-types thead --initrd 0x48000000:1M",
        "--dtb k1-bananapi-f3.dtb",
    ] {
        let line = format!("cargo landfall plan ./kernel.bin {arguments}");
        let page = shell(folder.path(), &line, "--format html");
        let plan: Value =
            serde_json::from_slice(&shell(folder.path(), &line, "--format json").stdout).expect("JSON");
        let page = String::from_utf8(page.stdout).expect("UTF-8");
        let [document] = documents(&page).try_into().expect("one document");
        assert_eq!((&document["kind"], &document["json"]), (&json!("plan"), &plan));
        assert_eq!(predict(&document["request"])["plan"], plan, "{arguments}");
        assert_eq!(document["symbols"], Value::Null, "a flat image has none");
        assert!(page.len() < 3_000_000 && page.starts_with("<!doctype html>"));
    }
}

/// Returns the documents of a page, from the element that its script reads.
fn documents(page: &str) -> Vec<Value> {
    let start = "<script type=\"application/json\" id=\"landfall-documents\">";
    let (_, rest) = page.split_once(start).expect("the documents");
    let (json, _) = rest.split_once("</script>").expect("their end");
    let value: Value = serde_json::from_str(json).expect("JSON");
    value["documents"].as_array().expect("a list").clone()
}

#[test]
fn a_page_compares_with_a_saved_document() {
    let folder = folder_of_boards();
    let plan = "cargo landfall plan ./kernel.bin --dtb hifive-unmatched-a00.dtb --seed 0123456789abcdef";
    let before = shell(folder.path(), plan, "--format json").stdout;
    fs::write(folder.path().join("before.json"), &before).expect("a file");
    let page = shell(folder.path(), plan, "--policy kaslr=off --compare before.json --format html");
    let [first, second] = documents(&String::from_utf8(page.stdout).expect("UTF-8")).try_into().expect("two");
    assert_eq!(first["json"], serde_json::from_slice::<Value>(&before).expect("JSON"));
    assert_eq!(
        (&first["title"], &second["json"]["kaslr"]["enabled"]),
        (&json!("before.json"), &json!(false))
    );

    for (name, text) in [("other.json", "{}"), ("landed.json", "{\"outcome\":\"landed\"}")] {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    for (more, words) in [
        ("--compare before.json", "--compare applies to --format html"),
        ("--format html --compare none.json", "cannot compare with none.json"),
        ("--format html --compare other.json", "neither the keys of a plan"),
        ("--format html --compare landed.json", "it has no layout, and states no refusal"),
    ] {
        let output = shell(folder.path(), plan, more);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && stderr.contains(words), "{more}: {stderr}");
    }
}

/// Firmware lets harts race for the boot, and a plan names the one that won.
fn without_boot_hart(mut plan: Value) -> Value {
    plan["harts"]["boot"] = Value::Null;
    let notes = plan["notes"].as_array_mut().into_iter().flatten();
    notes.filter(|note| note["code"] == "boot-hart-varies").for_each(|note| note["text"] = Value::Null);
    plan
}

#[test]
#[ignore = "needs QEMU, and builds a kernel"]
fn a_virt_machine_in_the_page_is_that_of_qemu() {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // Without `--seed` a page has the seed of its boot, and with arguments for QEMU its facts.
    for (arguments, kind) in
        [("--memory 64M", "virt"), ("--seed 0123456789abcdef --format html -- -cpu rva22s64", "facts")]
    {
        let line = format!("cargo landfall plan hello {arguments}");
        let format = if kind == "virt" { "--format html" } else { "" };
        let page = shell(&checkout, &line, format);
        let stderr = String::from_utf8_lossy(&page.stderr).into_owned();
        let [document] =
            documents(&String::from_utf8(page.stdout).expect("UTF-8")).try_into().expect(&stderr);
        assert_eq!(document["request"]["machine"]["kind"], kind, "{arguments}");
        let answer = predict(&document["request"]);
        assert_eq!(answer["plan"]["regions"], document["json"]["regions"], "{arguments}");
        let symbols = document["symbols"]["list"].as_array().expect("symbols of an ELF");
        assert!(symbols.contains(&json!(["_start", 0, 0])), "{symbols:?}");
        let size = document["json"]["kernel"]["size"].as_u64();
        assert!(symbols.iter().all(|row| row[1].as_u64() < size), "{symbols:?}");
        if kind == "virt" {
            machines_are_those_of_qemu(&checkout, &document["request"]["kernel"]);
        }
    }
}

fn machines_are_those_of_qemu(checkout: &Path, kernel: &Value) {
    for (mut machine, policy) in [
        (json!({ "seed": "0123456789abcdef" }), &[][..]),
        (json!({ "seed": "off", "memory": "130M", "mode": "sv39", "append": "quiet" }), &["tables=lowest"]),
        (
            json!({ "seed": "ffffffffffffffff", "memory": "1T", "harts": 6, "mode": "sv48" }),
            &["physical=pack"],
        ),
        (json!({ "seed": "off", "memory": "33M", "harts": 7 }), &["tables=lowest", "near=0"]),
        (
            json!({ "seed": "0000000000000001", "memory": "3G", "harts": 19, "at": "0x9a3c5000" }),
            &["physical=random"],
        ),
        (json!({ "seed": "0000000000000002", "memory": "256M", "harts": 58 }), &["alias=absent"]),
    ] {
        machine["kind"] = json!("virt");
        let answer = predict(&json!({ "kernel": kernel, "machine": machine, "policy": policy }));
        let line = answer["command"].as_str().unwrap_or_else(|| panic!("{answer}"));
        let output = shell(checkout, line, "--format json");
        let plan = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{line}: {output:?}"));
        assert_eq!(without_boot_hart(plan), without_boot_hart(answer["plan"].clone()), "{line}");
    }
}
