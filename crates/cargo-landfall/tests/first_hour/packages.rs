//! The kernel that is meant when nothing names one, and the options that choose another.

use std::process::Stdio;

use landfall_host::private;
use tempfile::TempDir;

use super::{landfall, texts_of, write};

/// The verbs that take a kernel.
const VERBS: [&str; 4] = ["run", "build", "check", "plan"];

/// A workspace with two kernels, a tool and an example; nothing in it is ever built.
fn workspace() -> TempDir {
    let folder = private::folder("landfall-").expect("a folder");
    let at = folder.path();
    write(&at.join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n");
    let package = |name: &str, files: &[&str], dependencies: &str| {
        let manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{dependencies}");
        write(&at.join(name).join("Cargo.toml"), &manifest);
        for file in files {
            write(&at.join(name).join(file), "fn main() {}\n");
        }
    };
    let links = "[build-dependencies]\nlandfall-build = { path = \"../landfall-build\" }\n";
    package("landfall-build", &["src/lib.rs"], "");
    package("one", &["src/main.rs", "build.rs"], links);
    package("two", &["src/bin/a.rs", "src/bin/b.rs", "build.rs"], links);
    package("examples-only", &["examples/e.rs", "src/lib.rs", "build.rs"], links);
    package("tool", &["src/main.rs"], "");
    folder
}

/// Runs a verb, which must fail before it builds, and checks its words.
fn refuses(folder: &TempDir, below: &str, arguments: &[&str], words: &[&str]) {
    let mut command = landfall(&folder.path().join(below), arguments);
    let (code, stdout, stderr) = texts_of(&command.stdin(Stdio::null()).output().expect("it runs"));
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{below}: {arguments:?}: {stderr}");
    for word in words {
        assert!(stderr.contains(word), "{below}: {arguments:?}: no \"{word}\" in {stderr}");
    }
}

#[test]
fn several_kernels_are_listed() {
    let folder = workspace();
    for verb in VERBS {
        refuses(&folder, "", &[verb], &["are kernels", "one", "two", "examples-only", "--package"]);
    }
}

#[test]
fn several_binaries_are_listed() {
    let folder = workspace();
    for verb in VERBS {
        refuses(&folder, "two", &[verb], &["has the binaries a, b", "--bin"]);
        refuses(&folder, "", &[verb, "-p", "two"], &["has the binaries a, b"]);
        refuses(&folder, "/", &[verb, "--manifest-path", &in_it(&folder, "two")], &["binaries a, b"]);
        refuses(&folder, "examples-only", &[verb], &["the examples e", "--example"]);
    }
}

#[test]
fn a_part_that_is_not_there_is_told_from_those_that_are() {
    let folder = workspace();
    refuses(&folder, "two", &["run", "--bin", "c"], &["--bin c", "a, b"]);
    refuses(&folder, "two", &["run", "--example", "c"], &["--example c", "none"]);
    refuses(&folder, "", &["run", "-p", "three"], &["\"three\"", "one", "two"]);
    refuses(&folder, "", &["run", "./one/src/main.rs", "--bin", "a"], &["--bin applies to packages"]);
}

#[test]
fn without_a_package_the_help_names_the_ways() {
    let folder = private::folder("landfall-").expect("a folder");
    for verb in VERBS {
        refuses(&folder, "", &[verb], &["this folder is in no Cargo package", "--manifest-path"]);
    }
}

#[test]
fn outside_of_a_checkout_a_removed_command_names_its_replacement() {
    let folder = workspace();
    refuses(&folder, "one", &["compare"], &["Landfall itself", "in a checkout of Landfall"]);
}

fn in_it(folder: &TempDir, package: &str) -> String {
    folder.path().join(package).join("Cargo.toml").display().to_string()
}
