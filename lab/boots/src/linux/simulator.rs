//! Linux on the simulator, up to its first process and back to the firmware.

use std::fs;
use std::process::{Command, Stdio};

use landfall_host::initrd::archive::Archive;

use super::debian::Debian;
use super::facts::Facts;
use crate::bench::Bench;
use crate::check::Outcome;
use crate::command;
use crate::session::as_text;

/// The words of the command line for which the first process powers the machine off.
const LINE: &str = "earlycon=sbi console=ttyS0 init.do=off";

/// The seed of the machine.
const SEED: &str = "2";

/// Boots Linux on a machine of the simulator: `plain` or `worst`.
pub(super) fn run(preset: &'static str) -> Outcome {
    let linux = Debian::get()?.image;
    let init = as_text(fs::read(Bench::get()?.kernels.linux_init()?))?;
    let directory = as_text(landfall_host::private::folder("landfall-test-"))?;
    let initrd = directory.path().join("initrd");
    as_text(fs::write(&initrd, Archive::default().with("init", &init).into_bytes()))?;
    let mut command = Command::new(command::path()?);
    command.arg("run").arg(linux).args(["--simulator", preset, "--seed", SEED, "--harts", "1"]);
    command.args(["--limit", "4000M"]);
    command.arg("--initrd").arg(initrd).args(["--append", LINE, "--until", "reboot: Power down"]);
    let output = as_text(command.stdin(Stdio::null()).output())?;
    let console: Vec<_> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    let facts = Facts::all(&console);
    let is_right = |facts: &Facts| facts.harts == 1 && !facts.has_vmcore && facts.line.starts_with(LINE);
    if output.status.success() && facts.len() == 1 && facts.iter().all(is_right) {
        return Ok(());
    }
    let end = console.iter().rev().take(12).rev().cloned().collect::<Vec<_>>().join("\n");
    Err(format!("it ends with {} and {facts:?}; the console ends with\n{end}", output.status))
}
