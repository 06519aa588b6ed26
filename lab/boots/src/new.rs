//! A new kernel, made and used as its author would: it boots, tests itself, and has no warnings.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::check::Check;
use super::{command, set_up, workshop};
use landfall_host::build::TARGET;
use landfall_host::kernel::cargo;

/// An instruction that `check` does not know, and that no hart executes: a finding in a kernel that
/// boots all the same.
const UNKNOWN_INSTRUCTION: &str = "
core::arch::global_asm!(
    \".section .text.unknown, \\\"ax\\\", @progbits\",
    \".global unknown\",
    \"unknown: .insn i 0x7b, 7, x0, x0, 0\",
);

unsafe extern \"C\" {
    fn unknown();
}

#[used]
static UNKNOWN: unsafe extern \"C\" fn() = unknown;
";

/// A new kernel, in a folder of its own.
struct New {
    /// The folder above the kernel's.
    folder: PathBuf,
    name: &'static str,
}

/// The steps of an author.
type Step = fn(&New) -> Result<(), String>;

const STEPS: [(&str, Step); 12] = [
    ("made", |_| Ok(())),
    ("for-the-host-is-one-error", for_the_host_is_one_error),
    ("formatted", |new| in_kernel(new, &["fmt", "--check"], "")),
    ("boots", |new| in_kernel(new, &["run"], "Hello from sv57.")),
    ("every-verb-uses-it", every_verb_uses_it),
    ("is-selected-as-in-cargo", is_selected_as_in_cargo),
    ("a-finding-is-allowed-by-run", a_finding_is_allowed_by_run),
    ("passes-on-many-machines", |new| {
        in_kernel(new, &["landfall", "test", "--only", "mode"], "3 passed, 0 failed")
    }),
    ("tests-itself", |new| in_kernel(new, &["test"], "Running tests/boot.rs")),
    ("has-no-warnings", |new| {
        in_kernel(new, &["clippy", "--all-targets", "--", "-Dwarnings", "-Wclippy::pedantic"], "Finished")
    }),
    ("a-test-that-fails-is-seen", |new| {
        a_fault_is_seen(new, "free > 1 << 20", "free < 1 << 20", "bytes are free")
    }),
    ("a-panic-after-the-report-is-seen", |new| {
        a_fault_is_seen(new, "landfall::exit(0)", "panic!(\"too late\")", "too late")
    }),
];

/// Returns a test for each step. Each has a kernel of its own, with a name of its own, since all
/// share the folder of what Cargo builds.
pub(super) fn checks() -> Vec<Check> {
    let check = |(name, step): (&'static str, Step)| {
        let check = Check::new(format!("new/{name}"), move || step(&New::make(name)?));
        if name == "boots" { check.always() } else { check }
    };
    STEPS.map(check).into()
}

impl New {
    /// Makes the kernel, in the place of one that an earlier run has left.
    fn make(name: &'static str) -> Result<Self, String> {
        set_up::rust_target()?;
        let new = Self { folder: workshop::folder("new")?, name };
        match fs::remove_dir_all(new.kernel()) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.to_string()),
            _ => {}
        }
        expect(&new.folder, &["landfall", "new", name], "is a kernel that lands")?;
        Ok(new)
    }

    fn kernel(&self) -> PathBuf {
        self.folder.join(self.name)
    }
}

fn in_kernel(new: &New, arguments: &[&str], words: &str) -> Result<(), String> {
    expect(&new.kernel(), arguments, words)
}

/// Puts `fault` into the kernel's test in the place of `good`; `cargo test` must fail, by a panic
/// with these words.
fn a_fault_is_seen(new: &New, good: &str, fault: &str, words: &str) -> Result<(), String> {
    let file = new.kernel().join("tests/boot.rs");
    let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let broken = text.replace(good, fault);
    if broken == text {
        return Err(format!("tests/boot.rs has no \"{good}\" any more"));
    }
    fs::write(&file, broken).map_err(|error| error.to_string())?;
    let result = fails(&new.kernel(), &["test"]);
    fs::write(&file, text).map_err(|error| error.to_string())?;
    let messages = result?;
    if messages.contains("the kernel panicked") && messages.contains(words) { Ok(()) } else { Err(messages) }
}

/// No verb needs the kernel's name in its folder, or in one below.
fn every_verb_uses_it(new: &New) -> Result<(), String> {
    let elf = format!("{}.elf", new.name);
    in_kernel(new, &["landfall", "build"], &elf)?;
    in_kernel(new, &["landfall", "check"], "no findings")?;
    in_kernel(new, &["landfall", "plan"], "would land in sv57")?;
    in_kernel(new, &["landfall", "run"], "Hello from sv57.")?;
    // No machine waits; the kernel is found before that is noticed.
    let messages = fails(&new.kernel(), &["landfall", "gdb", "--connect", "127.0.0.1:9"])?;
    if messages.contains("no kernel") {
        return Err(messages);
    }
    expect(&new.kernel().join("src"), &["landfall", "build", "--format", "elf"], &elf)
}

fn is_selected_as_in_cargo(new: &New) -> Result<(), String> {
    let manifest = format!("{}/Cargo.toml", new.name);
    let elf = format!("{}.elf", new.name);
    let name = new.name;
    expect(&new.folder, &["landfall", "build", "--manifest-path", &manifest], &elf)?;
    let selected = ["landfall", "build", "--manifest-path", &manifest, "-p", name, "--bin", name];
    expect(&new.folder, &selected, &elf)?;
    in_kernel(new, &["landfall", "build", "--profile", "dev", "--format", "elf"], &format!("debug/{elf}"))?;
    in_kernel(new, &["landfall", "run", "-p", name, "--release"], "Hello from sv57.")
}

/// A finding stops `run` and `build`, and --allow lets the kernel boot.
fn a_finding_is_allowed_by_run(new: &New) -> Result<(), String> {
    let file = new.kernel().join("src/main.rs");
    let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let with_finding = text.clone() + UNKNOWN_INSTRUCTION;
    fs::write(&file, with_finding).map_err(|error| error.to_string())?;
    let messages = fails(&new.kernel(), &["landfall", "run"]);
    let done = messages.and_then(|messages| {
        let code = messages.split_once("is not fit to boot:\n\n").and_then(|(_, rest)| rest.split_once(": "));
        let (code, _) = code.ok_or_else(|| format!("no finding with a code: {messages}"))?;
        in_kernel(new, &["landfall", "run", "--allow", code], "Hello from sv57.")
    });
    fs::write(&file, text).map_err(|error| error.to_string())?;
    done
}

/// The one error names both targets, and the compiler adds nothing to it.
fn for_the_host_is_one_error(new: &New) -> Result<(), String> {
    let host = host()?;
    let messages = fails(&new.kernel(), &["build", "--target", &host])?;
    let errors: Vec<_> = messages.lines().filter(|line| line.starts_with("error")).collect();
    match errors.as_slice() {
        [mistake, summary]
            if mistake.contains(TARGET) && mistake.contains(&host) && summary.contains("build script") =>
        {
            Ok(())
        }
        _ => Err(messages),
    }
}

/// Returns the target of this computer.
fn host() -> Result<String, String> {
    let output = Command::new("rustc").arg("-vV").output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).ok_or(format!("rustc says no host: {text}"))
}

/// Runs Cargo in `folder`; it must fail. Returns its words.
fn fails(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    match run_cargo(folder, arguments)? {
        (true, messages) => Err(format!("cargo {} succeeds: {messages}", arguments.join(" "))),
        (false, messages) => Ok(messages),
    }
}

/// Runs Cargo in `folder`, with this command as its `landfall`; it must succeed, and say `words`.
fn expect(folder: &Path, arguments: &[&str], words: &str) -> Result<(), String> {
    match run_cargo(folder, arguments)? {
        (true, messages) if messages.contains(words) => Ok(()),
        (success, messages) => Err(format!(
            "cargo {}: success is {success}, without \"{words}\": {messages}",
            arguments.join(" ")
        )),
    }
}

/// Runs Cargo in `folder`, with this command as its `landfall`, and the checkout around the current
/// directory as the kernel's.
fn run_cargo(folder: &Path, arguments: &[&str]) -> Result<(bool, String), String> {
    let as_text = |error: std::io::Error| error.to_string();
    let own = command::path()?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = own.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).map_err(|error| error.to_string())?;
    let output = cargo()
        .args(arguments)
        .current_dir(folder)
        .env("PATH", path)
        .env("CARGO_TARGET_DIR", workshop::folder("new")?.join("target"))
        .env("LANDFALL_PATH", std::env::current_dir().map_err(as_text)?)
        .stdin(Stdio::null())
        .output()
        .map_err(as_text)?;
    let messages = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Ok((output.status.success(), messages.into_owned()))
}
