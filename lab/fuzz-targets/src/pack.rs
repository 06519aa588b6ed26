//! ELFs with relocations that a linker did not pack.

use landfall_inspect::pack::pack;

/// Packs the input.
///
/// # Panics
/// If landfall fails on it.
pub fn run(file: &[u8]) {
    match pack(file) {
        Ok(Some(packed)) => assert_eq!(packed.len(), file.len()),
        Ok(None) => {}
        Err(error) => drop(error.to_string()),
    }
}
