//! The kernels of ArceOS on both platforms: landfall's, which the matrix boots, and ArceOS's own
//! for QEMU's `virt`. The package `axplat-qemu-virt` builds the very same files: its dependency on
//! the other platform has landfall's name.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use super::bench::Bench;
use super::check::Check;
use super::session::as_text;
use super::set_up;
use landfall_host::build::TARGET;
use landfall_host::kernel::cargo;
use landfall_host::machine::{Harts, Machine, Memory};
use landfall_predict::units::Size;

const PACKAGE: &str = "axplat-qemu-virt";
const PLATFORM: &str = "axplat-riscv64-qemu-virt";

/// The number of harts for ArceOS's own platform, which cannot find it out.
const HARTS: u32 = 4;

/// The lines of each kernel there. That platform has no device interrupts.
const SAID: [(&str, &[&str]); 3] = [
    ("axplat-hello-qemu-virt", &["axplat: statics ok", "axplat: memory ok", "axplat: clock ok"]),
    (
        "axplat-irq-qemu-virt",
        &["axplat: timer ok", "axplat: wall clock ok", "axplat: no interrupt of a device"],
    ),
    ("axplat-smp-qemu-virt", &["axplat: 4 CPUs up", "axplat: timers ok", "axplat: calls ok"]),
];

/// Returns the test of all three: one build serves them.
pub(super) fn checks() -> Vec<Check> {
    vec![Check::new("axplat/same-files-on-both-platforms", both)]
}

fn both() -> Result<(), String> {
    let Bench { qemu, .. } = Bench::get()?;
    set_up::rust_target()?;
    let kernels = build()?;
    for (name, lines) in SAID {
        let kernel = kernels.iter().find(|path| path.ends_with(name)).ok_or_else(|| format!("no {name}"))?;
        let machine = Machine {
            kernel: Some(kernel.clone()),
            harts: Harts::new(HARTS).unwrap_or(Harts::MIN),
            memory: Memory::One(Size(128 << 20)),
            ..Machine::default()
        };
        let boot = as_text(qemu.boot(machine.arguments(), Duration::from_secs(240), |_| {}))?;
        if let Some(absent) = lines.iter().find(|line| !boot.console.iter().any(|messages| messages == *line))
        {
            let last = boot.console.last().map_or("", String::as_str);
            return Err(format!("{name} does not print \"{absent}\"; its console ends with \"{last}\""));
        }
    }
    Ok(())
}

/// Builds the kernels, and returns their ELFs.
fn build() -> Result<Vec<PathBuf>, String> {
    let scratch = as_text(landfall_host::private::folder("landfall-axplat-"))?;
    let config = scratch.path().join("axconfig.toml");
    as_text(std::fs::write(&config, configuration()?))?;
    let output = cargo()
        .args(["build", "--release", "--target", TARGET, "--package", PACKAGE])
        .arg("--message-format=json-render-diagnostics")
        .env("AX_CONFIG_PATH", &config)
        .stdin(Stdio::null())
        .output();
    let output = as_text(output)?;
    if !output.status.success() {
        return Err(format!("{PACKAGE} does not build: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let executable = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    };
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(executable).collect())
}

/// Returns the platform's own configuration, with more than one CPU.
fn configuration() -> Result<String, String> {
    let output = cargo().args(["metadata", "--format-version", "1"]).stdin(Stdio::null()).output();
    let metadata: Value = as_text(serde_json::from_slice(&as_text(output)?.stdout))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let manifest = packages
        .filter(|package| package["name"] == PLATFORM)
        .find_map(|package| package["manifest_path"].as_str());
    let manifest =
        PathBuf::from(manifest.ok_or_else(|| format!("{PLATFORM} is not in the workspace's tree"))?);
    let path = manifest.with_file_name("axconfig.toml");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let more = text.replace("\nmax-cpu-num = 1 ", &format!("\nmax-cpu-num = {HARTS} "));
    if more == text { Err(format!("{}: max-cpu-num is not 1", path.display())) } else { Ok(more) }
}
