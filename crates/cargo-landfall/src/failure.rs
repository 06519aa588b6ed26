//! Errors of a subcommand.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use landfall_host::audit::AuditError;
use landfall_host::board::BoardError;
use landfall_host::build::BuildError;
use landfall_host::check::CheckError;
use landfall_host::debug::DebugError;
use landfall_host::flat_image::FlatImageError;
use landfall_host::initrd::InitrdError;
use landfall_host::interface::InterfaceOfError;
use landfall_host::kernel::KernelError;
use landfall_host::library::LibraryError;
use landfall_host::link_args::LinkArgsError;
use landfall_host::module_build::ModuleError;
use landfall_host::new::NewError;
use landfall_host::plan::PlanError;
use landfall_host::run::RunError;
use landfall_host::setup::SetupError;
use landfall_host::symbolize::SymbolizeError;
use landfall_host::trial::TrialError;
use landfall_host::wrap::WrapError;
use landfall_inspect::Escaped;
use landfall_inspect::contain::Panicked;
use landfall_predict::policy::ChangeError;
use thiserror::Error;

use crate::cli::removed::Removed;

/// An error of a subcommand.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// Arguments that do not go together.
    #[error("{message}")]
    Usage {
        /// The conflict, and the help.
        message: String,
    },
    /// A saved document cannot be read.
    #[error("cannot compare with {}: {reason}; save one with plan or audit and --format json", Escaped::new(path.as_os_str().as_encoded_bytes()))]
    Document {
        /// The file.
        path: PathBuf,
        /// The fault.
        reason: String,
    },
    /// The command does not exist any more.
    #[error(transparent)]
    Removed(#[from] Removed),
    /// No kernel is selected.
    #[error(transparent)]
    Selection(#[from] KernelError),
    /// A tool is missing on this computer.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The kernel does not build.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The kernel has no flat image.
    #[error(transparent)]
    FlatImage(#[from] FlatImageError),
    /// There are no arguments for a linker.
    #[error(transparent)]
    LinkArgs(#[from] LinkArgsError),
    /// The module does not build.
    #[error(transparent)]
    Module(#[from] ModuleError),
    /// The kernel has no interface for modules.
    #[error(transparent)]
    Interface(#[from] InterfaceOfError),
    /// The initrd cannot be loaded.
    #[error(transparent)]
    Initrd(#[from] InitrdError),
    /// `run` failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// `test` could not boot.
    #[error(transparent)]
    Trial(#[from] TrialError),
    /// Boots of `test` failed, and are printed.
    #[error("{failed} of {all} boots failed")]
    Boots {
        /// The boots that failed.
        failed: usize,
        /// The boots that ran.
        all: usize,
    },
    /// `plan` has nothing to predict.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A board gets no files, or its console cannot be read.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// A board's boot is not as predicted, and the result is printed.
    #[error("{summary}")]
    NotAsPredicted {
        /// The result in a sentence.
        summary: String,
    },
    /// The kernel cannot have the requested policy.
    #[error(transparent)]
    Policy(#[from] ChangeError),
    /// The kernel would refuse to land.
    #[error("the kernel would refuse to land, rule {rule}: {message}")]
    WouldRefuse {
        /// The rule's number in the boot contract.
        rule: String,
        /// The fact, the cause and the help.
        message: String,
    },
    /// The wrapper would refuse its inner kernel.
    #[error("the wrapper would refuse the inner kernel, rule {rule}: {message}")]
    WouldRefuseInner {
        /// The rule's name, in the pages on wrappers and on Limine.
        rule: String,
        /// The fact, the cause and the help.
        message: String,
    },
    /// The file cannot be checked.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The file was checked, and the findings are printed.
    #[error("{}", if *.count == 1 { "check reports a finding".to_owned() } else { format!("check reports {count} findings") })]
    Findings {
        /// The number of findings.
        count: usize,
    },
    /// There is nothing to audit.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The source was audited, and the result is printed.
    #[error("audit reports {}", counts(*.findings, *.differences))]
    Audited {
        /// The number of findings.
        findings: u64,
        /// The number of differences.
        differences: u64,
    },
    /// No debugger can be attached.
    #[error(transparent)]
    Debug(#[from] DebugError),
    /// A log cannot be symbolized.
    #[error(transparent)]
    Symbolize(#[from] SymbolizeError),
    /// There is no library for kernels in C.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The kernel cannot be wrapped.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// No kernel can be made.
    #[error(transparent)]
    New(#[from] NewError),
    /// The result cannot be written.
    #[error("cannot write the result: {source}")]
    Output {
        /// The system's reason.
        source: io::Error,
    },
    /// A panic of this command, or of a parser that it uses.
    #[error("landfall failed: {0}; this is a defect of landfall; report it with the input")]
    Panic(Panicked),
}

/// Returns the numbers of findings and differences in words.
fn counts(findings: u64, differences: u64) -> String {
    let words = |count: u64, one: &str| match count {
        0 => None,
        1 => Some(format!("a {one}")),
        count => Some(format!("{count} {one}s")),
    };
    let both = [words(findings, "finding"), words(differences, "difference")];
    both.into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

impl Failure {
    /// Returns the error for arguments that do not go together.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into() }
    }

    /// Returns the error for an argument that must be UTF-8, and is not.
    pub(crate) fn not_utf8(argument: Option<OsString>) -> Self {
        let argument = argument.unwrap_or_default();
        Self::usage(format!(
            "the argument \"{}\" is not UTF-8, which kernels and texts must be; rename the file, or use a link to it",
            Escaped::new(argument.as_encoded_bytes())
        ))
    }
}
