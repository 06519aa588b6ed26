//! The kernels of the matrix. A process builds each once, when a test first needs it. Between
//! processes, Cargo's own check of what is up to date is the lock.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::bare::build_bare;
use super::image::Image;
use super::modules;
use super::session::as_text;
use super::set_up;
use super::wrapped;
use landfall_host::build::{self, BuildError, Built, TARGET};

/// The kernels that boot.
const BOOTED: [&str; 26] = [
    "hello",
    "demo",
    "rules",
    "panic",
    "overflow",
    "user",
    "space",
    "modules",
    "kexec",
    "crash",
    "secrets",
    "audit",
    "wants-sv48",
    "own-start",
    "own-tables",
    "own-layout",
    "axplat-hello",
    "axplat-irq",
    "axplat-smp",
    "wrapped",
    "wrapped-fixed",
    "wrapped-rust",
    "limine-c",
    "limine-c-fixed",
    "limine-rust",
    APPLICATION,
];

/// The application of ArceOS.
pub(super) const APPLICATION: &str = "arceos-app";

/// Returns the argument of `cargo landfall run` for a kernel: its package, or its file if the
/// package is in a workspace of its own.
pub(super) fn wanted(kernel: &str) -> Cow<'_, str> {
    if kernel == APPLICATION {
        format!("kernels/{kernel}/target/{TARGET}/release/{kernel}").into()
    } else {
        kernel.into()
    }
}

/// A kernel's files, and the contents of its image.
#[derive(Debug)]
pub(super) struct TestKernel {
    pub(super) elf: PathBuf,
    pub(super) flat: PathBuf,
    pub(super) image: Image,
}

/// A program, or the reason why it does not build.
type Once<T> = OnceLock<Result<T, String>>;

/// The kernels, and the programs that boot before or below them.
#[derive(Debug)]
pub(super) struct Kernels {
    booted: [Once<TestKernel>; BOOTED.len()],
    shim: Once<PathBuf>,
    pieces: Once<PathBuf>,
    linux_init: Once<PathBuf>,
    modules: Once<Vec<u8>>,
}

/// The kernels of this process.
pub(super) static KERNELS: Kernels = Kernels {
    booted: [const { OnceLock::new() }; BOOTED.len()],
    shim: OnceLock::new(),
    pieces: OnceLock::new(),
    linux_init: OnceLock::new(),
    modules: OnceLock::new(),
};

/// One build at a time: two would wait for each other's lock of the folder, and mix their messages.
static BUILDING: Mutex<()> = Mutex::new(());

impl Kernels {
    /// Returns a kernel, which is built if this process has not built it yet.
    pub(super) fn get(&self, name: &str) -> Result<&TestKernel, String> {
        let index = BOOTED.iter().position(|kernel| *kernel == name);
        let index = index.ok_or_else(|| format!("no kernel {name}"))?;
        once(&self.booted[index], || read(name))
    }

    /// Returns the ELF of the tests' own machine-mode firmware.
    pub(super) fn shim(&self) -> Result<&Path, String> {
        once(&self.shim, || build_bare("shim")).map(PathBuf::as_path)
    }

    /// Returns the initrd of the kernel `modules`.
    pub(super) fn modules(&self) -> Result<&[u8], String> {
        let elf = &self.get("modules")?.elf;
        once(&self.modules, || modules::initrd(elf)).map(Vec::as_slice)
    }

    /// Returns the file of the EFI application that splits memory into pieces.
    pub(super) fn pieces(&self) -> Result<&Path, String> {
        once(&self.pieces, || build_bare("pieces")).map(PathBuf::as_path)
    }

    /// Returns the ELF of the first process of Linux.
    pub(super) fn linux_init(&self) -> Result<&Path, String> {
        once(&self.linux_init, || build_bare("linux-init")).map(PathBuf::as_path)
    }
}

fn once<T>(place: &Once<T>, build: impl FnOnce() -> Result<T, String>) -> Result<&T, String> {
    let found = place.get_or_init(|| {
        set_up::rust_target()?;
        let _alone = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
        build()
    });
    found.as_ref().map_err(Clone::clone)
}

fn read(name: &str) -> Result<TestKernel, String> {
    let Built { elf, flat } = match name {
        APPLICATION => as_text(application())?,
        _ if wrapped::is_wrapped(name) => wrapped::build(name)?,
        _ => as_text(build::named(name))?,
    };
    let image = Image::read(&elf, &flat).map_err(|error| format!("{name}: {error}"))?;
    Ok(TestKernel { elf, flat, image })
}

/// Builds the application of ArceOS, whose workspace of its own depends on about a hundred crates.
fn application() -> Result<Built, BuildError> {
    let linked = build::unsealed(APPLICATION, |command| {
        command.current_dir(Path::new("kernels").join(APPLICATION));
    })?;
    build::finish(&linked, &[])
}
