//! The words of Cargo, which go to stderr.

use std::io::{BufRead, BufReader, Read, Write};

/// The words of Cargo in a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    /// They went to the user unheard.
    Unheard,
    /// The end of the build, and nothing else.
    End,
    /// Others, such as warnings.
    Others,
}

/// The way of Cargo's words to stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// They go straight there, with bars of progress on a terminal.
    Straight,
    /// They pass through this process, which hears them.
    Heard,
}

/// Passes the words of Cargo on, and returns which they were.
pub(super) fn hear(from: impl Read, mut to: impl Write) -> Words {
    let mut lines = 0;
    let mut words = Words::End;
    for line in BufReader::new(from).split(b'\n') {
        let Ok(line) = line else { return Words::Others };
        // As Cargo writes it, with its colors.
        let _ = to.write_all(&[&line[..], b"\n"].concat());
        lines += 1;
        if lines > 1 || !String::from_utf8_lossy(&line).contains("Finished") {
            words = Words::Others;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_build_is_known_from_other_words() {
        let end = "\x1b[1m    Finished\x1b[0m `release` profile [optimized] target(s) in 0.03s\n";
        let warned = format!("warning: unused variable\n{end}");
        for (text, words) in [(end, Words::End), (&warned, Words::Others), ("error\n", Words::Others)] {
            let mut passed = Vec::new();
            assert_eq!((hear(text.as_bytes(), &mut passed), passed), (words, text.as_bytes().to_vec()));
        }
    }
}
