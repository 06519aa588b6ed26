//! A kernel and its machine, made ready to boot.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use landfall_inspect::{Accepted, flat};

use crate::build::policy::ChangeImageError;
use crate::build::{self, BuildError, Built, Outcome, Way};
use crate::check::{CheckError, Remarks};
use crate::firmware::Firmware;
use crate::firmware::FirmwareError;
use crate::fresh::{Build, Note, Question, State};
use crate::kernel::{Choice, Kernel, KernelError, KernelFile, Selection};
use crate::machine::{Machine, Memory};
use crate::place::PlaceError;
use crate::qemu::Qemu;
use crate::qemu::QemuError;
use crate::request::BootRequest;
use crate::setup::SetupError;
use crate::tree::TreeError;
use crate::user_file::{self, Limit};
use crate::{check, elf, place, setup, tree};
use landfall_predict::Randomness;
use landfall_predict::policy::Change;
use landfall_predict::units::{Address, Seed, Size};
use thiserror::Error;

/// A kernel and its machine that cannot be made ready.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// A tool is missing on this computer.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The kernel does not build.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The file is not fit to boot.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The image cannot lie at the requested address.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The firmware is missing or does not fit the machine.
    #[error(transparent)]
    Firmware(#[from] FirmwareError),
    /// The device tree cannot be made.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// QEMU does not run.
    #[error(transparent)]
    Qemu(#[from] QemuError),
    /// The image cannot take the requested policy.
    #[error(transparent)]
    Policy(#[from] ChangeImageError),
    /// This computer has too little memory for QEMU's own data.
    #[error(
        "QEMU needs {needed} of this computer's memory for a machine with {ram} of RAM, but {available} are available; choose less RAM"
    )]
    HostMemory {
        /// The machine's RAM.
        ram: Size,
        /// The bytes that QEMU writes before the machine starts.
        needed: Size,
        /// The bytes that are available.
        available: Size,
    },
    /// A file cannot be read or written.
    #[error("{what}: {source}")]
    File {
        /// The operation and its file.
        what: String,
        /// The system's reason.
        source: io::Error,
    },
}

/// A kernel's files: what boots, and where its symbols are.
#[derive(Debug)]
pub struct Prepared {
    /// The kernel's name, as messages state it.
    name: String,
    boots: KernelFile,
    symbols: Option<PathBuf>,
}

impl Prepared {
    /// Builds a package, or checks a file. Findings in `allow` are accepted.
    ///
    /// # Errors
    /// [`PrepareError`] where it does not build, or is not fit to boot.
    pub fn from(kernel: &Kernel, allow: &[Accepted]) -> Result<Self, PrepareError> {
        match kernel {
            Kernel::Package(package) => {
                setup::rust_target()?;
                Ok(Self::built(kernel.to_string(), build::package(package, allow)?))
            }
            Kernel::File(file) => Self::from_file(kernel.to_string(), file.clone(), allow),
        }
    }

    /// Builds the package that a user selected, or checks the file. If nothing has changed since
    /// the last run, neither Cargo nor the check runs.
    ///
    /// # Errors
    /// [`KernelError`] if there is no such kernel, [`PrepareError`] if it does not build, or is not
    /// fit to boot.
    pub(crate) fn of<E: From<KernelError> + From<PrepareError>>(selection: &Selection) -> Result<Self, E> {
        let question = Question::of(selection);
        let known = question.as_ref().and_then(Note::read);
        if let Some(note) = known.as_ref().filter(|note| note.state == State::Confirmed) {
            return Ok(Self::built(note.kernel.clone(), note.built()));
        }
        let begun = SystemTime::now();
        let Choice { kernel, workspace } = Choice::of(selection)?;
        let name = kernel.to_string();
        match kernel {
            Kernel::Package(package) => {
                let sysroot = setup::rust_sysroot().map_err(PrepareError::from)?;
                let way = if known.is_some() { Way::Heard } else { Way::Straight };
                let outcome = build::outcome(&package, &selection.allow, way).map_err(PrepareError::from)?;
                let Outcome { built, compiled, remarks } = outcome;
                if let (Some(question), Some(workspace), Remarks::None) = (question, workspace, remarks) {
                    let build = Build { compiled: &compiled, workspace: &workspace, sysroot: &sysroot };
                    note(&question, known.as_ref(), &name, begun, &build);
                }
                Ok(Self::built(name, built))
            }
            Kernel::File(file) => Ok(Self::from_file(name, file, &selection.allow)?),
        }
    }

    fn built(name: String, Built { elf, flat }: Built) -> Self {
        Self { name, boots: KernelFile::Flat(flat), symbols: Some(elf) }
    }

    /// Checks a file. Findings in `allow` are accepted.
    fn from_file(name: String, kernel: KernelFile, allow: &[Accepted]) -> Result<Self, PrepareError> {
        let path = kernel.path();
        let bytes = user_file::read(path, Limit::KERNEL)
            .map_err(|source| file("cannot read the kernel", path, source))?;
        check::before_boot(path, &bytes, allow)?;
        let symbols = match &kernel {
            KernelFile::Elf(path) => Some(path.clone()),
            KernelFile::Flat(_) => None,
        };
        Ok(Self { name, boots: kernel, symbols })
    }

    /// Returns the same kernel with another policy, as a file in `scratch`.
    ///
    /// # Errors
    /// [`PrepareError`] where no kernel can have such a policy.
    pub fn with_policy(self, changes: &[Change], scratch: &Path) -> Result<Self, PrepareError> {
        if changes.is_empty() {
            return Ok(self);
        }
        let path = self.boots.path();
        let mut bytes = user_file::read(path, Limit::KERNEL)
            .map_err(|source| file("cannot read the kernel", path, source))?;
        match self.boots {
            KernelFile::Flat(_) => build::policy::change_flat(&mut bytes, changes)?,
            KernelFile::Elf(_) => build::policy::change_elf(&mut bytes, changes)?,
        };
        let copy = scratch.join("policy.image");
        fs::write(&copy, bytes).map_err(|source| file("cannot write the kernel", &copy, source))?;
        let boots = match self.boots {
            KernelFile::Flat(_) => KernelFile::Flat(copy),
            KernelFile::Elf(_) => KernelFile::Elf(copy),
        };
        Ok(Self { boots, ..self })
    }

    /// Returns the kernel's name, as messages state it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the file that boots.
    #[must_use]
    pub const fn boots(&self) -> &KernelFile {
        &self.boots
    }

    /// Returns the ELF with its symbols, if there is one.
    #[must_use]
    pub fn symbols(&self) -> Option<&Path> {
        self.symbols.as_deref()
    }

    /// Returns the address of the image.
    ///
    /// # Errors
    /// [`PrepareError`] where the ELF does not say.
    pub fn base(&self, at: Option<Address>) -> Result<Address, PrepareError> {
        let path = self.boots.path();
        match (at, &self.boots) {
            (Some(at), _) => Ok(at),
            (None, KernelFile::Flat(_)) => Ok(place::DEFAULT),
            (None, KernelFile::Elf(_)) => {
                let bytes = user_file::read(path, Limit::KERNEL)
                    .map_err(|source| file("cannot read the kernel", path, source))?;
                let elf = elf::parse(path, &bytes).map_err(BuildError::from)?;
                Ok(flat::load_address(&elf).unwrap_or(place::DEFAULT))
            }
        }
    }

    /// Returns the machine that boots this kernel as `request` say. Files for QEMU go to `scratch`.
    ///
    /// # Errors
    /// [`PrepareError`] where there is no such machine.
    pub fn machine(
        &self,
        request: &BootRequest,
        qemu: &Qemu,
        scratch: &Path,
    ) -> Result<Machine, PrepareError> {
        let mut machine = request.machine();
        check_host(&machine.memory, available_memory())?;
        match request.at {
            None => machine.kernel = Some(self.boots.path().to_owned()),
            Some(at) => place::put(&mut machine, &self.image()?, at, scratch)?,
        }
        if request.firmware != Firmware::OpenSbi {
            request.firmware.install(&mut machine, &self.image()?, scratch)?;
        }
        match request.randomness {
            Randomness::Seed(seed) => machine.dtb = Some(seeded_tree(seed, qemu, &machine, scratch)?),
            Randomness::Fresh | Randomness::Off => {}
        }
        Ok(machine)
    }

    /// Returns the bytes of the flat image.
    fn image(&self) -> Result<Vec<u8>, PrepareError> {
        let path = self.boots.path();
        let bytes = user_file::read(path, Limit::KERNEL)
            .map_err(|source| file("cannot read the kernel", path, source))?;
        match self.boots {
            KernelFile::Flat(_) => Ok(bytes),
            KernelFile::Elf(_) => {
                let elf = elf::parse(path, &bytes).map_err(BuildError::from)?;
                let flat = flat::flatten(&elf)
                    .map_err(|source| BuildError::Flat { path: path.to_owned(), source })?;
                Ok(flat.bytes)
            }
        }
    }
}

/// Notes a kernel that was built. The note is confirmed if Cargo had nothing to do, and `known` was
/// true before and after.
fn note(question: &Question, known: Option<&Note>, name: &str, begun: SystemTime, build: &Build<'_>) {
    let Some(inputs) = build.inputs() else { return };
    let linked = build.compiled.linked.clone();
    let note = |state| Note::now(state, name.to_owned(), linked.clone(), inputs.clone());
    let confirmed = note(State::Confirmed);
    let is_confirmed = known.is_some_and(|known| confirmed.confirms(known, begun));
    let note = if build.compiled.was_idle() && is_confirmed { confirmed } else { note(State::Unconfirmed) };
    note.write(question);
}

/// Returns the tree for QEMU's `-dtb` that holds `seed`.
fn seeded_tree(seed: Seed, qemu: &Qemu, machine: &Machine, scratch: &Path) -> Result<PathBuf, PrepareError> {
    let tree = tree::with_seed(&tree::of_machine(qemu, machine, scratch)?, seed)?;
    let path = scratch.join("seeded.dtb");
    fs::write(&path, tree).map_err(|source| file("cannot write the device tree", &path, source))?;
    Ok(path)
}

impl BootRequest {
    fn machine(&self) -> Machine {
        let nokaslr = (self.randomness == Randomness::Off).then_some("nokaslr");
        let words: Vec<_> = self.append.as_deref().into_iter().chain(nokaslr).collect();
        Machine {
            board: self.board,
            mode: self.mode,
            initrd: self.initrd.clone(),
            memory: Memory::One(self.memory),
            harts: self.harts,
            append: (!words.is_empty()).then(|| words.join(" ").into()),
            extra: self.qemu.clone(),
            ..Machine::default()
        }
    }
}

/// Checks that the host has the memory that QEMU writes before the machine starts. Otherwise the
/// system may end other programs.
fn check_host(memory: &Memory, available: Option<Size>) -> Result<(), PrepareError> {
    let needed = memory.bookkeeping();
    match available {
        Some(available) if available.0 < needed.0 => {
            Err(PrepareError::HostMemory { ram: memory.total(), needed, available })
        }
        _ => Ok(()),
    }
}

/// Returns the host's available memory, if the system states it (Linux, proc(5)).
fn available_memory() -> Option<Size> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| Size(kib.saturating_mul(1024)))
}

fn file(what: &str, path: &Path, source: io::Error) -> PrepareError {
    PrepareError::File { what: format!("{what} {}", path.display()), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_this_computer_has_no_room_for_is_refused() {
        let memory = Memory::One(Size::gib(64 << 10));
        let error = check_host(&memory, Some(Size::gib(5))).expect_err("too little").to_string();
        let words =
            "QEMU needs 6 GiB of this computer's memory for a machine with 64 TiB of RAM, but 5 GiB are";
        assert!(error.starts_with(words), "{error}");
        for available in [Some(Size::gib(6)), None] {
            assert!(check_host(&memory, available).is_ok());
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_system_states_its_available_memory() {
        assert!(available_memory().is_some_and(|memory| memory.0 > 1 << 20));
    }
}
