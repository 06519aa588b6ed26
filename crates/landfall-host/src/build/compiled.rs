//! A package that Cargo has built, as its output states it.

use std::path::PathBuf;

use serde_json::Value;

use super::words::Words;

/// A package that Cargo has built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Compiled {
    /// The ELF, as linked.
    pub(crate) linked: PathBuf,
    /// The parts of the build.
    pub(crate) units: Vec<Unit>,
    /// The words of Cargo, if it was heard.
    pub(crate) words: Words,
}

/// A part of a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A crate that was compiled, now or before.
    Artifact {
        /// The package, by Cargo's identifier.
        package: String,
        manifest: PathBuf,
        age: Age,
    },
    /// A build script that ran, now or before.
    Script {
        package: String,
        /// The file with its output.
        output: PathBuf,
    },
}

/// The time at which a part was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    /// Before the build: Cargo calls it fresh.
    Before,
    /// In the build.
    Now,
}

impl Unit {
    /// Returns the package, by Cargo's identifier.
    pub(crate) fn package(&self) -> &str {
        match self {
            Self::Artifact { package, .. } | Self::Script { package, .. } => package,
        }
    }

    /// Returns the package's manifest.
    pub(crate) const fn manifest(&self) -> Option<&PathBuf> {
        match self {
            Self::Artifact { manifest, .. } => Some(manifest),
            Self::Script { .. } => None,
        }
    }
}

impl Compiled {
    /// Returns true if Cargo had nothing to build and nothing to say.
    pub(crate) fn was_idle(&self) -> bool {
        let is_old = |unit: &Unit| !matches!(unit, Unit::Artifact { age: Age::Now, .. });
        self.words == Words::End && self.units.iter().all(is_old)
    }
}

/// Returns the part of a build that a line of Cargo's output names.
pub(super) fn unit(line: &str) -> Option<Unit> {
    let message: Value = serde_json::from_str(line).ok()?;
    let package = message["package_id"].as_str()?.to_owned();
    match message["reason"].as_str()? {
        "compiler-artifact" => {
            let age = if message["fresh"].as_bool()? { Age::Before } else { Age::Now };
            Some(Unit::Artifact { package, manifest: message["manifest_path"].as_str()?.into(), age })
        }
        "build-script-executed" => {
            let folder = PathBuf::from(message["out_dir"].as_str()?);
            Some(Unit::Script { package, output: folder.parent()?.join("output") })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_in_what_cargo_prints() {
        let line = r#"{"reason":"compiler-artifact","package_id":"p","manifest_path":"/m","fresh":true}"#;
        let artifact = |age| Unit::Artifact { package: "p".into(), manifest: "/m".into(), age };
        assert_eq!(unit(line), Some(artifact(Age::Before)));
        assert_eq!(unit(&line.replace("true", "false")), Some(artifact(Age::Now)));
        let line = r#"{"reason":"build-script-executed","package_id":"p","out_dir":"/b/p-1/out"}"#;
        assert_eq!(unit(line), Some(Unit::Script { package: "p".into(), output: "/b/p-1/output".into() }));
        for other in ["", "{}", r#"{"reason":"build-finished","success":true}"#] {
            assert_eq!(unit(other), None, "{other}");
        }
    }

    #[test]
    fn cargo_is_idle_if_it_prints_the_end_alone_and_builds_nothing() {
        let unit = |age| Unit::Artifact { package: String::new(), manifest: PathBuf::new(), age };
        let compiled = |words, age| Compiled { linked: PathBuf::new(), units: vec![unit(age)], words };
        assert!(compiled(Words::End, Age::Before).was_idle());
        assert!(!compiled(Words::End, Age::Now).was_idle());
        assert!(!compiled(Words::Others, Age::Before).was_idle());
        assert!(!compiled(Words::Unheard, Age::Before).was_idle());
    }
}
