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
    /// What boots it.
    pub firmware: Firmware,
    /// The board.
    pub board: Board,
    /// The largest paging mode that the machine has.
    pub mode: Option<Mode>,
    /// Where the image is to lie.
    pub at: Option<Address>,
    /// The machine's RAM.
    pub memory: Size,
    /// The machine's harts.
    pub harts: Harts,
    /// Where random numbers come from.
    pub randomness: Randomness,
    /// The kernel's command line.
    pub append: Option<String>,
    /// An initial RAM disk.
    pub initrd: Option<PathBuf>,
    /// How the result is told.
    pub format: RunFormat,
    /// How long the machine may run, where no user ends it.
    pub timeout: Duration,
    /// A text on the console that ends the run with success.
    pub until: Option<String>,
    /// Whose keyboard the machine's is.
    pub keyboard: Keys,
    /// More arguments for QEMU.
    pub qemu: Vec<OsString>,
    /// What to change in the kernel's policy.
    pub policy: Vec<Change>,
    /// Where to write down what the boot started from.
    pub dump_facts: Option<PathBuf>,
    /// Who lets the machine run.
    pub control: Control,
}

/// Whose keyboard the machine's is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// Nobody's: a script or a test waits for a verdict.
    #[default]
    Nobody,
    /// The user's, if stdin is a terminal. Then the machine runs until it ends, or the user ends it.
    User,
}

/// Who lets the machine run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Control {
    /// Nobody: it runs.
    #[default]
    Nobody,
    /// A debugger, from the kernel's first instruction on.
    Debugger,
}

/// How a result is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum RunFormat {
    /// The console's lines, as they come
    Text,
    /// The landing report as one JSON object, alone on stdout; the console goes to stderr
    Json,
}
