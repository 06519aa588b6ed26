//! Command lines.

use landfall_plan::facts::{BootOptions, CommandLine};

/// The word that limits the mode.
const MODE: &[u8] = b"landfall.mode=";

/// Reads the input as a command line.
///
/// # Panics
/// If landfall fails on it.
pub fn run(bytes: &[u8]) {
    let options = BootOptions::parse(bytes);
    let mut words = bytes.split(u8::is_ascii_whitespace);
    assert_eq!(options.nokaslr, words.any(|word| word == b"nokaslr"));
    assert!(!(options.mode.is_some() && options.unknown_mode), "a mode is known or it is not");

    if !bytes.windows(MODE.len()).any(|part| part == MODE) {
        assert!(options.mode.is_none() && !options.unknown_mode);
    }
    let line = CommandLine::new(bytes);
    assert_eq!(line.has("nokaslr"), options.nokaslr);
    assert!(!line.to_string().contains(char::is_control), "a control character is escaped");
}
