//! Commands with their output, as documents show them: they are run, and compared except for
//! numbers.
//!
//! A document shows some lines of the output. The command must print each of them, except for
//! numbers, sizes and counts of leaves: those differ with every change of the kernel. `[...]`
//! stands for the rest of a line.

use std::process::{Command, Stdio};

use super::blocks::Block;
use crate::command;

/// Runs the command of a block that begins with `$ `.
pub(super) fn check(block: &Block) -> Result<(), String> {
    let mut lines = block.text.lines();
    let command =
        lines.next().and_then(|line| line.strip_prefix("$ ")).ok_or("the first line has no `$ `")?;
    let arguments = command.strip_prefix("cargo landfall ").ok_or("the command is not `cargo landfall`")?;
    let own = command::path()?;
    let output = Command::new(own)
        .args(arguments.split_whitespace())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let messages = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let found: Vec<_> = messages.lines().map(shape).collect();
    let missing: Vec<_> = lines.filter(|line| !line.is_empty() && !is_among(line, &found)).collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!("the command does not print:\n{}\nbut:\n{messages}", missing.join("\n")))
    }
}

fn is_among(line: &str, found: &[String]) -> bool {
    match line.split_once("[...]") {
        Some((start, _)) => found.iter().any(|found| found.starts_with(&shape(start))),
        None => found.contains(&shape(line)),
    }
}

/// Returns the words of a line: single spaces, `#` for numbers, SIZE for sizes, LEAVES for counts
/// of leaves.
fn shape(line: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        let word = numberless(word);
        let bare = word.trim_end_matches([',', ':']);
        match (words.as_slice(), bare) {
            ([.., number], "bytes" | "KiB" | "MiB" | "GiB" | "TiB" | "PiB") if number == "#" => {
                words.pop();
                words.push(word.replace(bare, "SIZE"));
            }
            // `15 x 1G`, and the same behind ` + `.
            ([.., number, times], _) if number == "#" && times == "x" && bare.starts_with('#') => {
                words.truncate(words.len() - 2);
                if words.ends_with(&["LEAVES".to_owned(), "+".to_owned()]) {
                    words.truncate(words.len() - 2);
                }
                words.push(format!("LEAVES{}", &word[bare.len()..]));
            }
            _ => words.push(word),
        }
    }
    words.join(" ")
}

/// Returns the word with `#` for each number in it, decimal or hex.
fn numberless(word: &str) -> String {
    let mut result = String::new();
    let mut rest = word;
    while let Some(start) = rest.find(|character: char| character.is_ascii_digit()) {
        let (before, number) = rest.split_at(start);
        result.push_str(before);
        result.push('#');
        let is_hex = number.starts_with("0x");
        let digits = if is_hex { &number[2..] } else { number };
        let length = digits
            .find(
                |character: char| {
                    if is_hex { !character.is_ascii_hexdigit() } else { !character.is_ascii_digit() }
                },
            )
            .unwrap_or(digits.len());
        rest = &digits[length..];
        // A decimal fraction belongs to its number.
        if let Some(fraction) =
            rest.strip_prefix('.').filter(|fraction| fraction.starts_with(|c: char| c.is_ascii_digit()))
        {
            rest = fraction.trim_start_matches(|character: char| character.is_ascii_digit());
        }
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_sizes_and_leaves_may_differ() {
        let same = [
            ("      kernel      0xfffc30a7 at 0x80200000", "kernel 0x1 at 0x2"),
            ("  204 KiB, 423 slots, 104 x 4K", "1.5 MiB, 9 slots, 1 x 2M + 10 x 4K"),
            ("0xffff  18.32 GiB  ---  nothing", "0x0 2 MiB --- nothing"),
            ("landed in sv57", "landed in sv39"),
        ];
        for (one, other) in same {
            assert_eq!(shape(one), shape(other));
        }
        for (one, other) in [("4 harts", "4 hart"), ("2 MiB R--", "2 MiB RW-"), ("kernel 1 x 4K", "kernel")] {
            assert_ne!(shape(one), shape(other));
        }
    }

    #[test]
    fn the_rest_of_a_line_may_be_left_out() {
        let found = [shape("why: a kernel relocates itself")];
        assert!(is_among("  why: a kernel [...]", &found) && is_among("[...]", &found));
        assert!(!is_among("why: a", &found) && !is_among("why: the [...]", &found));
    }
}
