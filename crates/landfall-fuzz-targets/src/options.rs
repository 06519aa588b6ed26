//! Command lines.

use landfall_plan::Options;

/// Reads the input as a command line.
///
/// # Panics
/// If landfall fails on it.
pub fn run(bytes: &[u8]) {
    let Ok(command_line) = std::str::from_utf8(bytes) else { return };
    let options = Options::parse(command_line);
    let mut words = command_line.split(|letter: char| letter.is_ascii_whitespace());
    assert_eq!(options.nokaslr, words.any(|word| word == "nokaslr"));
    assert!(!(options.mode.is_some() && options.unknown_mode), "a mode is known or it is not");
    if !command_line.contains("landfall.mode=") {
        assert!(options.mode.is_none() && !options.unknown_mode);
    }
}
