//! A new kernel in C, as its author uses it: the folder that `cargo landfall new` makes, and Make.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use landfall_host::scratch::Scratch;

use super::library::checkout;
use super::{Compiler, landfall, path, run};

/// A new kernel in C.
#[derive(Debug)]
pub struct NewKernel {
    /// The folder above the kernel's, removed with this value.
    scratch: Scratch,
    kernel: PathBuf,
}

impl NewKernel {
    /// Makes a kernel, named `name`, in a folder of its own.
    ///
    /// # Errors
    /// Returns the messages of the command.
    pub fn make(name: &str) -> Result<Self, String> {
        Compiler::Gcc.command()?;
        let scratch = Scratch::create().map_err(|error| error.to_string())?;
        let mut new = landfall(&["new", "--language", "c", name], scratch.path())?;
        run(new.env("LANDFALL_PATH", checkout()).stdin(Stdio::null()))?;
        Ok(Self { kernel: scratch.path().join(name), scratch })
    }

    /// Returns the kernel's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.kernel
    }

    /// Moves the kernel's folder, and all that was built in it.
    ///
    /// # Errors
    /// Returns the system's error.
    pub fn rename(&mut self, name: &str) -> Result<(), String> {
        let place = self.scratch.path().join(name);
        fs::rename(&self.kernel, &place).map_err(|error| error.to_string())?;
        self.kernel = place;
        Ok(())
    }

    /// Runs Make in the kernel's folder, and returns its success and what it prints.
    ///
    /// # Errors
    /// Returns the system's error if Make does not start.
    pub fn try_make(
        &self,
        arguments: &[&str],
        configure: impl FnOnce(&mut Command),
    ) -> Result<(bool, String), String> {
        let mut make = Command::new("make");
        make.arg(format!("LANDFALL={}", path()?.display())).args(arguments);
        configure(make.current_dir(&self.kernel).stdin(Stdio::null()));
        let Output { status, stdout, stderr } = make.output().map_err(|error| error.to_string())?;
        let text = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok((status.success(), text.concat()))
    }

    /// Runs Make in the kernel's folder, and returns what it prints.
    ///
    /// # Errors
    /// Returns what it prints, if it fails.
    pub fn make_target(&self, arguments: &[&str]) -> Result<String, String> {
        let (success, text) = self.try_make(arguments, |_| {})?;
        if success { Ok(text) } else { Err(text) }
    }
}

/// Returns the files below `folder`.
///
/// # Errors
/// Returns the system's error.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}
