//! A simulated machine that cannot be.

use std::io;
use std::path::PathBuf;

use landfall_hart::config::{ConfigError, LoadError};
use thiserror::Error;

/// A simulated machine that cannot be.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SimulatorError {
    /// An option that only QEMU can honor.
    #[error("{option} conflicts with --simulator; {reason}; remove one of them")]
    Option {
        /// The option.
        option: &'static str,
        /// The property of the simulator.
        reason: &'static str,
    },
    /// The kernel's file cannot be loaded.
    #[error("the simulator cannot load {path}; {source}")]
    Kernel {
        /// The file.
        path: PathBuf,
        /// The fault.
        source: LoadError,
    },
    /// No such machine.
    #[error("the simulator cannot make such a machine; {0}")]
    Machine(#[from] ConfigError),
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// No seed.
    #[error("cannot draw a seed: {source}; name one with --seed N")]
    Seed {
        /// The system's reason.
        source: io::Error,
    },
}
