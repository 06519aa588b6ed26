//! Lines of the console that tools read.

use std::fs;
use std::process::Command;

use landfall_image::console::PANIC;
use landfall_project::root;

#[test]
fn every_text_of_a_panic_begins_as_tools_expect() {
    let mut git = Command::new("git");
    git.args(["ls-files", "*.rs", "*.s", "*.S", "*.c"]).current_dir(root());
    let list = git.output().expect("git");
    let files = String::from_utf8(list.stdout).expect("names");
    let (mut found, mut wrong) = (0, Vec::new());
    for file in files.lines() {
        // A file may be gone that Git still lists.
        let Ok(text) = fs::read_to_string(root().join(file)) else { continue };
        for line in text.lines() {
            let word = PANIC.trim_end();
            let texts = line.match_indices(word).map(|(start, _)| &line[start..]);
            // A message names the word alone, between quotes.
            let names = |text: &str| text[word.len()..].starts_with(['"', '\\']);
            for text in texts.filter(|text| !names(text)) {
                found += 1;
                if !text.starts_with(PANIC) {
                    wrong.push(format!("{file}: {}", line.trim()));
                }
            }
        }
    }
    assert!(found > 10, "{found} texts were found");
    assert!(wrong.is_empty(), "these lines are no verdict for tools:\n{}", wrong.join("\n"));
}
