//! `run --dump-facts`: what a boot started from, written down so that `plan --facts` can predict it
//! again.

use std::io;
use std::path::{Path, PathBuf};

use landfall_paging::Mode;
use landfall_plan::facts::MemoryTypes;
use landfall_plan::{Plan, Rule};

use crate::output;
use crate::plan::at_stop;
use crate::private;
use crate::stopped::StoppedMachine;
use crate::verdict::Verdict;
use landfall_predict::blueprint::Blueprint;
use landfall_predict::case::{Case, Refused};
use landfall_predict::facts_file::{FactsFile, Probe};
use thiserror::Error;

/// A file of facts that cannot be written.
#[derive(Debug, Error)]
#[error("cannot write the facts to {path}: {source}")]
pub struct FactsNotWritten {
    /// The file.
    pub path: PathBuf,
    /// The system's error.
    pub source: io::Error,
}

/// Writes `facts` to `path`, in place of an earlier file. It holds seeds: only its owner may read
/// it, and no link is followed.
///
/// # Errors
/// [`FactsNotWritten`] if the file cannot be written, or `path` is a symbolic link.
pub fn write(facts: &FactsFile, path: &Path) -> Result<(), FactsNotWritten> {
    let text = format!("{:#}\n", facts.to_json());
    private::write(path, text.as_bytes()).map_err(|source| FactsNotWritten { path: path.to_owned(), source })
}

/// The state at the kernel's first instruction.
#[derive(Debug)]
pub struct Dump {
    case: Result<Case, Refused>,
    command_line: Vec<u8>,
}

impl Dump {
    /// Reads everything there is, before the kernel wipes what it does not want to be read later.
    #[must_use]
    pub fn at(stopped: &StoppedMachine, kernel: &Blueprint) -> Self {
        let case = at_stop(stopped, kernel);
        let line = case.as_ref().ok().and_then(|case| {
            let line = case.facts.command_line;
            let start = usize::try_from(line.start().wrapping_offset_from(case.facts.tree.start())).ok()?;
            let bytes = stopped.tree.as_ref()?.get(start..)?.get(..usize::try_from(line.size()).ok()?)?;
            Some(bytes.to_vec())
        });
        Self { case, command_line: line.unwrap_or_default() }
    }

    /// Writes the file, with what the kernel itself found out: `verdict` holds its report.
    ///
    /// # Errors
    /// As [`write()`].
    pub fn finish(self, verdict: Option<&Verdict>, path: &Path) -> Result<(), FactsNotWritten> {
        let (case, policy) = match self.case.map(|case| (case.policy, case)) {
            Ok((Ok(policy), case)) => (case, policy),
            Ok((Err(error), _)) => {
                output::note(format_args!("note: no facts are written; the policy is invalid: {error}"));
                return Ok(());
            }
            Err(refused) => {
                output::note(format_args!("note: no facts are written; they cannot be read ({refused})"));
                return Ok(());
            }
        };
        let mut facts = case.facts;
        let reported = |key: &str| match verdict {
            Some(Verdict::Landed(report)) => report.get(key).and_then(|value| value.as_str()),
            _ => None,
        };
        if reported("/memory_types").is_some_and(|types| types == MemoryTypes::Thead.to_string()) {
            facts.memory_types = MemoryTypes::Thead;
        }
        if reported("/kaslr/source").is_some_and(|source| source.contains("zkr")) {
            output::note(
                "note: the facts do not reproduce this layout; they lack the output of the hart's generator (Zkr)",
            );
        }
        let probe = match (reported("/mode").and_then(Mode::from_name), verdict) {
            (Some(mode), _) => Probe::Took(mode),
            (None, Some(Verdict::Refused { rule, .. })) if *rule == Rule::ProbeFailed.to_string() => {
                Probe::TookNothing
            }
            _ => Probe::NotRun,
        };
        if probe == Probe::NotRun {
            output::note("note: the facts contain no mode (null); the kernel did not probe one");
        }
        let file = FactsFile {
            plan_version: Plan::VERSION,
            facts,
            command_line: self.command_line,
            policy,
            missing: case.missing,
            slots: case.slots,
            probe,
            seeds: case.seeds,
        };
        write(&file, path)
    }
}

/// Checks that a file can be written at `path`. A boot takes seconds, and its seeds do not come
/// again.
///
/// # Errors
/// [`FactsNotWritten`] if its folder is missing or not writable, or if it is a folder or a symbolic
/// link.
pub fn check_place(path: &Path) -> Result<(), FactsNotWritten> {
    private::try_place(path).map_err(|source| FactsNotWritten { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use landfall_predict::facts_file;

    #[test]
    fn a_place_for_no_file_is_told_from_one_for_a_file() {
        let directory = private::folder("landfall-").expect("a directory");
        let at = |name: &str| directory.path().join(name);
        fs::write(at("file"), "").expect("a file");
        for path in [at("new"), at("file"), "new".into(), "/dev/null".into()] {
            assert!(check_place(&path).is_ok(), "{}", path.display());
        }
        assert_eq!(fs::read_dir(directory.path()).expect("the directory").count(), 1, "nothing is left");
        // The system's own folders have no room for files, not even for root.
        for path in [
            at("none/new"),
            at("file/new"),
            at(""),
            ".".into(),
            "/".into(),
            "/proc/new".into(),
            "/sys/new".into(),
        ] {
            let message = check_place(&path).expect_err("no place for a file").to_string();
            let begins = format!("cannot write the facts to {}: ", path.display());
            assert!(message.starts_with(&begins), "{message}");
        }
    }

    #[test]
    fn only_the_owner_may_read_a_file_with_seeds() {
        use std::os::unix::fs::PermissionsExt;

        let sound = FactsFile::parse(include_bytes!("../tests/facts.json")).expect("a file of facts");
        let directory = private::folder("landfall-").expect("a directory");
        for name in ["new", "open to all"] {
            let path = directory.path().join(name);
            if name != "new" {
                fs::write(&path, "x".repeat(1 << 16)).expect("a file");
                fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("our own file");
            }
            write(&sound, &path).expect("a place for it");
            let mode = fs::metadata(&path).expect("the file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
            assert_eq!(facts_file::read(&path).expect("our own file").to_json(), sound.to_json());
        }
        let error = write(&sound, directory.path()).expect_err("a folder");
        assert!(error.to_string().starts_with("cannot write the facts to /"), "{error}");
        write(&sound, Path::new("/dev/null")).expect("a device file");
    }
}
