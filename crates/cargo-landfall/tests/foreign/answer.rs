//! What `landfall check` says about a file, as a user gets it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// An answer.
pub(crate) struct Answer {
    /// What people read.
    pub(crate) words: String,
    /// What machines read; nothing where the file is not read.
    json: Value,
}

impl Answer {
    /// Asks about the file at `path` in `folder`.
    pub(crate) fn of(folder: &Path, path: &str, arguments: &[&str]) -> Self {
        let ask = |format| {
            let mut check =
                Command::new(std::env::var_os("TRIAL").unwrap_or(env!("CARGO_BIN_EXE_landfall").into()));
            check.current_dir(folder).args(["check", path, "--format", format]).args(arguments);
            check.output().expect("landfall")
        };
        let (text, json) = (ask("text"), ask("json"));
        let words = [text.stdout, text.stderr].map(|bytes| String::from_utf8(bytes).expect("text")).concat();
        assert!(!words.contains("panicked"), "{path}: {words}");
        let json = match json.status.code() {
            Some(0 | 1) => serde_json::from_slice(&json.stdout).expect("JSON"),
            Some(2) => Value::Null,
            _ => panic!("{path}: {}\n{words}", json.status),
        };
        Self { words, json }
    }

    pub(crate) fn is_readable(&self) -> bool {
        !self.json.is_null()
    }

    /// What it is, findings by code, and what was not checked, as cells of a table.
    pub(crate) fn cells(&self) -> String {
        let list = |name: &str| self.json[name].as_array().cloned().unwrap_or_default();
        let mut codes = BTreeMap::<String, usize>::new();
        for finding in list("list") {
            *codes.entry(finding["code"].as_str().expect("a code").to_owned()).or_default() += 1;
        }
        let codes: Vec<_> = codes.iter().map(|(code, count)| format!("{count} `{code}`")).collect();
        let accepted = self.json["accepted"].as_u64().filter(|count| *count != 0);
        let accepted = accepted.map(|count| format!("{count} accepted"));
        let unchecked = list("not_checked");
        let unchecked: Vec<_> = unchecked.iter().filter_map(|entry| entry["what"].as_str()).collect();
        let kind = self.json["kind"].as_str().unwrap_or("refused, exit status 2");
        let found: Vec<_> = codes.into_iter().chain(accepted).collect();
        let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
        format!("{kind} | {found} | {}", unchecked.join("; "))
    }
}
