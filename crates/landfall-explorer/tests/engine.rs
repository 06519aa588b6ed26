//! The engine as WebAssembly answers as this crate does.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use landfall_explorer::recorded;
use serde_json::{Value, json};

/// Answers the requests on stdin, and one of a call that panics.
const SCRIPT: &str = r#"
import { readFileSync } from "node:fs";
import { load } from "./page/loader.js";
const engine = await load(/id="landfall-engine">([^<]*)</.exec(readFileSync("dist/explorer.html", "utf8"))[1]);
const requests = JSON.parse(readFileSync(0, "utf8"));
const fault = engine.fail("on purpose");
const answers = requests.map((request) => engine.predict(request));
console.log(JSON.stringify({ fault, answers, catalog: engine.catalog("{}") }));
"#;

fn requests() -> Vec<String> {
    let mut requests = Vec::new();
    for seed in 0..64_u64 {
        let seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mode = ["sv39", "sv48", "sv57"][(seed % 3) as usize];
        let physical = ["stay", "pack", "random"][(seed % 7 % 3) as usize];
        let placement = ["own-region", "linear-map"][(seed % 2) as usize];
        let machine = json!({
            "kind": "virt",
            "memory": format!("{}M", 64 + seed % 60_000),
            "harts": 1 + seed % 64,
            "mode": mode,
            "seed": format!("{seed:016x}"),
        });
        let policy = [format!("physical={physical}"), format!("placement={placement}")];
        requests.push(json!({ "machine": machine, "policy": policy }).to_string());
        for board in recorded::boards() {
            let machine = json!({
                "kind": "board",
                "name": board.name,
                "memory": board.suggested_memory,
                "seed": format!("{seed:016x}"),
            });
            requests.push(json!({ "machine": machine, "policy": policy }).to_string());
        }
    }
    requests.extend(impossible());
    requests
}

/// Requests that nothing can be planned for.
fn impossible() -> impl Iterator<Item = String> {
    ["", "{", "null", "[]", "{\"machine\":{}}", "{\"machine\":{\"kind\":\"virt\",\"seed\":\"\u{1f600}\"}}"]
        .into_iter()
        .map(str::to_owned)
}

#[test]
#[ignore = "needs Node.js"]
fn webassembly_answers_as_the_command_does() {
    let requests = requests();
    let mut node = Command::new("node")
        .args(["--input-type=module", "--eval", SCRIPT])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node: install Node.js 20");
    let input = serde_json::to_vec(&requests).expect("JSON");
    node.stdin.take().expect("a pipe").write_all(&input).expect("node reads");
    let output = node.wait_with_output().expect("node ends");
    let result: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    for (request, answer) in requests.iter().zip(result["answers"].as_array().expect("a list")) {
        assert_eq!(text(answer), landfall_explorer::predict(request), "{request}");
    }
    assert_eq!(result["answers"].as_array().map(Vec::len), Some(requests.len()));
    assert_eq!(text(&result["catalog"]), landfall_explorer::catalog("{}"));
    // A panic is an answer, and the engine has gone on after it.
    let fault: Value = serde_json::from_str(&text(&result["fault"])).expect("JSON");
    assert!(text(&fault["error"]["message"]).contains("on purpose"), "{fault}");
}
