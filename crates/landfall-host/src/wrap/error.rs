//! Reasons against an image.

use std::io;
use std::path::PathBuf;

use landfall_image::inner::InnerError;
use landfall_paging::Mode;
use landfall_predict::policy::ChangeError;
use landfall_wrap::{PolicyFault, Refusal, WINDOW};
use thiserror::Error;

use crate::build::BuildError;
use crate::build::policy::ChangeImageError;
use crate::checkout::CheckoutError;
use crate::setup::SetupError;

/// Why a kernel is not wrapped.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WrapError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The kernel breaks a rule.
    #[error("{path} breaks rule {} of wrap: {refusal}", refusal.rule())]
    Refused {
        /// The ELF.
        path: PathBuf,
        /// The fault.
        refusal: Refusal,
    },
    /// The kernel breaks a rule of Limine's protocol.
    #[error("{path} breaks rule {} of Limine's protocol: {refusal}", refusal.rule())]
    Limine {
        /// The ELF.
        path: PathBuf,
        /// The fault.
        refusal: landfall_limine::Refusal,
    },
    /// The kernel lands by itself.
    #[error("{path} is a landfall kernel already; boot it as it is")]
    Landfall {
        /// The file.
        path: PathBuf,
    },
    /// A result has no folder.
    #[error("the folder of {path} does not exist; create it, or name another file with --out")]
    NoFolder {
        /// The result.
        path: PathBuf,
    },
    /// The kernel is too large to be read.
    #[error("{path} takes {size:#x} bytes of memory; `wrap` reads kernels of 1 GiB at most")]
    TooLarge {
        /// The ELF.
        path: PathBuf,
        /// Bytes of memory that the kernel takes.
        size: u64,
    },
    /// The kernel could not tell two modules apart.
    #[error("two modules have the path {path}; rename one of the files")]
    SameModules {
        /// The path that the kernel gets.
        path: String,
    },
    /// The kernel's protocol has no modules.
    #[error("{path} follows the plain protocol, which has no modules; pass an initrd at boot")]
    NoModules {
        /// The ELF.
        path: PathBuf,
    },
    /// No checkout is known.
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
    /// The checkout is older than the wrapper.
    #[error(
        "the checkout {checkout} has no crate {}; `wrap` needs it; update the checkout",
        super::build::CRATE
    )]
    NoCrate {
        /// The checkout.
        checkout: PathBuf,
    },
    /// The Rust target is missing.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The wrapper does not build.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Other processes build the wrapper at the same time.
    #[error("other processes have replaced the wrapper {times} times while it was read; run `wrap` again")]
    Busy {
        /// The number of builds.
        times: usize,
    },
    /// The record cannot be written.
    #[error(transparent)]
    Record(#[from] InnerError),
    /// A change of the policy is invalid.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The policy cannot be changed.
    #[error(transparent)]
    Policy(#[from] ChangeImageError),
    /// The policy takes the addresses of inner kernels.
    #[error("{source}; every wrapper keeps {WINDOW} free for its kernel; pin or add windows elsewhere")]
    Window {
        /// The conflict.
        source: ChangeError,
    },
    /// No wrapper can run with the policy.
    #[error(transparent)]
    Fault(#[from] PolicyFault),
    /// The policy allows a mode that the kernel's request for a paging mode excludes.
    #[error(
        "the policy allows {highest}, and the kernel accepts {most} at most; use `modes={least}..{most}`"
    )]
    BestMode {
        /// The best mode of the policy.
        highest: Mode,
        /// The worst mode that the kernel accepts.
        least: Mode,
        /// The best mode that it accepts.
        most: Mode,
    },
    /// The policy allows a mode without the kernel's addresses.
    #[error("the policy allows {lowest}, and the kernel's addresses need {least}; use `modes={least}..sv57`")]
    Mode {
        /// The worst mode of the policy.
        lowest: Mode,
        /// The worst mode that has the addresses.
        least: Mode,
    },
}
