//! The prose of this checkout follows the rules, but for the files on the list.

use std::path::Path;

use landfall_prose::register::{LIST, Register, SHRINK};

fn register() -> Register {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Register::of_checkout(&root).expect("the checkout is readable")
}

#[test]
fn files_that_are_not_listed_follow_the_rules() {
    let unlisted = register().unlisted;
    let faults: Vec<_> = unlisted.into_iter().flat_map(|(_, faults)| faults).collect();
    assert!(
        faults.is_empty(),
        "{}\n{} faults; correct the sentences, or run `{SHRINK}` if a file was renamed",
        faults.join("\n"),
        faults.len()
    );
}

#[test]
fn files_that_are_listed_exist_and_have_faults() {
    let register = register();
    let done: Vec<_> = register.converted.iter().chain(&register.missing).collect();
    assert!(done.is_empty(), "{LIST} lists converted or missing files; run `{SHRINK}`: {done:#?}");
}

#[test]
fn the_checkout_has_prose_of_every_kind() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = landfall_prose::files::of_checkout(&root).expect("the checkout is readable");
    for extension in ["md", "rs", "s", "ld"] {
        let count =
            files.iter().filter(|file| file.extension().is_some_and(|found| found == extension)).count();
        assert!(count > 5, "{count} files with the extension {extension}");
    }
}
