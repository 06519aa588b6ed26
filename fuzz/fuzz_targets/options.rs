//! Command lines.

#![no_main]

use landfall_plan::Options;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|command_line: &str| {
    let options = Options::parse(command_line);
    let mut words = command_line.split(|letter: char| letter.is_ascii_whitespace());
    assert_eq!(options.nokaslr, words.any(|word| word == "nokaslr"));
    assert!(!(options.mode.is_some() && options.unknown_mode), "a mode is known or it is not");
    if !command_line.contains("landfall.mode=") {
        assert!(options.mode.is_none() && !options.unknown_mode);
    }
});
