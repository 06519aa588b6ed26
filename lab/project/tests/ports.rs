//! The differences in docs/porting.md are those between the two kernels of `kernels/port`, and the
//! names in Rust are those of kernels that boot in tests.

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

/// Returns the code in a text: the words between backquotes, which may contain line breaks.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn each_recipe_has_its_form_in_rust_in_a_kernel() {
    let document = read("docs/porting.md");
    let (_, recipes) = document.split_once("\n## Recipes\n").expect("recipes");
    let (recipes, _) = recipes.split_once("\n## ").expect("an end");
    let mut recipes = recipes.split("\n### ").skip(1).peekable();
    assert!(recipes.peek().is_some());
    for recipe in recipes {
        let title = recipe.lines().next().unwrap_or_default();
        let (_, rest) =
            recipe.split_once("\nIn Rust: ").unwrap_or_else(|| panic!("{title}: no form in Rust"));
        let paragraph = rest.split("\n\n").next().unwrap_or_default();
        let mut names = Vec::new();
        for word in code(paragraph) {
            let is_file = ["kernels/", "examples/"].iter().any(|folder| word.starts_with(folder));
            if !is_file {
                names.push(word);
                continue;
            }
            let text = read(word);
            assert!(!names.is_empty(), "{title}: {word} is for no name");
            for name in names.drain(..) {
                assert!(text.contains(name), "{title}: {word} does not contain {name}");
            }
        }
        assert!(names.is_empty(), "{title}: no file contains {names:?}");
    }
}
