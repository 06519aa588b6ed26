//! A new kernel, made and used as its author would: it boots, tests itself, and has no warnings.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use landfall_host::build::TARGET;
use landfall_host::kernel::cargo;

const NAME: &str = "new-kernel";

/// A pointer that no RELR table can name, and that nothing reads: a finding in a kernel that boots all the same.
const ODD_POINTER: &str = "
#[repr(C, packed)]
struct Odd(u8, &'static u64);

static VALUE: u64 = 42;

#[used]
static ODD: Odd = Odd(1, &VALUE);
";

/// What an author does in a folder.
type Step = fn(&Path) -> Result<(), String>;

/// Runs it all: name and result of each step. One folder serves all, so that the kernel's dependencies are built once.
pub(super) fn run() -> Vec<(&'static str, Result<(), String>)> {
    let steps: [(&str, Step); 11] = [
        ("new/made", |folder| expect(folder, &["landfall", "new", NAME], "is a kernel that lands")),
        ("new/for-the-host-is-one-error", for_the_host_is_one_error),
        ("new/formatted", |folder| in_kernel(folder, &["fmt", "--check"], "")),
        ("new/boots", |folder| in_kernel(folder, &["run"], "Hello from sv57.")),
        ("new/every-verb-uses-it", every_verb_uses_it),
        ("new/is-selected-as-in-cargo", is_selected_as_in_cargo),
        ("new/a-finding-is-allowed-by-run", a_finding_is_allowed_by_run),
        ("new/tests-itself", |folder| in_kernel(folder, &["test"], "Running tests/boot.rs")),
        ("new/has-no-warnings", |folder| {
            in_kernel(
                folder,
                &["clippy", "--all-targets", "--", "-Dwarnings", "-Wclippy::pedantic"],
                "Finished",
            )
        }),
        ("new/a-test-that-fails-is-seen", |folder| {
            a_fault_is_seen(folder, "free > 1 << 20", "free < 1 << 20", "bytes are free")
        }),
        ("new/a-panic-after-the-report-is-seen", |folder| {
            a_fault_is_seen(folder, "landfall::exit(0)", "panic!(\"too late\")", "too late")
        }),
    ];
    match landfall_host::private::folder("landfall-new-") {
        Ok(folder) => steps.map(|(name, step)| (name, step(folder.path()))).into(),
        Err(error) => vec![("new/made", Err(error.to_string()))],
    }
}

fn in_kernel(folder: &Path, arguments: &[&str], words: &str) -> Result<(), String> {
    expect(&folder.join(NAME), arguments, words)
}

/// Puts `fault` into the kernel's test in the place of `good`; `cargo test` must fail, by a panic with these words.
fn a_fault_is_seen(folder: &Path, good: &str, fault: &str, words: &str) -> Result<(), String> {
    let file = folder.join(NAME).join("tests/boot.rs");
    let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let broken = text.replace(good, fault);
    if broken == text {
        return Err(format!("tests/boot.rs has no \"{good}\" any more"));
    }
    fs::write(&file, broken).map_err(|error| error.to_string())?;
    let result = fails(&folder.join(NAME), &["test"]);
    fs::write(&file, text).map_err(|error| error.to_string())?;
    let said = result?;
    if said.contains("the kernel panicked") && said.contains(words) { Ok(()) } else { Err(said) }
}

/// No verb needs the kernel's name in its folder, or in one below.
fn every_verb_uses_it(folder: &Path) -> Result<(), String> {
    let elf = format!("{NAME}.elf");
    in_kernel(folder, &["landfall", "build"], &elf)?;
    in_kernel(folder, &["landfall", "check"], "no findings")?;
    in_kernel(folder, &["landfall", "plan"], "would land in sv57")?;
    in_kernel(folder, &["landfall", "run"], "Hello from sv57.")?;
    // No machine waits; the kernel is found before that is noticed.
    let said = fails(&folder.join(NAME), &["landfall", "gdb", "--connect", "127.0.0.1:9"])?;
    if said.contains("no kernel") {
        return Err(said);
    }
    expect(&folder.join(NAME).join("src"), &["landfall", "build", "--format", "elf"], &elf)
}

fn is_selected_as_in_cargo(folder: &Path) -> Result<(), String> {
    let manifest = format!("{NAME}/Cargo.toml");
    let elf = format!("{NAME}.elf");
    expect(folder, &["landfall", "build", "--manifest-path", &manifest], &elf)?;
    expect(folder, &["landfall", "build", "--manifest-path", &manifest, "-p", NAME, "--bin", NAME], &elf)?;
    in_kernel(
        folder,
        &["landfall", "build", "--profile", "dev", "--format", "elf"],
        &format!("debug/{elf}"),
    )?;
    in_kernel(folder, &["landfall", "run", "-p", NAME, "--release"], "Hello from sv57.")
}

/// A finding stops `run` and `build`, and --allow lets the kernel boot.
fn a_finding_is_allowed_by_run(folder: &Path) -> Result<(), String> {
    let file = folder.join(NAME).join("src/main.rs");
    let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let with_finding = text.clone() + ODD_POINTER;
    fs::write(&file, with_finding).map_err(|error| error.to_string())?;
    let said = fails(&folder.join(NAME), &["landfall", "run"]);
    let done = said.and_then(|said| {
        let code = said.split_once("is not fit to boot:\n\n").and_then(|(_, rest)| rest.split_once(": "));
        let (code, _) = code.ok_or_else(|| format!("no finding with a code: {said}"))?;
        in_kernel(folder, &["landfall", "run", "--allow", code], "Hello from sv57.")
    });
    fs::write(&file, text).map_err(|error| error.to_string())?;
    done
}

/// The one error names both targets, and the compiler adds nothing to it.
fn for_the_host_is_one_error(folder: &Path) -> Result<(), String> {
    let host = host()?;
    let said = fails(&folder.join(NAME), &["build", "--target", &host])?;
    let errors: Vec<_> = said.lines().filter(|line| line.starts_with("error")).collect();
    match errors.as_slice() {
        [mistake, summary]
            if mistake.contains(TARGET) && mistake.contains(&host) && summary.contains("build script") =>
        {
            Ok(())
        }
        _ => Err(said),
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
        (true, said) => Err(format!("cargo {} succeeds: {said}", arguments.join(" "))),
        (false, said) => Ok(said),
    }
}

/// Runs Cargo in `folder`, with this command as its `landfall`; it must succeed, and say `words`.
fn expect(folder: &Path, arguments: &[&str], words: &str) -> Result<(), String> {
    match run_cargo(folder, arguments)? {
        (true, said) if said.contains(words) => Ok(()),
        (success, said) => {
            Err(format!("cargo {}: success is {success}, without \"{words}\": {said}", arguments.join(" ")))
        }
    }
}

/// Runs Cargo in `folder`, with this command as its `landfall`, and the checkout around the current directory as the kernel's.
fn run_cargo(folder: &Path, arguments: &[&str]) -> Result<(bool, String), String> {
    let told = |error: std::io::Error| error.to_string();
    let own = std::env::current_exe().map_err(told)?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = own.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).map_err(|error| error.to_string())?;
    let output = cargo()
        .args(arguments)
        .current_dir(folder)
        .env("PATH", path)
        .env("LANDFALL_PATH", std::env::current_dir().map_err(told)?)
        .stdin(Stdio::null())
        .output()
        .map_err(told)?;
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Ok((output.status.success(), said.into_owned()))
}
