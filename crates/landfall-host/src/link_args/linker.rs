//! A linker: its kind, and its version if a program was named.

use std::convert::Infallible;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::str::FromStr;

use landfall_build::link::Linker;

use super::LinkArgsError;
use crate::setup::version::Version;

/// The linker that a user names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedLinker {
    /// Its kind: `gnu` or `lld`.
    Kind(Linker),
    /// A program, which states kind and version.
    Program(PathBuf),
}

/// A linker that is known to link kernels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KnownLinker {
    pub(super) kind: Linker,
    pub(super) version: Option<Version>,
}

impl FromStr for NamedLinker {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "gnu" => Self::Kind(Linker::Gnu),
            "lld" => Self::Kind(Linker::Lld),
            program => Self::Program(program.into()),
        })
    }
}

/// Returns the linker's name.
pub(super) const fn name(kind: Linker) -> &'static str {
    match kind {
        Linker::Gnu => "GNU ld",
        Linker::Lld => "LLD",
    }
}

/// The oldest version that links kernels, and that the tests link with.
const fn required(kind: Linker) -> Version {
    match kind {
        Linker::Gnu => Version::new(2, 40),
        // The first with `-z pack-relative-relocs`.
        Linker::Lld => Version::new(15, 0),
    }
}

impl NamedLinker {
    /// Asks a program for its version, and returns what it is.
    pub(super) fn known(&self) -> Result<KnownLinker, LinkArgsError> {
        let program = match self {
            Self::Kind(kind) => return Ok(KnownLinker { kind: *kind, version: None }),
            Self::Program(program) => program.clone(),
        };
        let output = Command::new(&program).arg("--version").stdin(Stdio::null()).output();
        let output = output.map_err(|source| LinkArgsError::Start { program: program.clone(), source })?;
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().next().unwrap_or_default();
        let Some((kind, found)) = of_line(line) else {
            return Err(LinkArgsError::Unknown { program, output: line.chars().take(80).collect() });
        };
        let required = required(kind);
        if found < required {
            return Err(LinkArgsError::Old { program, kind: name(kind), found, required });
        }
        Ok(KnownLinker { kind, version: Some(found) })
    }
}

/// Returns the kind and the version in the first line of `--version`. Distributions put their name
/// in front of LLD's, and in brackets behind GNU's.
fn of_line(line: &str) -> Option<(Linker, Version)> {
    if line.starts_with("GNU ld ") {
        return Some((Linker::Gnu, Version::of_package(line.split_whitespace().next_back()?)?));
    }
    let (_, version) = line.split_once("LLD ")?;
    Some((Linker::Lld, Version::of_package(version)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linkers_state_kind_and_version() {
        for (line, kind, version) in [
            ("GNU ld (GNU Binutils for Debian) 2.40", Linker::Gnu, Version::new(2, 40)),
            ("GNU ld (GNU Binutils) 2.43.1", Linker::Gnu, Version::new(2, 43)),
            ("GNU ld version 2.35.2-24.el9", Linker::Gnu, Version::new(2, 35)),
            ("Debian LLD 15.0.6", Linker::Lld, Version::new(15, 0)),
            (
                "LLD 22.1.2 (/checkout/src/llvm-project abc) (compatible with GNU linkers)",
                Linker::Lld,
                Version::new(22, 1),
            ),
        ] {
            assert_eq!(of_line(line), Some((kind, version)), "{line}");
        }
        for line in [
            "",
            "GNU ld ",
            "mold 2.3.3 (compatible with GNU ld)",
            "GNU gold (GNU Binutils 2.40) 1.16",
            "LLD ",
        ] {
            assert_eq!(of_line(line), None, "{line}");
        }
    }

    #[test]
    fn a_program_that_is_no_linker_is_an_error() {
        let known = |name: &str| NamedLinker::from_str(name).expect("any name").known();
        assert!(matches!(known("/nonexistent/ld"), Err(LinkArgsError::Start { .. })));
        assert!(matches!(known("true"), Err(LinkArgsError::Unknown { .. })));
        assert_eq!(known("lld").expect("a kind").version, None);
    }
}
