//! Files of facts: refused with a sentence, or facts that write themselves the same and are planned
//! for, with this kernel or another.

use crate::formats;
use landfall_predict::facts_file::FactsFile;

/// Reads the input as a file of facts, and plans for it.
///
/// # Panics
/// If landfall fails on it.
pub fn run(bytes: &[u8]) {
    let file = match FactsFile::parse(bytes) {
        Err(error) => return assert!(error.to_string().len() < 2000, "{error}"),
        Ok(file) => file,
    };
    let json = file.to_json().to_string();
    let again = FactsFile::parse(json.as_bytes()).expect("what is written can be read");
    assert_eq!(again.to_json().to_string(), json);
    formats::check(file.case(None));
}
