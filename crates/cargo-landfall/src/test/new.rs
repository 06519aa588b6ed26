//! A new kernel, made and used as its author would: it boots, tests itself, and has no warnings.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::kernel::cargo;

const NAME: &str = "new-kernel";

/// What an author does in a folder.
type Step = fn(&Path) -> Result<(), String>;

/// Runs it all: name and result of each step. One folder serves all, so that the kernel's dependencies are built once.
pub(super) fn run() -> Vec<(&'static str, Result<(), String>)> {
    let steps: [(&str, Step); 6] = [
        ("new/made", |folder| expect(folder, &["landfall", "new", NAME], "is a kernel that lands")),
        ("new/formatted", |folder| in_kernel(folder, &["fmt", "--check"], "")),
        ("new/boots", |folder| in_kernel(folder, &["run"], "Hello from sv57.")),
        ("new/tests-itself", |folder| in_kernel(folder, &["test"], "Running tests/boot.rs")),
        ("new/has-no-warnings", |folder| {
            in_kernel(
                folder,
                &["clippy", "--all-targets", "--", "-Dwarnings", "-Wclippy::pedantic"],
                "Finished",
            )
        }),
        ("new/a-test-that-fails-is-seen", a_test_that_fails_is_seen),
    ];
    match crate::private::folder("landfall-new-") {
        Ok(folder) => steps.map(|(name, step)| (name, step(folder.path()))).into(),
        Err(error) => vec![("new/made", Err(error.to_string()))],
    }
}

fn in_kernel(folder: &Path, arguments: &[&str], words: &str) -> Result<(), String> {
    expect(&folder.join(NAME), arguments, words)
}

fn a_test_that_fails_is_seen(folder: &Path) -> Result<(), String> {
    let file = folder.join(NAME).join("tests/boot.rs");
    let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let broken = text.replace("free > 1 << 20", "free < 1 << 20");
    if broken == text {
        return Err("tests/boot.rs asserts nothing of free memory any more".to_owned());
    }
    fs::write(&file, broken).map_err(|error| error.to_string())?;
    match in_kernel(folder, &["test"], "") {
        Ok(()) => Err("the test passed".to_owned()),
        Err(said) if said.contains("the kernel panicked") && said.contains("bytes are free") => Ok(()),
        Err(said) => Err(said),
    }
}

/// Runs Cargo in `folder`, with this command as its `landfall`; it must succeed, and say `words`.
fn expect(folder: &Path, arguments: &[&str], words: &str) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let own = std::env::current_exe().map_err(told)?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = own.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).map_err(|error| error.to_string())?;
    let output = cargo()
        .args(arguments)
        .current_dir(folder)
        .env("PATH", path)
        .stdin(Stdio::null())
        .output()
        .map_err(told)?;
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    if output.status.success() && said.contains(words) {
        Ok(())
    } else {
        Err(format!("cargo {}: {} without \"{words}\": {said}", arguments.join(" "), output.status))
    }
}
