//! The kernels of the matrix, built once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use super::image::Image;
use anyhow::Error;
use landfall_host::build::{self, Built, TARGET};
use landfall_host::kernel::cargo;

/// Kernels that are booted.
const BOOTED: [&str; 13] = [
    "hello",
    "rules",
    "panic",
    "overflow",
    "user",
    "secrets",
    "wants-sv48",
    "own-start",
    "own-tables",
    "own-layout",
    "axplat-hello",
    "axplat-irq",
    "axplat-smp",
];

/// The application of ArceOS.
pub(super) const APPLICATION: &str = "arceos-app";

/// What to tell `cargo landfall run` for a kernel: its package, or its file where that is in a workspace of its own.
pub(super) fn wanted(kernel: &str) -> Cow<'_, str> {
    if kernel == APPLICATION {
        format!("kernels/{kernel}/target/{TARGET}/release/{kernel}").into()
    } else {
        kernel.into()
    }
}

/// The tests' own machine-mode firmware.
pub(super) const SHIM: &str = "shim";

/// The tests' own EFI application, which cuts memory into pieces.
const PIECES: &str = "pieces";

/// A kernel's files, and what is in them.
#[derive(Debug)]
pub(super) struct TestKernel {
    pub(super) elf: PathBuf,
    pub(super) flat: PathBuf,
    pub(super) image: Image,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Kernels {
    booted: BTreeMap<&'static str, TestKernel>,
    /// The shim's ELF.
    pub(super) shim: PathBuf,
    /// The file of the application that cuts memory into pieces.
    pub(super) pieces: PathBuf,
}

impl Kernels {
    /// Builds everything.
    pub(super) fn build() -> Result<Self, Error> {
        let mut kernels =
            Self { booted: BTreeMap::new(), shim: build_bare(SHIM)?, pieces: build_bare(PIECES)? };
        for name in BOOTED {
            kernels.add(name, build::named(name)?)?;
        }
        Ok(kernels)
    }

    /// Builds the application of ArceOS, in a workspace of its own: it wants some hundred crates of others.
    pub(super) fn add_application(&mut self) -> Result<(), Error> {
        let linked = build::unsealed(APPLICATION, |command| {
            command.current_dir(Path::new("kernels").join(APPLICATION));
        })?;
        self.add(APPLICATION, build::finish(&linked, &[])?)
    }

    /// Whether that was built.
    pub(super) fn have_application(&self) -> bool {
        self.booted.contains_key(APPLICATION)
    }

    fn add(&mut self, name: &'static str, built: Built) -> Result<(), Error> {
        let Built { elf, flat } = built;
        let image = Image::read(&elf, &flat).map_err(|what| Error::msg(format!("{name}: {what}")))?;
        self.booted.insert(name, TestKernel { elf, flat, image });
        Ok(())
    }

    pub(super) fn get(&self, name: &str) -> Result<&TestKernel, String> {
        self.booted.get(name).ok_or_else(|| format!("no kernel {name}"))
    }
}

/// What is no kernel, and has no record and no seal.
fn build_bare(package: &str) -> Result<PathBuf, Error> {
    let failed = |what: String| Error::msg(what);
    let output = cargo()
        .args([
            "build",
            "--release",
            "--target",
            TARGET,
            "--package",
            package,
            "--message-format=json-render-diagnostics",
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failed(format!("cargo did not start: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let artifact = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    };
    let built = text.lines().find_map(artifact);
    built.filter(|_| output.status.success()).ok_or_else(|| failed(format!("{package} does not build")))
}
