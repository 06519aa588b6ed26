//! `new` and `library`: the checkout that they find, names, and folders that exist.

use std::path::Path;
use std::process::Stdio;

use landfall_host::private;
use tempfile::TempDir;

use super::{landfall, texts_of, write};

/// A folder with a checkout that this command was not compiled from, as far as `new` looks at one.
fn folder() -> TempDir {
    let folder = private::folder("landfall-").expect("a folder");
    for name in ["landfall", "landfall-build"] {
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        write(&folder.path().join("checkout/crates").join(name).join("Cargo.toml"), &manifest);
        write(&folder.path().join("checkout/crates").join(name).join("src/lib.rs"), "");
    }
    write(
        &folder.path().join("checkout/Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n",
    );
    folder
}

fn new(at: &Path, arguments: &[&str], variable: Option<&Path>) -> (Option<i32>, String, String) {
    let mut command = landfall(at, &[&["new"], arguments].concat());
    if let Some(path) = variable {
        command.env("LANDFALL_PATH", path);
    }
    texts_of(&command.stdin(Stdio::null()).output().expect("it runs"))
}

/// The path of the crate landfall in the manifest at `kernel`.
fn path_in(kernel: &Path) -> String {
    let text = std::fs::read_to_string(kernel.join("Cargo.toml")).expect("a manifest");
    let manifest: toml::Table = text.parse().expect("TOML");
    let path =
        |section: &str, name: &str| manifest[section][name]["path"].as_str().expect("a path").to_owned();
    let (landfall, build) = (path("dependencies", "landfall"), path("build-dependencies", "landfall-build"));
    assert_eq!(format!("{landfall}-build"), build);
    assert!(kernel.join(&landfall).join("Cargo.toml").is_file(), "{landfall}");
    landfall
}

#[test]
fn the_manifest_names_the_checkout_that_is_found_when_the_command_runs() {
    let folder = folder();
    let (at, checkout) = (folder.path(), folder.path().join("checkout"));
    for (from, arguments, variable) in [
        (checkout.as_path(), &["../around"][..], None),
        (&checkout.join("crates/landfall/src"), &["../../../../around-deep"], None),
        (at, &["named", "--landfall", "checkout"], None),
        (at, &["by-variable"], Some(checkout.as_path())),
        (at, &["named-before-variable", "--landfall", "checkout"], Some(Path::new("/nonexistent"))),
    ] {
        let (code, _, stderr) = new(from, arguments, variable);
        assert_eq!(code, Some(0), "{arguments:?}: {stderr}");
        let name = Path::new(arguments[0]).file_name().expect("a name");
        assert_eq!(path_in(&at.join(name)), "../checkout/crates/landfall", "{arguments:?}");
        assert!(stderr.contains("checkout"), "{stderr}");
    }
}

#[test]
fn without_a_checkout_nothing_is_made_and_the_help_names_the_ways() {
    let folder = folder();
    for (arguments, variable, words) in [
        (&["k"][..], None, "--landfall PATH or LANDFALL_PATH"),
        (&["k", "--landfall", "."], None, "crates/landfall-build"),
        (&["k"], Some(Path::new("/nonexistent")), "/nonexistent is not a checkout"),
    ] {
        let (code, stdout, stderr) = new(folder.path(), arguments, variable);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(words), "{arguments:?}: {stderr}");
        assert!(!folder.path().join("k").exists());
    }
}

#[test]
fn no_kernel_is_made_in_a_checkout() {
    let folder = folder();
    let checkout = folder.path().join("checkout");
    for place in ["k", "crates/k"] {
        let (code, _, stderr) = new(&checkout, &[place], None);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains("outside, such as ../k\n"), "{stderr}");
        assert!(!checkout.join(place).exists());
    }
    let (code, _, stderr) = new(folder.path(), &["checkout/k", "--landfall", "checkout"], None);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("outside, such as ../k\n"), "{stderr}");
}

#[test]
fn no_kernel_has_the_name_of_a_crate_that_it_needs() {
    let folder = folder();
    for name in ["landfall", "landfall-build"] {
        let (code, _, stderr) = new(folder.path(), &[name, "--landfall", "checkout"], None);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains("choose another name"), "{stderr}");
        assert!(!folder.path().join(name).exists());
    }
}

#[test]
fn a_name_that_cargo_refuses_is_named_without_the_options_of_cargo() {
    let folder = folder();
    for name in ["123", "a b", "self", "test"] {
        let (code, stdout, stderr) = new(folder.path(), &[name, "--landfall", "checkout"], None);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
        let begins = format!("error: a kernel cannot have the name \"{name}\"; ");
        assert!(stderr.starts_with(&begins) && stderr.lines().count() == 1, "{stderr}");
        assert!(stderr.ends_with("; choose another name, such as my-kernel\n"), "{stderr}");
        assert!(!folder.path().join(name).exists());
    }
}

#[test]
fn nothing_that_exists_becomes_a_kernel() {
    let folder = folder();
    write(&folder.path().join("taken/file"), "kept");
    for name in ["taken", "taken/file"] {
        let (code, _, stderr) = new(folder.path(), &[name, "--landfall", "checkout"], None);
        assert_eq!(code, Some(2), "{stderr}");
        assert_eq!(
            stderr,
            format!("error: {name} exists; a new kernel needs a new folder; choose another name\n")
        );
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("taken/file")).expect("the file"), "kept");
}

/// A checkout that would build a library, if its crate compiled.
fn with_library() -> TempDir {
    let folder = folder();
    let library = folder.path().join("checkout/crates/landfall-c");
    let manifest = "[package]\nname = \"landfall-c\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    write(&library.join("Cargo.toml"), manifest);
    write(&library.join("src/lib.rs"), "compile_error!(\"not today\");");
    write(&library.join("include/landfall.h"), "");
    folder
}

#[test]
fn no_kernel_in_c_has_a_name_that_make_splits() {
    let folder = with_library();
    for name in ["123", "a b", "a$(b)", "a'b", "k.elf", "k\u{e4}"] {
        let (code, stdout, stderr) =
            new(folder.path(), &["--language", "c", name, "--landfall", "checkout"], None);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
        assert!(stderr.starts_with("error: a kernel cannot have the name \""), "{stderr}");
        assert!(stderr.ends_with("; choose another name, such as my-kernel\n"), "{stderr}");
        assert!(!folder.path().join(name).exists());
    }
}

#[test]
fn nothing_that_exists_becomes_a_kernel_in_c() {
    let folder = with_library();
    write(&folder.path().join("taken/file"), "kept");
    let (code, _, stderr) = new(folder.path(), &["--language", "c", "taken", "--landfall", "checkout"], None);
    assert_eq!(code, Some(2), "{stderr}");
    assert_eq!(stderr, "error: taken exists; a new kernel needs a new folder; choose another name\n");
    assert_eq!(std::fs::read_dir(folder.path().join("taken")).expect("the folder").count(), 1);
}

#[test]
fn a_library_that_cannot_be_built_makes_nothing() {
    for (folder, words) in
        [(folder(), "has no crate landfall-c"), (with_library(), "landfall-c` does not build")]
    {
        for arguments in [&["new", "--language", "c", "k"][..], &["library", "--out", "k"]] {
            let arguments = [arguments, &["--landfall", "checkout"]].concat();
            let mut command = landfall(folder.path(), &arguments);
            let (code, stdout, stderr) = texts_of(&command.stdin(Stdio::null()).output().expect("it runs"));
            assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}: {stderr}");
            assert!(stderr.contains(words), "{arguments:?}: {stderr}");
            assert!(!folder.path().join("k").exists());
        }
    }
}

#[test]
fn a_library_replaces_no_other_files() {
    let folder = with_library();
    write(&folder.path().join("used/main.c"), "kept");
    let arguments = ["library", "--out", "used", "--landfall", "checkout"];
    let mut command = landfall(folder.path(), &arguments);
    let (code, stdout, stderr) = texts_of(&command.stdin(Stdio::null()).output().expect("it runs"));
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
    assert!(stderr.contains("used is not empty and has no liblandfall_c.a; name a new folder"), "{stderr}");
    assert_eq!(std::fs::read_dir(folder.path().join("used")).expect("the folder").count(), 1);
}
