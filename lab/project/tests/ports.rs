//! The differences in docs/porting.md are those between the two kernels of `kernels/port`.

use std::fs;
use std::path::PathBuf;

fn read(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A difference: its file, and its lines with their signs.
struct Difference<'a> {
    file: &'a str,
    lines: Vec<&'a str>,
}

/// Returns the differences of a document. The last file that a line names at its begin is theirs.
fn differences(document: &str) -> Vec<Difference<'_>> {
    let (mut found, mut file, mut lines) = (Vec::new(), "", document.lines());
    while let Some(line) = lines.next() {
        let named = line.strip_prefix('`').and_then(|rest| rest.split_once('`'));
        if let Some((name, _)) = named.filter(|(name, _)| !name.is_empty()) {
            file = name;
        }
        if line == "```diff" {
            let lines = lines.by_ref().take_while(|line| *line != "```").collect();
            found.push(Difference { file, lines });
        }
    }
    found
}

impl Difference<'_> {
    /// Returns the lines of one side, in which lines without a sign stand too.
    fn side(&self, sign: char) -> String {
        let lines = self.lines.iter().filter(|line| line.starts_with([sign, ' ']) || line.is_empty());
        lines.map(|line| line.get(1..).unwrap_or_default().to_owned() + "\n").collect()
    }
}

#[test]
fn each_difference_in_the_guide_is_one_of_the_two_kernels() {
    let document = read("docs/porting.md");
    let found = differences(&document);
    assert!(found.len() >= 7, "the guide shows {} differences", found.len());
    for difference in found {
        let file = difference.file;
        for (side, sign) in [("fixed", '-'), ("landed", '+')] {
            let (text, wanted) = (read(&format!("kernels/port/{side}/{file}")), difference.side(sign));
            assert!(text.contains(&wanted), "kernels/port/{side}/{file} does not contain:\n{wanted}");
        }
    }
}
