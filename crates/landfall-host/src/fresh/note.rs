//! The file that lists what a built kernel depends on.
//!
//! ```text
//! the question
//! confirmed | unconfirmed
//! the kernel's name
//! the path of its ELF, as linked
//! IDENTITY TAB PATH        for each input; behind them for the two sealed files
//! ```

use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, process};

use super::identity::{is_settled, or_absent};
use super::question::Question;
use crate::build::Built;

/// The folder of notes in Cargo's folder for output.
const FOLDER: &str = "landfall";

/// Says whether a note counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Cargo has built the kernel.
    Unconfirmed,
    /// Cargo has found nothing to build since, and has printed nothing else.
    Confirmed,
}

/// A built kernel, with the files that it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) state: State,
    /// The kernel's name, as messages state it.
    pub(crate) kernel: String,
    /// The ELF as Cargo linked it.
    linked: PathBuf,
    /// The inputs and the sealed files, with their identities.
    files: Vec<(String, PathBuf)>,
}

impl Note {
    /// Returns a note of this moment. Cargo linked `linked` from `inputs`.
    pub(crate) fn now(state: State, kernel: String, linked: PathBuf, inputs: Vec<PathBuf>) -> Self {
        let built = Built::beside(&linked);
        let files = inputs.into_iter().chain([built.elf, built.flat]);
        let files = files.map(|path| (or_absent(&path), path)).collect();
        Self { state, kernel, linked, files }
    }

    /// Returns the note that answers `question`, if no file has changed since.
    pub(crate) fn read(question: &Question) -> Option<Self> {
        let note = question.targets.iter().find_map(|target| {
            let text = fs::read_to_string(target.join(FOLDER).join(&question.name)).ok()?;
            Self::parse(&text, question).filter(|note| note.linked.starts_with(target))
        })?;
        note.files.iter().all(|(identity, path)| or_absent(path) == *identity).then_some(note)
    }

    /// Writes the note as a whole where [`Note::read`] finds it. Without such a place, the next run
    /// asks Cargo again.
    pub(crate) fn write(&self, question: &Question) {
        let Some(target) = question.targets.iter().find(|target| self.linked.starts_with(target)) else {
            return;
        };
        let (place, Some(text)) = (target.join(FOLDER).join(&question.name), self.text(question)) else {
            return;
        };
        let half = place.with_extension(process::id().to_string());
        let written = fs::create_dir_all(target.join(FOLDER)).and_then(|()| fs::write(&half, text));
        if written.and_then(|()| fs::rename(&half, &place)).is_err() {
            let _ = fs::remove_file(&half);
        }
    }

    /// Returns the sealed kernel.
    pub(crate) fn built(&self) -> Built {
        Built::beside(&self.linked)
    }

    /// Returns true if Cargo, asked at `begun`, answered for the files of `earlier`. Every file was
    /// the same before and after, and can no longer change unnoticed.
    pub(crate) fn confirms(&self, earlier: &Self, begun: SystemTime) -> bool {
        self.linked == earlier.linked
            && self.kernel == earlier.kernel
            && self.files == earlier.files
            && self.files.iter().all(|(_, path)| is_settled(path, begun))
    }

    fn text(&self, question: &Question) -> Option<String> {
        let state = match self.state {
            State::Unconfirmed => "unconfirmed",
            State::Confirmed => "confirmed",
        };
        let mut lines = vec![question.text.clone(), state.to_owned(), self.kernel.clone()];
        lines.push(self.linked.to_str()?.to_owned());
        for (identity, path) in &self.files {
            lines.push(format!("{identity}\t{}", path.to_str()?));
        }
        lines.iter().all(|line| !line.contains('\n')).then(|| lines.join("\n"))
    }

    fn parse(text: &str, question: &Question) -> Option<Self> {
        let mut lines = text.lines();
        lines.next().filter(|line| *line == question.text)?;
        let state = match lines.next()? {
            "unconfirmed" => State::Unconfirmed,
            "confirmed" => State::Confirmed,
            _ => return None,
        };
        let (kernel, linked) = (lines.next()?.to_owned(), PathBuf::from(lines.next()?));
        let files = lines.map(|line| line.split_once('\t'));
        let files: Option<Vec<_>> =
            files.map(|file| file.map(|(identity, path)| (identity.to_owned(), path.into()))).collect();
        // A file that was cut off has lost its last lines: the sealed files.
        let (files, built) = (files?, Built::beside(&linked));
        let ends: Vec<&Path> = files.iter().rev().take(2).map(|(_, path): &(_, PathBuf)| &**path).collect();
        (ends == [built.flat, built.elf]).then_some(Self { state, kernel, linked, files })
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    use tempfile::TempDir;

    use super::*;

    /// A kernel in `target`, with two inputs, an absent one, and a folder.
    struct Project(TempDir);

    impl Project {
        fn new() -> Self {
            let folder = crate::private::folder("landfall-").expect("a folder");
            for name in ["src", "target"] {
                fs::create_dir(folder.path().join(name)).expect("a folder");
            }
            for name in Self::FILES {
                fs::write(folder.path().join(name), name).expect("a file");
            }
            Self(folder)
        }

        const FILES: [&str; 5] = ["Cargo.toml", "src/main.rs", "target/k", "target/k.elf", "target/k.bin"];

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn question(&self) -> Question {
            Question { text: "k?".into(), name: "0".into(), targets: vec![self.path("target")] }
        }

        fn note(&self, state: State) -> Note {
            let inputs = ["Cargo.toml", "src/main.rs", "src", "rust-toolchain.toml", "target/k"];
            let inputs = inputs.map(|name| self.path(name)).to_vec();
            Note::now(state, "k".into(), self.path("target/k"), inputs)
        }
    }

    #[test]
    fn a_note_is_read_as_it_was_written() {
        let project = Project::new();
        for state in [State::Unconfirmed, State::Confirmed] {
            let note = project.note(state);
            note.write(&project.question());
            assert_eq!(Note::read(&project.question()), Some(note));
        }
        let names = fs::read_dir(project.path("target/landfall")).expect("a folder");
        assert_eq!(names.count(), 1, "nothing else is left");
    }

    #[test]
    fn a_change_of_any_file_ends_a_note() {
        type Change = fn(&Path);
        let changes: [(&str, Change); 3] = [
            ("touched", |path| {
                File::open(path).and_then(|file| file.set_modified(SystemTime::now())).expect("a time");
            }),
            ("removed", |path| fs::remove_file(path).expect("a file")),
            // The same content and the same mtime, in another file.
            ("replaced", |path| {
                let time = fs::metadata(path).and_then(|file| file.modified()).expect("a time");
                fs::copy(path, path.with_extension("new")).expect("a copy");
                fs::rename(path.with_extension("new"), path).expect("a file");
                File::open(path).and_then(|file| file.set_modified(time)).expect("a time");
            }),
        ];
        for name in Project::FILES {
            for (what, change) in changes {
                let project = Project::new();
                project.note(State::Confirmed).write(&project.question());
                assert!(Note::read(&project.question()).is_some());
                change(&project.path(name));
                assert_eq!(Note::read(&project.question()), None, "{name} {what}");
            }
        }
    }

    #[test]
    fn a_new_file_ends_a_note_if_it_was_absent_or_if_its_folder_is_an_input() {
        for name in ["rust-toolchain.toml", "src/lib.rs"] {
            let project = Project::new();
            project.note(State::Confirmed).write(&project.question());
            fs::write(project.path(name), "").expect("a file");
            assert_eq!(Note::read(&project.question()), None, "{name}");
        }
        let project = Project::new();
        project.note(State::Confirmed).write(&project.question());
        symlink("nowhere", project.path("other")).expect("a link");
        assert!(Note::read(&project.question()).is_some(), "no build looks at it");
    }

    #[test]
    fn another_question_has_no_answer() {
        let project = Project::new();
        project.note(State::Confirmed).write(&project.question());
        let question = project.question();
        for other in [
            Question { text: "j?".into(), ..question.clone() },
            Question { name: "1".into(), ..question.clone() },
            Question { targets: vec![project.path("other")], ..question.clone() },
            Question { targets: vec![], ..question },
        ] {
            assert_eq!(Note::read(&other), None, "{other:?}");
            project.note(State::Confirmed).write(&other);
            assert_eq!(Note::read(&Question { targets: vec![], ..other }), None);
        }
    }

    #[test]
    fn a_damaged_note_is_none() {
        let project = Project::new();
        let (note, question) = (project.note(State::Confirmed), project.question());
        let text = note.text(&question).expect("UTF-8");
        assert_eq!(Note::parse(&text, &question), Some(note));
        let lines: Vec<&str> = text.lines().collect();
        for count in 0..lines.len() {
            assert_eq!(Note::parse(&lines[..count].join("\n"), &question), None, "{count} lines");
        }
        assert_eq!(Note::parse(&text.replace("\tr", " r").replace('\t', " "), &question), None);
    }

    #[test]
    fn a_note_is_confirmed_only_if_no_file_changed_before_or_during_the_answer() {
        let project = Project::new();
        let (now, late) = (SystemTime::now(), SystemTime::now() + Duration::from_secs(10));
        let earlier = project.note(State::Unconfirmed);
        assert!(project.note(State::Confirmed).confirms(&earlier, late));
        assert!(!project.note(State::Confirmed).confirms(&earlier, now), "a file may change in this second");
        fs::write(project.path("src/main.rs"), "other").expect("a file");
        assert!(!project.note(State::Confirmed).confirms(&earlier, late));
    }
}
