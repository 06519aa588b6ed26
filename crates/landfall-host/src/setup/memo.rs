//! Answers of programs that stay the same as long as the program's file does.
//!
//! QEMU takes as long to print its version as a kernel to land. The answers lie in the user's
//! cache. Without a cache, each run asks.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, process};

use crate::cache;
use crate::fresh::identity;

/// Returns the text that a program of the search path prints on stdout; `None` if it does not
/// start.
pub(super) fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let folders = env::var_os("PATH")?;
    let mut paths = env::split_paths(&folders).map(|folder| folder.join(program));
    let path = paths.find(|path| path.is_file())?;
    ask(&path, arguments, cache::folder().as_deref())
}

/// Returns the answer of a program, which `cache` may have.
fn ask(program: &Path, arguments: &[&str], cache: Option<&Path>) -> Option<String> {
    let question = question(program, arguments);
    let place = cache.zip(question.as_ref()).map(|(cache, question)| cache.join(name(question)));
    if let (Some(place), Some(question)) = (&place, &question)
        && let Ok(text) = fs::read_to_string(place)
        && let Some(answer) = text.strip_prefix(question.as_str())
    {
        return Some(answer.to_owned());
    }
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    let answer = String::from_utf8_lossy(&output.stdout).into_owned();
    if let (Some(place), Some(question), true) = (place, question, output.status.success()) {
        keep(&place, &format!("{question}{answer}"));
    }
    Some(answer)
}

/// Returns the first line of an answer's file: the question, and the identity of the program's
/// file.
fn question(program: &Path, arguments: &[&str]) -> Option<String> {
    let path = program.canonicalize().ok()?;
    Some(format!("{} {arguments:?} {}\n", path.display(), identity(&path)?))
}

/// Returns the name of an answer's file. The question in the file decides, so equal names do no
/// harm.
fn name(question: &str) -> String {
    let mut hasher = DefaultHasher::new();
    question.hash(&mut hasher);
    format!("answer-{:016x}", hasher.finish())
}

/// Writes the file as a whole. A cache that cannot be written stays empty.
fn keep(place: &Path, text: &str) {
    let Some(folder) = place.parent() else { return };
    let half: PathBuf = place.with_extension(process::id().to_string());
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&half, text));
    if written.and_then(|()| fs::rename(&half, place)).is_err() {
        let _ = fs::remove_file(&half);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// Writes a program that counts its runs, and prints `word` and their number.
    fn program(folder: &Path, word: &str) -> PathBuf {
        let path = folder.join("program");
        let text =
            format!("#!/bin/sh\necho x >> {0}/runs\necho {word} $1 $(wc -l < {0}/runs)\n", folder.display());
        fs::write(&path, text).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("permissions");
        path
    }

    #[test]
    fn a_program_is_asked_again_only_if_its_file_or_the_question_differs() {
        let directory = crate::private::folder("landfall-").expect("a directory");
        let (folder, cache) = (directory.path(), directory.path().join("cache"));
        let ask = |path: &Path, argument| ask(path, &[argument], Some(&cache)).expect("it starts");
        let path = program(folder, "old");
        assert_eq!(
            [ask(&path, "a"), ask(&path, "a"), ask(&path, "b")],
            ["old a 1\n", "old a 1\n", "old b 2\n"]
        );
        let path = program(folder, "newer");
        assert_eq!([ask(&path, "a"), ask(&path, "a")], ["newer a 3\n", "newer a 3\n"]);
    }

    #[test]
    fn without_a_cache_each_run_asks() {
        let directory = crate::private::folder("landfall-").expect("a directory");
        let path = program(directory.path(), "w");
        let found = [ask(&path, &[], None), ask(&path, &[], None)];
        assert_eq!(found, [Some("w 1\n".to_owned()), Some("w 2\n".to_owned())]);
    }
}
