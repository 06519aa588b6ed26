//! One boot, as a user requests it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use landfall_predict::Randomness;
use landfall_predict::policy::Change;
use landfall_predict::units::{Address, Size};

use crate::firmware::Firmware;
use crate::kernel::Selection;
use crate::machine::{Board, Harts, Mode};

/// One boot, as a user requests it.
#[derive(Clone, Debug)]
pub struct BootRequest {
    /// The kernel.
    pub kernel: Selection,
    /// The firmware.
    pub firmware: Firmware,
    /// The board.
    pub board: Board,
    /// The largest paging mode that the machine has.
    pub mode: Option<Mode>,
    /// The address of the image.
    pub at: Option<Address>,
    /// The machine's RAM.
    pub memory: Size,
    /// The machine's harts.
    pub harts: Harts,
    /// The source of random numbers.
    pub randomness: Randomness,
    /// The kernel's command line.
    pub append: Option<String>,
    /// An initial RAM disk.
    pub initrd: Option<PathBuf>,
    /// The kernel that the first one starts, in whose initrd it is.
    pub then: Option<NextKernel>,
    /// The format of the result.
    pub format: RunFormat,
    /// The time limit of the machine, if no user ends it.
    pub timeout: Duration,
    /// A text on the console that ends the run with success.
    pub until: Option<String>,
    /// Whose keyboard the machine's is.
    pub keyboard: Keys,
    /// More arguments for QEMU.
    pub qemu: Vec<OsString>,
    /// The changes of the kernel's policy.
    pub policy: Vec<Change>,
    /// The file for the facts of the boot.
    pub dump_facts: Option<PathBuf>,
    /// The controller of the machine.
    pub control: Control,
    /// Files of modules, besides those in the folder of the kernel's ELF: for names of addresses.
    pub modules: Vec<PathBuf>,
}

impl BootRequest {
    /// Returns a boot of `kernel` on a `virt` machine with one hart and 1 GiB of RAM. It has no
    /// keyboard, and ends after [`TIMEOUT`].
    #[must_use]
    pub const fn new(kernel: Selection) -> Self {
        Self {
            kernel,
            firmware: Firmware::OpenSbi,
            board: Board::Virt,
            mode: None,
            at: None,
            memory: Size::gib(1),
            harts: Harts::MIN,
            randomness: Randomness::Fresh,
            append: None,
            initrd: None,
            then: None,
            format: RunFormat::Text,
            timeout: TIMEOUT,
            until: None,
            keyboard: Keys::Nobody,
            qemu: Vec::new(),
            policy: Vec::new(),
            dump_facts: None,
            control: Control::Nobody,
            modules: Vec::new(),
        }
    }
}

/// The usual time limit of a machine that no user ends.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// A kernel that the first one starts by kexec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextKernel {
    /// The kernel.
    pub kernel: Selection,
    /// Its initial RAM disk.
    pub initrd: Option<PathBuf>,
    /// Its command line.
    pub append: Option<String>,
}

/// Whose keyboard the machine's is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// No keyboard: a script or a test waits for a verdict.
    #[default]
    Nobody,
    /// The user's, if stdin is a terminal. Then the machine runs until it ends, or the user ends
    /// it.
    User,
}

/// The controller of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Control {
    /// No controller: the machine runs.
    #[default]
    Nobody,
    /// A debugger, from the kernel's first instruction on.
    Debugger,
    /// An audit, at the kernel's `main`; on the simulator at the end.
    Audit,
}

/// The format of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum RunFormat {
    /// The console's lines, as they come
    Text,
    /// The landing report as one JSON object, alone on stdout; the console goes to stderr
    Json,
}
