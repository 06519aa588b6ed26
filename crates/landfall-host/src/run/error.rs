//! A boot that failed.

use std::io;
use std::time::Duration;

use landfall_inspect::Escaped;
use thiserror::Error;

use crate::audit::AuditError;
use crate::debug::DebugError;
use crate::dump::FactsNotWritten;
use crate::image::ImageError;
use crate::initrd::InitrdError;
use crate::kernel::KernelError;
use crate::last_lines::LastLines;
use crate::measure::MeasureError;
use crate::modules::ModuleFileError;
use crate::prepared::PrepareError;
use crate::qemu::QemuError;
use crate::report::ReportError;
use crate::setup::SetupError;
use crate::simulator::error::SimulatorError;
use crate::stopped::StopError;
use crate::tree::TreeError;

/// A boot that did not happen, or a kernel that did not land or failed afterwards.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// No kernel is selected.
    #[error(transparent)]
    Selection(#[from] KernelError),
    /// Arguments that do not go together.
    #[error("{message}")]
    Usage {
        /// The conflict, and the help.
        message: String,
    },
    /// The initrd cannot be loaded.
    #[error(transparent)]
    Initrd(#[from] InitrdError),
    /// A file is no module.
    #[error(transparent)]
    Module(#[from] ModuleFileError),
    /// A tool is missing on this computer.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The kernel or its machine cannot be made ready.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The kernel's file holds no landfall kernel.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// QEMU does not run.
    #[error(transparent)]
    Qemu(#[from] QemuError),
    /// The machine does not reach the kernel.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// The machine cannot be left to a debugger.
    #[error(transparent)]
    Debug(#[from] DebugError),
    /// Instructions cannot be counted.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// The machine cannot be audited.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The kernel ended with success before its `main`.
    #[error("the machine was not audited; the kernel ended before its main")]
    NotAudited,
    /// The file of facts cannot be written.
    #[error(transparent)]
    FactsNotWritten(#[from] FactsNotWritten),
    /// The kernel's report is invalid.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// No folder for the files of the boot.
    #[error("cannot create a temporary directory: {source}")]
    Scratch {
        /// The system's reason.
        source: io::Error,
    },
    /// The kernel refused to land.
    #[error("the kernel refused to land, rule {rule}: {message}")]
    Refused {
        /// The rule's number in the boot contract.
        rule: String,
        /// The fact, its cause and help.
        message: String,
    },
    /// The kernel panicked.
    #[error("the kernel panicked: {message}")]
    Panicked {
        /// The message.
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
        "the console has no report; the kernel ended without a line that begins with \"landfall: report\", which --format json requires"
    )]
    NoReport,
    /// The user asked for the report of a kernel that has none.
    #[error(
        "the kernel prints no landing report, which --format json asks for; it is built without the feature `report` of landfall; \
         build it with the feature, or use --format text"
    )]
    ReportCompiledOut,
    /// The kernel landed, and did not end in time.
    #[error(
        "the kernel landed but did not end within {} s; wait for a line with --until TEXT, or longer with --timeout SECONDS, or end it by landfall::exit(0), which prints `landfall: exit 0`{last}",
        .waited.as_secs()
    )]
    StillRunning {
        /// The time limit.
        waited: Duration,
        /// The last lines of the console.
        last: LastLines,
    },
    /// The first kernel did not start the next one.
    #[error(
        "the kernel landed but did not start the next kernel; {how}; it must start landfall/next of its initrd if its command line has the word landfall.then{last}"
    )]
    NotStarted {
        /// The end of the machine.
        how: String,
        /// The last lines of the console.
        last: LastLines,
    },
    /// The text that the user waited for did not come.
    #[error("no line of the console contains \"{}\"; {how}{last}", Escaped::new(.text))]
    NoText {
        /// The text.
        text: String,
        /// The machine's exit status.
        how: String,
        /// The last lines of the console.
        last: LastLines,
    },
    /// The simulator cannot make the machine.
    #[error(transparent)]
    Simulator(#[from] SimulatorError),
    /// A simulated machine ended, or stands still, without a verdict.
    #[error("{fact}; {how}{last}")]
    Simulated {
        /// The fact.
        fact: &'static str,
        /// The machine's end.
        how: String,
        /// The last lines of the console.
        last: LastLines,
    },
    /// The user ended the machine.
    #[error("interrupted; the machine has ended")]
    Interrupted,
    /// The terminal cannot be the machine's keyboard.
    #[error("cannot configure the terminal: {source}; redirect stdin to run without a keyboard")]
    Terminal {
        /// The system's error.
        source: io::Error,
    },
    /// The console gave no verdict in time.
    #[error(
        "no verdict within {} s: no line of the console begins with \"landfall: report\", \"landfall: refused\", \"landfall: panic\" or \"landfall: exit\"; \
         wait for another text with --until TEXT, or longer with --timeout SECONDS{last}",
        .waited.as_secs()
    )]
    NoVerdict {
        /// The time limit.
        waited: Duration,
        /// The last lines of the console.
        last: LastLines,
    },
    /// The machine ended without a verdict on its console.
    #[error("the machine ended without a verdict ({status}){last}")]
    Stopped {
        /// QEMU's exit status.
        status: std::process::ExitStatus,
        /// The last lines of the console.
        last: LastLines,
    },
}

impl RunError {
    /// Returns true if no machine ran because the computer or QEMU does not offer it.
    pub(crate) const fn is_of_computer(&self) -> bool {
        match self {
            Self::Qemu(error)
            | Self::Stop(StopError::Qemu(error))
            | Self::Prepare(PrepareError::Qemu(error)) => !matches!(error, QemuError::NoRoom { .. }),
            Self::Prepare(error) => {
                matches!(
                    error,
                    PrepareError::HostMemory { .. } | PrepareError::Tree(TreeError::NotDumped { .. })
                )
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::ExitStatus;

    use super::*;

    #[test]
    fn a_machine_that_cannot_start_is_not_the_fault_of_its_kernel() {
        let (status, errors) = (ExitStatus::from_raw(256), String::new());
        let rejected = || QemuError::Rejected { status, errors: errors.clone() };
        let tree = TreeError::NotDumped { status, errors: errors.clone() };
        assert!(RunError::Qemu(rejected()).is_of_computer());
        assert!(RunError::Stop(rejected().into()).is_of_computer());
        assert!(RunError::Prepare(tree.into()).is_of_computer());
        let no_room = QemuError::NoRoom { errors: errors.clone() };
        assert!(!RunError::Qemu(no_room).is_of_computer());
        assert!(!RunError::Panicked { message: errors }.is_of_computer());
    }
}
