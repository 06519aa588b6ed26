//! Boots of a kernel that another build system has linked.

use std::path::Path;

/// The line that the kernel prints, with a text that it finds by the GOT.
const LINE: &str = "archive: assembled by another build system";

/// Boots a sealed kernel: an ELF, a flat image or a disk's origin.
///
/// # Errors
/// Returns the console's output, if it does not land or its own checks fail.
pub fn boot(kernel: &Path) -> Result<(), String> {
    let kernel = kernel.to_str().ok_or("a path that is UTF-8")?;
    let output = run(&["run", kernel, "--harts", "2", "--timeout", "60"])?;
    if output.0 == Some(0) && output.1.contains(LINE) { Ok(()) } else { Err(output.1) }
}

/// Boots a kernel that must refuse to land, by a line with these words.
///
/// # Errors
/// Returns the console's output, if it does anything else.
pub fn refuse(kernel: &Path, words: &str) -> Result<(), String> {
    let kernel = kernel.to_str().ok_or("a path that is UTF-8")?;
    let mut qemu = std::process::Command::new("qemu-system-riscv64");
    qemu.args(["-machine", "virt", "-m", "256M", "-nographic", "-no-reboot", "-kernel", kernel]);
    let output = qemu.stdin(std::process::Stdio::null()).output().map_err(|error| error.to_string())?;
    let console = String::from_utf8_lossy(&output.stdout);
    let refused = console.lines().any(|line| line.starts_with("landfall: refused") && line.contains(words));
    if refused && !console.contains(LINE) { Ok(()) } else { Err(console.into_owned()) }
}

fn run(arguments: &[&str]) -> Result<(Option<i32>, String), String> {
    let mut command = super::landfall(arguments, super::library::checkout())?;
    let output = command.stdin(std::process::Stdio::null()).output().map_err(|error| error.to_string())?;
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok((output.status.code(), text.concat()))
}
