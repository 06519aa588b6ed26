//! The question that a note answers: this selection, in this folder, by this program.

use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, path};

use super::identity;
use crate::kernel::Selection;
use crate::own;

/// Variables that differ from command to command, and that no build looks at.
const IGNORED: [&str; 5] = ["_", "COLUMNS", "LINES", "OLDPWD", "SHLVL"];

/// Variables that name another compiler, whose state a note cannot list.
const COMPILERS: [&str; 6] = [
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTC",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
];

/// A question, and the folders in which its answer may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// Identifies the question. The environment may hold secrets, so only its hash is in here.
    pub(super) text: String,
    /// The name of the note's file.
    pub(super) name: String,
    /// Folders that Cargo may build into.
    pub(super) targets: Vec<PathBuf>,
}

impl Question {
    /// Returns the question of a user who selects a kernel here and now; `None` if no note can
    /// answer it.
    pub(crate) fn of(selection: &Selection) -> Option<Self> {
        let program = identity(&own::program().ok()?)?;
        Self::asked(selection, &env::current_dir().ok()?, env::vars_os().collect(), &program)
    }

    fn asked(
        selection: &Selection,
        folder: &Path,
        mut environment: Vec<(OsString, OsString)>,
        program: &str,
    ) -> Option<Self> {
        let is_one_of = |name: &OsString, names: &[&str]| names.iter().any(|other| name == other);
        environment.retain(|(name, _)| !is_one_of(name, &IGNORED));
        if environment.iter().any(|(name, _)| is_one_of(name, &COMPILERS)) {
            return None;
        }
        environment.sort();
        let words = format!("{selection:?} in {}", folder.display());
        let (name, environment_hash) = (hash(&words), hash(&environment));
        let value = |name| environment.iter().find(|(other, _)| other == name).map(|(_, value)| value);
        let target = value("CARGO_TARGET_DIR").or_else(|| value("CARGO_BUILD_TARGET_DIR"));
        let manifest = selection.manifest_path.as_ref().map(|path| folder.join(path));
        let base = path::absolute(manifest.as_deref().and_then(Path::parent).unwrap_or(folder)).ok()?;
        let targets = match target {
            Some(path) => vec![folder.join(path)],
            None => base.ancestors().map(|ancestor| ancestor.join("target")).collect(),
        };
        let text = format!("{words}, environment {environment_hash:016x}, program {program}");
        (!text.contains('\n')).then(|| Self { text, name: format!("{name:016x}"), targets })
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Artifact, BuildOptions};

    fn asked(selection: &Selection, folder: &str, variables: &[(&str, &str)]) -> Option<Question> {
        let environment = variables.iter().map(|(name, value)| (name.into(), value.into())).collect();
        Question::asked(selection, Path::new(folder), environment, "program 1")
    }

    #[test]
    fn each_word_folder_variable_and_program_is_another_question() {
        let plain = Selection::named("k");
        let with = |options| Selection { options, ..plain.clone() };
        let profile = with(BuildOptions { profile: Some("dev".into()), ..BuildOptions::default() });
        let features = with(BuildOptions { features: vec!["f".into()], ..BuildOptions::default() });
        let part = Selection { artifact: Some(Artifact::Bin("b".into())), ..plain.clone() };
        let manifest = Selection { manifest_path: Some("m/Cargo.toml".into()), ..plain.clone() };
        let one = asked(&plain, "/w", &[("A", "1")]).expect("a question");
        for other in [
            asked(&profile, "/w", &[("A", "1")]),
            asked(&features, "/w", &[("A", "1")]),
            asked(&part, "/w", &[("A", "1")]),
            asked(&manifest, "/w", &[("A", "1")]),
            asked(&plain, "/v", &[("A", "1")]),
            asked(&plain, "/w", &[("A", "2")]),
            asked(&plain, "/w", &[("A", "1"), ("B", "")]),
            asked(&plain, "/w", &[]),
            Question::asked(&plain, Path::new("/w"), vec![("A".into(), "1".into())], "program 2"),
        ] {
            assert_ne!(other.expect("a question").text, one.text);
        }
        assert_eq!(asked(&plain, "/w", &[("SHLVL", "2"), ("A", "1"), ("_", "x")]), Some(one));
    }

    #[test]
    fn a_compiler_that_a_variable_names_leaves_no_question() {
        for name in COMPILERS {
            assert_eq!(asked(&Selection::named("k"), "/w", &[(name, "sccache")]), None, "{name}");
        }
    }

    #[test]
    fn the_environment_is_not_written_down() {
        let question = asked(&Selection::named("k"), "/w", &[("TOKEN", "secret")]).expect("a question");
        assert!(!format!("{question:?}").contains("secret"));
    }

    #[test]
    fn notes_lie_where_cargo_builds() {
        let paths = |paths: &[&str]| paths.iter().map(PathBuf::from).collect::<Vec<_>>();
        let kernel = Selection::named("k");
        let targets = |variables: &[_]| asked(&kernel, "/w/k", variables).expect("a question").targets;
        assert_eq!(targets(&[]), paths(&["/w/k/target", "/w/target", "/target"]));
        assert_eq!(targets(&[("CARGO_TARGET_DIR", "/t")]), paths(&["/t"]));
        assert_eq!(targets(&[("CARGO_BUILD_TARGET_DIR", "t")]), paths(&["/w/k/t"]));
        let elsewhere = Selection { manifest_path: Some("/v/Cargo.toml".into()), ..Selection::default() };
        let targets = asked(&elsewhere, "/w/k", &[]).expect("a question").targets;
        assert_eq!(targets, paths(&["/v/target", "/target"]));
    }
}
