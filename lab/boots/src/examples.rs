//! The kernels of `examples/`, built and booted as their readers would.

use std::process::Stdio;

use super::check::Check;
use super::{command, set_up};
use landfall_host::build::TARGET;
use landfall_host::kernel::cargo;

/// Each with what follows its name on the command line, and what it must say.
const EXAMPLES: [(&str, &[&str], &str); 13] = [
    ("frames", &["--memory", "128M"], "free frames"),
    ("harts", &["--harts", "3"], "3 harts at work"),
    ("missing_order", &["--harts", "2"], "the other hart answers 42"),
    ("entropy", &["--seed", "0123456789abcdef"], "32 random bytes"),
    ("device", &["--mode", "sv39"], "Hello from the UART's own registers."),
    ("vmalloc", &["--mode", "sv48"], "1 bytes below memory: its guard"),
    ("user", &["--mode", "sv57"], "the program in user mode says 42"),
    ("shootdown", &["--harts", "3"], "3 harts mapped and unmapped"),
    ("near", &["--memory", "2G"], "the module and the kernel make 42 of 20"),
    ("collected", &["--at", "0x9a345000"], "good day"),
    ("pinned", &["--mode", "sv48"], "pinned, in sv48"),
    ("memory", &["--harts", "2"], "an address in: stack 0"),
    ("reboot", &["--", "-action", "reboot=reset"], "this is the boot after the reboot"),
];

/// Returns a test for each.
pub(super) fn checks() -> Vec<Check> {
    let check = |(name, arguments, words)| {
        let check = Check::new(format!("example/{name}"), move || boot(name, arguments, words));
        if name == "harts" { check.always() } else { check }
    };
    EXAMPLES.map(check).into()
}

fn boot(name: &str, arguments: &[&str], words: &str) -> Result<(), String> {
    set_up::rust_target()?;
    let mut cargo = cargo();
    // The runner in .cargo/config.toml is Cargo itself, which would build the command once more.
    if let Some(path) = command::path()?.to_str().filter(|path| !path.contains(char::is_whitespace)) {
        cargo.env("CARGO_TARGET_RISCV64GC_UNKNOWN_NONE_ELF_RUNNER", format!("{path} run"));
    }
    let output = cargo
        .args(["run", "--quiet", "--release", "--target", TARGET, "--package", "landfall-examples"])
        .args(["--example", name, "--"])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let messages = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    if output.status.success() && messages.contains(words) {
        Ok(())
    } else {
        Err(format!("it ends with {} and does not say \"{words}\": {messages}", output.status))
    }
}
