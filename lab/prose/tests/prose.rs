//! The prose of this checkout follows the rules.

use std::fs;
use std::path::{Path, PathBuf};

use landfall_prose::{faults, files};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_file_follows_the_rules() {
    let root = root();
    let mut found = Vec::new();
    for file in files::of_checkout(&root).expect("the checkout is readable") {
        let text = fs::read_to_string(root.join(&file)).expect("the file is readable");
        found.extend(faults(&file, &text).iter().map(|fault| format!("{}:{fault}", file.display())));
    }
    assert!(found.is_empty(), "{}\n{} faults; correct the sentences", found.join("\n"), found.len());
}

#[test]
fn the_checkout_has_prose_of_every_kind() {
    let files = files::of_checkout(&root()).expect("the checkout is readable");
    for extension in ["md", "rs", "s", "ld", "js"] {
        let count =
            files.iter().filter(|file| file.extension().is_some_and(|found| found == extension)).count();
        assert!(count > 5, "{count} files with the extension {extension}");
    }
}
