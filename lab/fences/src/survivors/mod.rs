//! Changes that nothing notices, each with its reason.

mod hello;
mod kexec;
mod modules;
mod space;

use std::fs;
use std::path::Path;

/// A change that nothing notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Survivor {
    /// The name of the place, or its file. A part of the line may follow, or of the line where its
    /// function begins.
    pub place: &'static str,
    /// The start of the change, in words.
    pub change: &'static str,
    /// The reason why nothing notices it, and why the instruction stays.
    pub reason: &'static str,
}

/// A change of a place, and the first seed that kills it.
#[derive(Clone, Copy, Debug)]
pub struct Tried<'a> {
    /// The name of the place, or its file and line.
    pub place: &'a str,
    /// The missing order, in words.
    pub change: &'a str,
    /// The seed; `None` if the change survives all.
    pub killed_by: Option<u64>,
}

impl Survivor {
    /// Returns true if a change of a place is the one meant.
    #[must_use]
    pub fn is(&self, place: &str, change: &str) -> bool {
        let (file, line) = place.split_once(':').unwrap_or((place, ""));
        let (place, code) = self.place.split_once(": ").unwrap_or((self.place, ""));
        let is_there = || code.is_empty() || source(file, line, code).is_some();
        file == place && change.starts_with(self.change) && is_there()
    }
}

/// Finds code in a line of a file of this workspace, or in the line where its function begins.
fn source(file: &str, line: &str, code: &str) -> Option<()> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let text = fs::read_to_string(Path::new(root).join(file)).ok()?;
    let lines: Vec<_> = text.lines().take(line.parse().ok()?).collect();
    let function = lines.iter().rev().find(|line| line.contains("fn "));
    [lines.last(), function].into_iter().flatten().find(|line| line.contains(code)).map(|_| ())
}

/// Returns the changes that survive in the code that a kernel tries.
#[must_use]
pub fn of(kernel: &str) -> &'static [Survivor] {
    match kernel {
        "hello" => hello::SURVIVORS,
        "space" => space::SURVIVORS,
        "modules" => modules::SURVIVORS,
        "kexec" => kexec::SURVIVORS,
        _ => &[],
    }
}

/// Returns what is wrong with the list of a kernel, given what each change led to.
#[must_use]
pub fn faults(kernel: &str, all: &[Tried<'_>]) -> Vec<String> {
    let known = of(kernel);
    let survivors = || all.iter().filter(|tried| tried.killed_by.is_none());
    let is = |survivor: &Survivor, tried: &Tried<'_>| survivor.is(tried.place, tried.change);
    let unknown = survivors().filter(|tried| !known.iter().any(|survivor| is(survivor, tried)));
    let unknown =
        unknown.map(|tried| format!("{} in {} survives without a reason", tried.change, tried.place));
    let gone = known.iter().filter(|survivor| !survivors().any(|tried| is(survivor, tried)));
    let gone = gone.map(|survivor| {
        format!("{} in {} is killed, or gone, and has a reason to survive", survivor.change, survivor.place)
    });
    unknown.chain(gone).collect()
}

const fn survivor(place: &'static str, change: &'static str, reason: &'static str) -> Survivor {
    Survivor { place, change, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_or_its_function_names_the_place() {
        let file = "lab/fences/src/survivors/mod.rs";
        let text = include_str!("mod.rs");
        let line =
            1 + text.lines().position(|line| line.contains("Survivor { place, change")).expect("a line");
        let place = format!("{file}:{line}");
        for (name, is_it) in [
            ("lab/fences/src/survivors/mod.rs", true),
            ("lab/fences/src/survivors/mod.rs: Survivor { place", true),
            ("lab/fences/src/survivors/mod.rs: fn survivor", true),
            ("lab/fences/src/survivors/mod.rs: fn faults", false),
            ("lab/fences/src/survivors/space.rs", false),
        ] {
            assert_eq!(survivor(name, "no fence", "").is(&place, "no fence rw, w"), is_it, "{name}");
        }
        assert!(!survivor("landfall_probe", "no fence.i", "").is("landfall_probe", "no fence rw, w"));
    }

    #[test]
    fn a_survivor_without_a_reason_and_a_reason_without_a_survivor_are_faults() {
        let tried = |killed_by| Tried { place: "landfall_probe", change: "no sfence.vma", killed_by };
        assert_eq!(faults("none", &[tried(None)]).len(), 1);
        assert_eq!(faults("none", &[tried(Some(3))]).len(), 0);
        assert_eq!(faults("hello", &[tried(None)]).len(), of("hello").len() - 1);
        assert_eq!(faults("hello", &[tried(Some(3))]).len(), of("hello").len());
    }
}
