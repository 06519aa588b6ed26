//! A file of `patterns/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::compilers::Language;

/// A pattern, in one language or two.
pub(crate) struct Pattern {
    pub(crate) name: String,
    /// Its description: the first line of its file.
    pub(crate) about: String,
    sources: BTreeMap<Language, PathBuf>,
}

impl Pattern {
    /// All of them, by name.
    pub(crate) fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codegen/patterns");
        let mut patterns = BTreeMap::<String, Self>::new();
        for entry in fs::read_dir(folder).expect("the patterns") {
            let path = entry.expect("a pattern").path();
            let language = match path.extension().and_then(|extension| extension.to_str()) {
                Some("rs") => Language::Rust,
                Some("c") => Language::C,
                other => panic!("{}: a pattern in {other:?}", path.display()),
            };
            let text = fs::read_to_string(&path).expect("a pattern");
            let first = text.lines().next().unwrap_or_default();
            let about = first.trim_start_matches(['/', '*', '!', ' ']).trim_end_matches(['/', '*', ' ']);
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let pattern = patterns.entry(name.clone()).or_insert_with(|| Self {
                name,
                about: about.to_owned(),
                sources: BTreeMap::new(),
            });
            assert_eq!(pattern.about, about, "{}: both languages say the same", path.display());
            pattern.sources.insert(language, path);
        }
        patterns.into_values().collect()
    }

    pub(crate) fn source(&self, language: Language) -> Option<&Path> {
        self.sources.get(&language).map(PathBuf::as_path)
    }
}
