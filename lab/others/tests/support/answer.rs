//! The output of `landfall check` for a file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// An answer.
pub(crate) struct Answer {
    /// The text output.
    pub(crate) words: String,
    /// The JSON output; empty if the file is not readable.
    pub(crate) json: Value,
}

impl Answer {
    /// Asks about the file at `path` in `folder`.
    pub(crate) fn of(folder: &Path, path: &str, arguments: &[&str]) -> Self {
        // The codes that this project accepts do not count for others: the nearest file counts.
        fs::write(folder.join("landfall.toml"), "").expect("a file that accepts nothing");
        let ask = |format| {
            let mut check = Command::new(landfall_boots::command::path().expect("the command"));
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

    /// Returns true if `check` reads the file.
    pub(crate) fn is_readable(&self) -> bool {
        !self.json.is_null()
    }

    /// Returns the number of findings of each code. The list ends at 100 of one.
    pub(crate) fn codes(&self) -> BTreeMap<String, usize> {
        let mut codes = BTreeMap::new();
        for finding in self.list("list") {
            *codes.entry(finding["code"].as_str().expect("a code").to_owned()).or_default() += 1;
        }
        codes
    }

    pub(crate) fn list(&self, name: &str) -> &[Value] {
        self.json[name].as_array().map_or(&[], Vec::as_slice)
    }
}
