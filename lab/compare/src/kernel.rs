//! Measuring kernels: how they boot, and what they say.
//!
//! Such a kernel prints lines that begin with `compare:` and go on with `key=value`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use object::LittleEndian;
use object::read::elf::ElfFile64;
use object::{Object, ObjectSection};

use super::CompareError;
use anyhow::Error;
use landfall_host::last_lines::LastLines;
use landfall_host::machine::Machine;
use landfall_host::qemu::Qemu;

/// The longest that a measuring kernel takes.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

const PREFIX: &str = "compare: ";

/// A machine that counts exactly, and boots `kernel`.
pub(super) fn machine(kernel: &Path) -> Machine {
    let extra = ["-icount", "shift=0"].map(Into::into).to_vec();
    Machine { kernel: Some(kernel.to_owned()), extra, ..Machine::default() }
}

/// A line that a measuring kernel printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    kernel: String,
    text: String,
    fields: BTreeMap<String, String>,
}

impl Line {
    pub(super) fn parse(kernel: &str, line: &str) -> Option<Self> {
        let text = line.strip_prefix(PREFIX)?;
        let fields = text.split_whitespace().filter_map(|word| word.split_once('='));
        let fields = fields.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        Some(Self { kernel: kernel.to_owned(), text: text.to_owned(), fields })
    }

    /// The value of `field`.
    pub(super) fn text(&self, field: &'static str) -> Result<&str, CompareError> {
        self.fields.get(field).map(String::as_str).ok_or_else(|| self.lacks(field))
    }

    /// The value of `field`, a decimal number.
    pub(super) fn number(&self, field: &'static str) -> Result<u64, CompareError> {
        self.text(field)?.parse().map_err(|_| self.lacks(field))
    }

    fn lacks(&self, field: &'static str) -> CompareError {
        CompareError::Field { kernel: self.kernel.clone(), field, line: self.text.clone() }
    }
}

/// Boots a machine and gives the lines that its kernel printed for us; there is at least one.
pub(super) fn boot(qemu: &Qemu, machine: &Machine, kernel: &str) -> Result<Vec<Line>, Error> {
    let boot = qemu.boot(machine.arguments(), PATIENCE, |_| {})?;
    let lines: Vec<_> = boot.console.iter().filter_map(|line| Line::parse(kernel, line)).collect();
    if lines.is_empty() || boot.status.is_none() {
        let last = LastLines::of(&boot.console);
        return Err(CompareError::Silent { kernel: kernel.to_owned(), last }.into());
    }
    Ok(lines)
}

/// The count of a function that is known to take one instruction.
pub(super) fn check_exact(line: &Line) -> Result<(), CompareError> {
    match line.number("calibration")? {
        1 => Ok(()),
        counted => Err(CompareError::Inexact { counted }),
    }
}

/// A section of an ELF: where it was linked, and its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) address: u64,
    pub(super) bytes: Vec<u8>,
}

/// The sections `names` of the ELF at `path`; one that is not there is empty.
pub(super) fn sections<const N: usize>(path: &Path, names: [&str; N]) -> Result<[Section; N], Error> {
    let read = |source| Error::new(source).context(format!("cannot read {}", path.display()));
    let bytes = fs::read(path).map_err(read)?;
    let elf = ElfFile64::<LittleEndian>::parse(&*bytes);
    let elf = elf.map_err(|source| CompareError::Elf {
        kernel: path.display().to_string(),
        what: format!("no 64-bit ELF: {source}"),
    })?;
    Ok(names.map(|name| {
        let section = elf.section_by_name(name);
        section.map_or_else(Section::default, |section| Section {
            address: section.address(),
            bytes: section.data().unwrap_or_default().to_vec(),
        })
    }))
}

/// The compiler, the same that Cargo calls.
pub(super) fn rustc() -> Command {
    Command::new(env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_by_its_fields() {
        let line = Line::parse("k", "compare: op=map instructions=17").expect("a line");
        assert_eq!((line.text("op").ok(), line.number("instructions").ok()), (Some("map"), Some(17)));
        assert!(line.number("op").is_err() && line.text("checksum").is_err());
        assert!(line.number("checksum").expect_err("no field").to_string().contains("checksum"));
        assert_eq!(Line::parse("k", "landfall: report {}"), None);
    }
}
