//! Crash memory as the command line asks for it, and the reasons against it.

use core::fmt;

use landfall_paging::{PhysAddr, PhysRange};

use crate::bytes::Bytes;

/// The grain of crash memory: its size and its place are multiples of 2 MiB.
pub(crate) const CRASH_GRAIN: u64 = 2 << 20;

/// `crashkernel=` on the command line, in Linux's syntax: `SIZE[@ADDR]` with the suffixes K to E.
///
/// ```
/// use landfall_paging::PhysAddr;
/// use landfall_plan::facts::{BootOptions, CrashOption, CrashOptionFault};
///
/// let crash = |words: &str| BootOptions::parse(words).crash;
/// assert_eq!(crash("quiet"), CrashOption::Absent);
/// assert_eq!(crash("crashkernel=0"), CrashOption::Size(0));
/// assert_eq!(crash("crashkernel=1G crashkernel=64M"), CrashOption::Size(64 << 20));
/// let place = CrashOption::Place { at: PhysAddr::new(0x9000_0000), size: 0x400_0000 };
/// assert_eq!(crash("crashkernel=64M@0x90000000"), place);
/// assert_eq!(crash("crashkernel=64M,high"), CrashOption::Unsupported(CrashOptionFault::Suffix));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrashOption {
    /// The command line does not have it. The policy decides.
    #[default]
    Absent,
    /// So many bytes, anywhere; none if it is 0.
    Size(u64),
    /// So many bytes at this address; none if the size is 0.
    Place {
        /// The first byte.
        at: PhysAddr,
        /// Bytes.
        size: u64,
    },
    /// A value that changes nothing. The report has a note, and the policy decides.
    Unsupported(CrashOptionFault),
}

/// The reason why a value of `crashkernel=` changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrashOptionFault {
    /// A suffix behind a comma, such as `,high` or `,low`.
    Suffix,
    /// Sizes by ranges of RAM, such as `512M-2G:64M`.
    Ranges,
    /// Neither a size nor a size and an address.
    Malformed,
}

impl fmt::Display for CrashOptionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Suffix => {
                "crashkernel= has a suffix behind a comma, which is not supported; it changed nothing; write crashkernel=SIZE or crashkernel=SIZE@ADDR"
            }
            Self::Ranges => {
                "crashkernel= has sizes by ranges of RAM, which are not supported; it changed nothing; write crashkernel=SIZE or crashkernel=SIZE@ADDR"
            }
            Self::Malformed => {
                "crashkernel= has no valid size or address; it changed nothing; write crashkernel=SIZE or crashkernel=SIZE@ADDR, such as crashkernel=64M"
            }
        })
    }
}

impl CrashOption {
    /// Reads what follows `crashkernel=`.
    pub(crate) fn parse(value: &[u8]) -> Self {
        let fault = if value.contains(&b':') {
            CrashOptionFault::Ranges
        } else if value.contains(&b',') {
            CrashOptionFault::Suffix
        } else {
            CrashOptionFault::Malformed
        };
        Self::sizes(value).unwrap_or(Self::Unsupported(fault))
    }

    fn sizes(value: &[u8]) -> Option<Self> {
        match value.iter().position(|byte| *byte == b'@') {
            None => bytes(value).map(Self::Size),
            Some(end) => {
                let (size, at) = (value.get(..end)?, value.get(end + 1..)?);
                Some(Self::Place { at: PhysAddr::new(bytes(at)?), size: bytes(size)? })
            }
        }
    }
}

/// Reads a number as Linux does: decimal, `0x` for hexadecimal, `0` for octal, and a suffix.
fn bytes(text: &[u8]) -> Option<u64> {
    let (digits, shift) = match text.split_last()? {
        (suffix, rest) if suffix.is_ascii_alphabetic() => {
            match suffix.to_ascii_lowercase() {
                b'k' => (rest, 10),
                b'm' => (rest, 20),
                b'g' => (rest, 30),
                b't' => (rest, 40),
                b'p' => (rest, 50),
                // In a hexadecimal number, it is a digit.
                b'e' if !is_hexadecimal(text) => (rest, 60),
                _ => (text, 0),
            }
        }
        _ => (text, 0),
    };
    let (digits, radix) = match digits {
        [b'0', b'x' | b'X', rest @ ..] => (rest, 16),
        [b'0', rest @ ..] if !rest.is_empty() => (rest, 8),
        _ => (digits, 10),
    };
    // A sign is no digit.
    if !digits.first()?.is_ascii_alphanumeric() {
        return None;
    }
    let number = u64::from_str_radix(core::str::from_utf8(digits).ok()?, radix).ok()?;
    number.checked_mul(1_u64 << shift)
}

fn is_hexadecimal(text: &[u8]) -> bool {
    matches!(text, [b'0', b'x' | b'X', ..])
}

/// The reason why no crash memory is reserved, although it was asked for. The kernel lands without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrashFault {
    /// The kernel itself needs the memory.
    TooMuch {
        /// Bytes that were asked for, rounded up.
        size: u64,
        /// Bytes of free RAM.
        free: u64,
    },
    /// No piece of free RAM holds it.
    NoRoom {
        /// Bytes that were asked for, rounded up.
        size: u64,
        /// The most bytes that a piece holds, at a multiple of 2 MiB.
        most: u64,
    },
    /// The address is no multiple of 2 MiB.
    Misaligned(PhysAddr),
    /// Not all bytes at the address are free RAM.
    NotFree(PhysRange),
    /// The machine has too many separate ranges that must not be mapped.
    TooManyRanges,
}

impl fmt::Display for CrashFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no crash memory is reserved: ")?;
        match self {
            Self::TooMuch { size, free } => write!(
                f,
                "of {} of free RAM, {} leave the kernel too little; ask for less than half, and leave room for page tables and stacks",
                Bytes(*free),
                Bytes(*size)
            ),
            Self::NoRoom { size, most } => write!(
                f,
                "no piece of free RAM holds {} at a multiple of 2 MiB; ask for {} at most",
                Bytes(*size),
                Bytes(*most)
            ),
            Self::Misaligned(at) => {
                write!(f, "{at} is not a multiple of 2 MiB; correct the address, or leave it out")
            }
            Self::NotFree(range) => {
                write!(
                    f,
                    "{range} is not free RAM within the reach of sv39; choose another address, or leave it out"
                )
            }
            Self::TooManyRanges => f.write_str(
                "the machine already has as many separate ranges of no-map memory as can be kept; merge them",
            ),
        }
    }
}
