//! Spike's device tree, with a paging mode, a command line and a seed.

use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::thread;

use dtoolkit::Node;
use dtoolkit::error::FdtParseError;
use dtoolkit::fdt::Fdt;
use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
use landfall_predict::units::Seed;
use thiserror::Error;

/// The settings that the tree alone transports.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The `mmu-type` of each hart, such as `riscv,sv39`.
    pub mmu_type: &'static str,
    /// The kernel's command line.
    pub command_line: &'static str,
    /// The `kaslr-seed`; without one the kernel has no randomness.
    pub seed: Option<Seed>,
}

/// A reason why there is no tree.
#[derive(Debug, Error)]
pub enum TreeError {
    /// A program did not run.
    #[error("cannot run {program}: {source}")]
    Start {
        /// The program.
        program: &'static str,
        /// The system's error.
        source: io::Error,
    },
    /// A program failed.
    #[error("{program} failed: {message}")]
    Failed {
        /// The program.
        program: &'static str,
        /// Its message.
        message: String,
    },
    /// The tree cannot be parsed.
    #[error("Spike's device tree is invalid: {0}")]
    Parse(#[from] FdtParseError),
    /// A node is missing.
    #[error("Spike's device tree has no {node}")]
    NoNode {
        /// The node.
        node: &'static str,
    },
}

/// Returns the tree of the machine that `dump` describes when it runs, with `settings`.
///
/// # Errors
/// [`TreeError`] names the step that failed.
pub fn of_machine(dump: Command, settings: Settings) -> Result<Vec<u8>, TreeError> {
    let source = run(dump, "spike", Vec::new())?;
    let mut dtc = Command::new("dtc");
    dtc.args(["--quiet", "--in-format", "dts", "--out-format", "dtb"]);
    let tree = run(dtc, "dtc", source)?;
    with_settings(&tree, settings)
}

/// Returns the tree with `settings` in the place of those that it has.
fn with_settings(tree: &[u8], settings: Settings) -> Result<Vec<u8>, TreeError> {
    let mut tree = DeviceTree::from_fdt(&Fdt::new(tree)?);
    let cpus = tree.root.child_mut("cpus").ok_or(TreeError::NoNode { node: "/cpus" })?;
    for cpu in cpus.children_mut().filter(|child| child.name().starts_with("cpu@")) {
        cpu.remove_property("mmu-type");
        cpu.add_property(DeviceTreeProperty::new_unchecked("mmu-type", settings.mmu_type));
    }
    if tree.root.child_mut("chosen").is_none() {
        tree.root.add_child(DeviceTreeNode::new_unchecked("chosen"));
    }
    let chosen = tree.root.child_mut("chosen").ok_or(TreeError::NoNode { node: "/chosen" })?;
    for name in ["bootargs", "kaslr-seed", "rng-seed"] {
        chosen.remove_property(name);
    }
    chosen.add_property(DeviceTreeProperty::new_unchecked("bootargs", settings.command_line));
    if let Some(seed) = settings.seed {
        chosen.add_property(DeviceTreeProperty::new_unchecked("kaslr-seed", seed.0));
    }
    Ok(tree.to_dtb())
}

/// Runs a filter to its end.
fn run(mut command: Command, program: &'static str, input: Vec<u8>) -> Result<Vec<u8>, TreeError> {
    let start = |source| TreeError::Start { program, source };
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(start)?;
    let mut stdin = child.stdin.take();
    // A filter that ends early closes its input, and reports the cause itself.
    let feeder = thread::spawn(move || stdin.as_mut().map(|stdin| stdin.write_all(&input)));
    let output = child.wait_with_output().map_err(start)?;
    let _ = feeder.join();
    if output.status.success() {
        return Ok(output.stdout);
    }
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(TreeError::Failed { program, message })
}
