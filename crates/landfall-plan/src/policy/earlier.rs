//! Policy records of every version, for tools. A kernel reads its own version alone.
//!
//! Version 1, of 24 bytes:
//!
//! ```text
//! offset  size  field
//! 0x00    4     version
//! 0x04    8     a byte each: lowest mode, highest mode, KASLR, disclosure, starting, zeros
//! 0x0c    8     stack size
//! 0x14    4     zero
//! ```
//!
//! Version 2, of 240 bytes, is version 3 without crash memory.

use core::fmt;

use landfall_paging::Mode;

use super::record::{choice, mode_of};
use super::{Disclosure, Kaslr, Policy, PolicyError, Starting, is_stack_size};

/// Bytes in a record of version 1.
const FIRST_SIZE: usize = 24;
/// Bytes in a record of version 2.
const SECOND_SIZE: usize = 0xf0;

/// Why a tool cannot read a policy record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyReadError {
    /// A later version than this code knows. The kernel itself may well know it.
    Newer {
        /// The version that was found.
        found: u32,
    },
    /// The record ends too early.
    CutOff {
        /// The bytes that were found.
        found: usize,
        /// The bytes of a record of its version.
        expected: usize,
    },
    /// The record is invalid, and its kernel would refuse it.
    Invalid(PolicyError),
}

impl fmt::Display for PolicyReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer { found } => write!(
                f,
                "the policy record has version {found}, but this tool supports versions up to {}; use a newer version of landfall",
                Policy::VERSION
            ),
            Self::CutOff { found, expected } => {
                write!(f, "the policy takes {found:#x} bytes, and a policy has {expected:#x}")
            }
            Self::Invalid(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for PolicyReadError {}

impl From<PolicyError> for PolicyReadError {
    fn from(error: PolicyError) -> Self {
        Self::Invalid(error)
    }
}

impl Policy {
    /// Returns the bytes of a record of this version; `None` if this code does not know it.
    #[must_use]
    pub const fn record_size(version: u32) -> Option<usize> {
        match version {
            1 => Some(FIRST_SIZE),
            2 => Some(SECOND_SIZE),
            Self::VERSION => Some(Self::RECORD_SIZE),
            _ => None,
        }
    }

    /// Reads a record of any version, with which `bytes` begin.
    ///
    /// A setting that the version lacks is that of [`Policy::new`].
    ///
    /// # Errors
    /// [`PolicyReadError`] states the version or the fault that was found.
    pub fn read(bytes: &[u8]) -> Result<Self, PolicyReadError> {
        let cut_off = |expected| PolicyReadError::CutOff { found: bytes.len(), expected };
        let version = bytes.first_chunk().ok_or_else(|| cut_off(Self::RECORD_SIZE))?;
        match u32::from_le_bytes(*version) {
            1 => Ok(first(bytes.first_chunk().ok_or_else(|| cut_off(FIRST_SIZE))?)?),
            2 => Ok(second(bytes.first_chunk().ok_or_else(|| cut_off(SECOND_SIZE))?)?),
            found if found > Self::VERSION => Err(PolicyReadError::Newer { found }),
            _ => Ok(Self::from_record(bytes.first_chunk().ok_or_else(|| cut_off(Self::RECORD_SIZE))?)?),
        }
    }
}

fn first(record: &[u8; FIRST_SIZE]) -> Result<Policy, PolicyError> {
    let [_, _, _, _, lowest, highest, kaslr, disclosure, starting, z0, z1, z2, stack @ .., z3, z4, z5, z6] =
        *record;
    if let Some(found) = [z0, z1, z2, z3, z4, z5, z6].into_iter().find(|byte| *byte != 0) {
        return Err(PolicyError::Choice { found });
    }
    let no_modes = PolicyError::Modes { lowest, highest };
    let modes: Option<(Mode, Mode)> = mode_of(lowest).zip(mode_of(highest));
    let (lowest_mode, highest_mode) = modes.filter(|(lowest, highest)| lowest <= highest).ok_or(no_modes)?;
    let stack_size = u64::from_le_bytes(stack);
    if !is_stack_size(stack_size) {
        return Err(PolicyError::Size { what: "stacks", found: stack_size });
    }
    Ok(Policy {
        lowest_mode,
        highest_mode,
        kaslr: choice(kaslr, [Kaslr::Enabled, Kaslr::Disabled])?,
        disclosure: choice(disclosure, [Disclosure::Withhold, Disclosure::Disclose])?,
        starting: choice(starting, [Starting::AllHarts, Starting::BootHart])?,
        stack_size,
        ..Policy::new()
    })
}

fn second(record: &[u8; SECOND_SIZE]) -> Result<Policy, PolicyError> {
    let mut now = [0; Policy::RECORD_SIZE];
    let version = Policy::VERSION.to_le_bytes();
    let fields = version.iter().chain(record.iter().skip(version.len()));
    now.iter_mut().zip(fields).for_each(|(byte, field)| *byte = *field);
    Policy::from_record(&now)
}
