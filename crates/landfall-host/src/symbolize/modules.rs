//! Names for addresses in modules, by the lines in which a kernel reports where it loads them:
//!
//! ```text
//! landfall: module NAME text 0x... constants 0x... data 0x...
//! landfall: module NAME unloaded
//! ```

use std::cell::OnceCell;
use std::path::PathBuf;
use std::str::FromStr;

use landfall_inspect::Subject;
use landfall_inspect::subject::{Frame, Part};

use crate::modules::ModuleFile;
use landfall_predict::units::Address;

/// The start of such a line.
const MODULE: &str = "landfall: module ";

/// A module's file, and the addresses of its parts if the log does not state them:
/// `FILE.ko@TEXT:CONSTANTS:DATA`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedModule {
    /// The file.
    pub path: PathBuf,
    /// The addresses of text, constants and data.
    pub parts: Option<[Address; 3]>,
}

impl FromStr for PlacedModule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A path may have the sign in it.
        let Some((path, parts)) = text.rsplit_once('@').filter(|(_, parts)| parts.contains(':')) else {
            return Ok(Self { path: text.into(), parts: None });
        };
        let addresses: Result<Vec<Address>, _> = parts.split(':').map(str::parse).collect();
        let addresses = addresses.map_err(|error| format!("{error}"))?;
        let parts = addresses.try_into().map_err(|_| {
            format!("\"{parts}\" is no TEXT:CONSTANTS:DATA; write the addresses of the three parts")
        })?;
        Ok(Self { path: path.into(), parts: Some(parts) })
    }
}

/// Modules whose files are known, and those of them that are loaded.
#[derive(Debug, Default)]
pub(super) struct Modules<'a> {
    files: &'a [ModuleFile],
    loaded: Vec<Loaded<'a>>,
}

/// A module that is loaded.
#[derive(Debug)]
struct Loaded<'a> {
    file: &'a ModuleFile,
    parts: [Address; 3],
    /// Read when the first address in it comes.
    subject: OnceCell<Option<Subject<'a>>>,
}

impl<'a> Modules<'a> {
    pub(super) const fn of(files: &'a [ModuleFile]) -> Self {
        Self { files, loaded: Vec::new() }
    }

    /// From now on the module of this name is at these addresses; without them it is not loaded.
    pub(super) fn load(&mut self, name: &str, parts: Option<[Address; 3]>) {
        self.loaded.retain(|loaded| loaded.file.name != name);
        let file = self.files.iter().find(|file| file.name == name);
        if let (Some(file), Some(parts)) = (file, parts) {
            self.loaded.push(Loaded { file, parts, subject: OnceCell::new() });
        }
    }

    /// Takes the addresses of a module from `line`, if it states them.
    pub(super) fn learn(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix(MODULE) else { return };
        let mut words = rest.split_whitespace();
        let Some(name) = words.next() else { return };
        let mut part = |word: &str| {
            (words.next() == Some(word)).then(|| words.next()?.trim_end_matches(',').parse().ok()).flatten()
        };
        match (part("text"), part("constants"), part("data")) {
            (Some(text), Some(constants), Some(data)) => self.load(name, Some([text, constants, data])),
            _ if rest.split_whitespace().nth(1) == Some("unloaded") => self.load(name, None),
            _ => {}
        }
    }

    /// Returns the functions at an address in a module, and the name of the module.
    pub(super) fn frames(&self, address: Address) -> Option<(&str, Vec<Frame>)> {
        self.loaded.iter().find_map(|loaded| Some((loaded.file.name.as_str(), loaded.frames(address)?)))
    }
}

impl Loaded<'_> {
    fn frames(&self, address: Address) -> Option<Vec<Frame>> {
        let subject = self.subject.get_or_init(|| Subject::read(&self.file.bytes).ok()).as_ref()?;
        let [start, ..] = self.parts;
        let offset = address.wrapping_offset_from(start);
        let place = Part::Text.base().wrapping_add(offset);
        let is_code = offset < subject.part_size(Part::Text) && subject.holds_code(place);
        is_code.then(|| subject.frames(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> ModuleFile {
        ModuleFile { name: name.to_owned(), path: name.into(), bytes: Vec::new() }
    }

    #[test]
    fn a_module_is_where_the_last_line_states() {
        let files = [file("a"), file("b")];
        let mut modules = Modules::of(&files);
        let places = |modules: &Modules<'_>| {
            modules
                .loaded
                .iter()
                .map(|loaded| (loaded.file.name.clone(), loaded.parts[0].0))
                .collect::<Vec<_>>()
        };
        modules.learn("landfall: module a text 0x1000 constants 0x2000 data 0x3000");
        modules.learn("landfall: module b text 0x4000 constants 0x5000 data 0x6000, 3 pages");
        assert_eq!(places(&modules), [("a".to_owned(), 0x1000), ("b".to_owned(), 0x4000)]);
        modules.learn("landfall: module a text 0x7000 constants 0x8000 data 0x9000");
        assert_eq!(places(&modules), [("b".to_owned(), 0x4000), ("a".to_owned(), 0x7000)]);
        for line in [
            "landfall: module c text 0x1 constants 0x2 data 0x3",
            "landfall: module b",
            "landfall: module b text x constants 0x2 data 0x3",
            "module b unloaded",
        ] {
            modules.learn(line);
            assert_eq!(places(&modules).len(), 2, "{line}");
        }
        modules.learn("landfall: module b unloaded");
        assert_eq!(places(&modules), [("a".to_owned(), 0x7000)]);
    }

    #[test]
    fn a_module_has_its_addresses_behind_its_file() {
        let placed = |text: &str| text.parse::<PlacedModule>().map(|module| (module.path, module.parts));
        assert_eq!(placed("a@b.ko"), Ok(("a@b.ko".into(), None)));
        let parts = [0x1000, 0x2000, 0x3000].map(Address);
        assert_eq!(placed("a@b.ko@0x1000:0x2000:0x3000"), Ok(("a@b.ko".into(), Some(parts))));
        for wrong in ["a.ko@0x1:0x2", "a.ko@0x1:0x2:0x3:0x4", "a.ko@x:y:z"] {
            assert!(placed(wrong).is_err(), "{wrong}");
        }
    }
}
