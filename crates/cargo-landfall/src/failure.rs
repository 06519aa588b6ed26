//! What went wrong, and the exit status for it.
//!
//! ```text
//! 0   success
//! 1   refused, failed, no verdict in time, or findings
//! 2   usage, set-up, input that cannot be read at all, or a result that cannot be written
//! 130 the user ended the machine by Ctrl-C, as after SIGINT
//! ```

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use landfall_inspect::Escaped;
use landfall_inspect::contain::Panicked;
use thiserror::Error;

use crate::build::BuildError;
use crate::build::policy::ChangeImageError;
use crate::check::CheckError;
use crate::compare::CompareError;
use crate::debug::DebugError;
use crate::entry::EntryError;
use crate::firmware::FirmwareError;
use crate::gdb::GdbError;
use crate::kernel::KernelError;
use crate::measure::MeasureError;
use crate::new::NewError;
use crate::place::PlaceError;
use crate::plan::board::BoardError;
use crate::plan::facts_file::{FactsError, FactsNotWritten};
use crate::plan::image::ImageError;
use crate::policy::ChangeError;
use crate::qemu::QemuError;
use crate::report::ReportError;
use crate::setup::SetupError;
use crate::symbolize::SymbolizeError;
use crate::tree::TreeError;

/// Why a subcommand has not done what it was asked.
#[derive(Debug, Error)]
pub enum Failure {
    /// No kernel where the user said there was one.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// The file cannot be checked, or is not fit to boot.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The file was checked, and its findings were told.
    #[error("{}", if *.count == 1 { "there is a finding".to_owned() } else { format!("there are {count} findings") })]
    Findings {
        /// How many.
        count: usize,
    },
    /// Something is missing on this computer.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The kernel did not build.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The image cannot be put where the user wants it.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The firmware is missing, or cannot be put into the machine.
    #[error(transparent)]
    Firmware(#[from] FirmwareError),
    /// The device tree could not be made.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// QEMU did not run.
    #[error(transparent)]
    Qemu(#[from] QemuError),
    /// The debugger's connection broke.
    #[error(transparent)]
    Gdb(#[from] GdbError),
    /// There is nothing to debug.
    #[error(transparent)]
    Debug(#[from] DebugError),
    /// Instructions could not be counted.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// There is nothing to compare.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// The kernel's report is none.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The machine does not come to the kernel.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The file holds no kernel of ours.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The device tree gives no facts.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// The file holds no facts.
    #[error(transparent)]
    Facts(#[from] FactsError),
    /// The facts are not written.
    #[error(transparent)]
    FactsNotWritten(#[from] FactsNotWritten),
    /// No kernel can have such a policy.
    #[error(transparent)]
    Policy(#[from] ChangeError),
    /// The policy cannot be put into the image.
    #[error(transparent)]
    ChangeImage(#[from] ChangeImageError),
    /// There is no new kernel.
    #[error(transparent)]
    New(#[from] NewError),
    /// Arguments that do not go together.
    #[error("{message}")]
    Usage {
        /// Which, and what would be right.
        message: String,
    },
    /// The kernel would refuse to land.
    #[error("the kernel would refuse to land, rule {rule}: {message}")]
    WouldRefuse {
        /// The rule's number in the boot contract.
        rule: String,
        /// What was found, and what would be right.
        message: String,
    },
    /// The kernel refused to land.
    #[error("the kernel refused to land, rule {rule}: {message}")]
    Refused {
        /// The rule's number in the boot contract.
        rule: String,
        /// What was found, and what would be right.
        message: String,
    },
    /// The kernel panicked.
    #[error("the kernel panicked: {message}")]
    Panicked {
        /// What it said.
        message: String,
    },
    /// The kernel ended by itself, as after failure.
    #[error("the kernel ended with exit code {code}")]
    Exited {
        /// The code, as it is on the console.
        code: String,
    },
    /// The kernel printed no report.
    #[error(
        "there is no report; the kernel ended without a line that begins with \"landfall: report\", and --format json needs it"
    )]
    NoReport,
    /// The kernel landed, and did not end in time.
    #[error(
        "the kernel landed, and still ran after {} s; end it by landfall::exit(0), wait for a line with --until TEXT, or longer with --timeout SECONDS{last}",
        .waited.as_secs()
    )]
    StillRunning {
        /// How long that was.
        waited: Duration,
        /// The last lines of the console.
        last: LastLines,
    },
    /// The text that the user waited for did not come.
    #[error("no line of the console contains \"{}\"; {how}{last}", Escaped::new(.text))]
    NoText {
        /// The text.
        text: String,
        /// How the machine ended.
        how: String,
        /// The last lines of the console.
        last: LastLines,
    },
    /// The user ended the machine.
    #[error("interrupted; the machine has ended")]
    Interrupted,
    /// The terminal cannot be the machine's keyboard.
    #[error("the terminal cannot be set: {source}; redirect stdin to run without a keyboard")]
    Terminal {
        /// What the system said.
        source: io::Error,
    },
    /// There are no names for a log.
    #[error(transparent)]
    Symbolize(#[from] SymbolizeError),
    /// The console told nothing about the landing in time.
    #[error(
        "no verdict within {} s: no line of the console begins with \"landfall: report\", \"landfall: refused\", \"landfall: panic\" or \"landfall: exit\"; \
         wait for another text with --until TEXT, or longer with --timeout SECONDS{last}",
        .waited.as_secs()
    )]
    NoVerdict {
        /// How long that was.
        waited: Duration,
        /// The last lines of the console.
        last: LastLines,
    },
    /// The machine stopped, and its console had told nothing about the landing.
    #[error("the machine stopped without a verdict ({status}){last}")]
    Stopped {
        /// How QEMU ended.
        status: std::process::ExitStatus,
        /// The last lines of the console.
        last: LastLines,
    },
    /// A file of ours could not be read or written.
    #[error("{what}: {source}")]
    File {
        /// What we were about to do.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// A panic of ours, or of a parser that others wrote.
    #[error(
        "landfall failed: {0}; the input is one that landfall does not expect; please report it with the input"
    )]
    Panic(Panicked),
    /// Something that was to be proven is not so.
    #[error("{what}")]
    Tests {
        /// What.
        what: String,
    },
}

impl Failure {
    /// The exit status that tells a script what kind of failure this is.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        let code = match self {
            Self::Kernel(_)
            | Self::Setup(_)
            | Self::Firmware(_)
            | Self::File { .. }
            | Self::Tree(_)
            | Self::Image(_)
            | Self::Board(_)
            | Self::Facts(_)
            | Self::FactsNotWritten(_)
            | Self::Policy(_)
            | Self::ChangeImage(_)
            | Self::New(_)
            | Self::Panic(_)
            | Self::Terminal { .. }
            | Self::Symbolize(_)
            | Self::Usage { .. } => 2,
            Self::Check(error) => error.exit_code(),
            Self::Entry(error) => error.exit_code(),
            Self::Debug(error) => error.exit_code(),
            Self::Place(error) => error.exit_code(),
            Self::Build(error) => error.exit_code(),
            Self::Qemu(error) => error.exit_code(),
            Self::Measure(_)
            | Self::Compare(_)
            | Self::Gdb(_)
            | Self::Report(_)
            | Self::Refused { .. }
            | Self::WouldRefuse { .. }
            | Self::Panicked { .. }
            | Self::Findings { .. }
            | Self::Tests { .. }
            | Self::Exited { .. }
            | Self::NoReport
            | Self::StillRunning { .. }
            | Self::NoText { .. }
            | Self::NoVerdict { .. }
            | Self::Stopped { .. } => 1,
            Self::Interrupted => 130,
        };
        ExitCode::from(code)
    }
}

/// The end of a console's transcript, as the tail of an error message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastLines(Vec<String>);

impl LastLines {
    /// How many lines are worth showing.
    const COUNT: usize = 12;

    /// The last of `lines`.
    #[must_use]
    pub fn of(lines: &[String]) -> Self {
        Self(lines[lines.len().saturating_sub(Self::COUNT)..].to_vec())
    }
}

impl std::fmt::Display for LastLines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return write!(f, "\nthe console stayed empty");
        }
        write!(f, "\nthe console's last lines:")?;
        self.0.iter().try_for_each(|line| write!(f, "\n  | {line}"))
    }
}
