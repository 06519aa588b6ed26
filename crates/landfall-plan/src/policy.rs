//! Policy: what the kernel's author wants.

use core::fmt;

use landfall_paging::{Mode, PAGE_SIZE};

/// Whether addresses are random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kaslr {
    /// Wherever there is entropy and the command line does not say `nokaslr`.
    Enabled,
    /// Never.
    Disabled,
}

/// Whether reports tell addresses that are random, and so would give them away to whoever reads the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disclosure {
    /// They withhold them.
    Withhold,
    /// They tell them: for tests and for machines that have no secrets.
    Tell,
}

/// Which harts land.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starting {
    /// All that reach the mode.
    AllHarts,
    /// The one that boots; the others stay where the firmware keeps them.
    BootHart,
}

/// What a kernel wants. A constant, which also lies in the image as a record that tools can read.
///
/// ```
/// use landfall_paging::Mode;
/// use landfall_plan::Policy;
///
/// const POLICY: Policy = Policy::new().modes(Mode::Sv39, Mode::Sv48).stack_size(128 * 1024);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    pub(crate) lowest_mode: Mode,
    pub(crate) highest_mode: Mode,
    pub(crate) kaslr: Kaslr,
    pub(crate) disclosure: Disclosure,
    pub(crate) starting: Starting,
    pub(crate) stack_size: u64,
}

impl Policy {
    /// Bytes in the record.
    pub const RECORD_SIZE: usize = 24;
    /// The record's version.
    pub const VERSION: u32 = 1;
    /// The largest stack, in bytes.
    pub const MAX_STACK: u64 = 1 << 20;

    /// Any mode, random addresses that reports withhold, stacks of 64 KiB.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            lowest_mode: Mode::Sv39,
            highest_mode: Mode::Sv57,
            kaslr: Kaslr::Enabled,
            disclosure: Disclosure::Withhold,
            starting: Starting::AllHarts,
            stack_size: 64 * 1024,
        }
    }

    /// Lands in no worse mode than `lowest` and in no better one than `highest`.
    ///
    /// # Panics
    /// At compile time, where `lowest` is the better one.
    #[must_use]
    pub const fn modes(mut self, lowest: Mode, highest: Mode) -> Self {
        assert!(lowest as u8 <= highest as u8, "the lowest mode must not be better than the highest");
        (self.lowest_mode, self.highest_mode) = (lowest, highest);
        self
    }

    /// Whether addresses are random.
    #[must_use]
    pub const fn kaslr(mut self, kaslr: Kaslr) -> Self {
        self.kaslr = kaslr;
        self
    }

    /// Whether reports tell random addresses.
    #[must_use]
    pub const fn addresses(mut self, disclosure: Disclosure) -> Self {
        self.disclosure = disclosure;
        self
    }

    /// Which harts land. `landfall::entry!` sets it: all of them where the kernel has a function for them.
    #[must_use]
    pub const fn starting(mut self, starting: Starting) -> Self {
        self.starting = starting;
        self
    }

    /// Bytes of each hart's stack.
    ///
    /// # Panics
    /// At compile time, where `bytes` is no multiple of 4 KiB from 4 KiB to 1 MiB.
    #[must_use]
    pub const fn stack_size(mut self, bytes: u64) -> Self {
        assert!(is_stack_size(bytes), "a stack takes a multiple of 4 KiB, from 4 KiB to 1 MiB");
        self.stack_size = bytes;
        self
    }

    /// Whether reports tell random addresses.
    #[must_use]
    pub const fn disclosure(&self) -> Disclosure {
        self.disclosure
    }

    /// Which harts land.
    #[must_use]
    pub const fn starting_harts(&self) -> Starting {
        self.starting
    }

    /// The record: version (4 bytes), then a byte each for lowest mode, highest mode, KASLR, disclosure and starting, three of zero, then the
    /// stack size (8 bytes) and four of zero.
    #[must_use]
    pub const fn record(&self) -> [u8; Self::RECORD_SIZE] {
        let [v0, v1, v2, v3] = Self::VERSION.to_le_bytes();
        let [s0, s1, s2, s3, s4, s5, s6, s7] = self.stack_size.to_le_bytes();
        let (lowest, highest) = (self.lowest_mode as u8, self.highest_mode as u8);
        let (kaslr, disclosure, starting) = (self.kaslr as u8, self.disclosure as u8, self.starting as u8);
        [
            v0, v1, v2, v3, lowest, highest, kaslr, disclosure, starting, 0, 0, 0, s0, s1, s2, s3, s4, s5,
            s6, s7, 0, 0, 0, 0,
        ]
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`PolicyError`] says what no policy says.
    pub fn from_record(record: &[u8; Self::RECORD_SIZE]) -> Result<Self, PolicyError> {
        let [
            v0,
            v1,
            v2,
            v3,
            lowest,
            highest,
            kaslr,
            disclosure,
            starting,
            _,
            _,
            _,
            s0,
            s1,
            s2,
            s3,
            s4,
            s5,
            s6,
            s7,
            ..,
        ] = *record;
        let version = u32::from_le_bytes([v0, v1, v2, v3]);
        if version != Self::VERSION {
            return Err(PolicyError::Version { found: version });
        }
        let mode = |byte| Mode::BEST_FIRST.into_iter().find(|mode| *mode as u8 == byte);
        let (Some(lowest_mode), Some(highest_mode)) = (mode(lowest), mode(highest)) else {
            return Err(PolicyError::Modes { lowest, highest });
        };
        let stack_size = u64::from_le_bytes([s0, s1, s2, s3, s4, s5, s6, s7]);
        if lowest_mode > highest_mode {
            return Err(PolicyError::Modes { lowest, highest });
        }
        if !is_stack_size(stack_size) {
            return Err(PolicyError::StackSize { found: stack_size });
        }
        Ok(Self {
            lowest_mode,
            highest_mode,
            kaslr: match kaslr {
                0 => Kaslr::Enabled,
                1 => Kaslr::Disabled,
                found => return Err(PolicyError::Choice { found }),
            },
            disclosure: match disclosure {
                0 => Disclosure::Withhold,
                1 => Disclosure::Tell,
                found => return Err(PolicyError::Choice { found }),
            },
            starting: match starting {
                0 => Starting::AllHarts,
                1 => Starting::BootHart,
                found => return Err(PolicyError::Choice { found }),
            },
            stack_size,
        })
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

const fn is_stack_size(bytes: u64) -> bool {
    bytes != 0 && bytes <= Policy::MAX_STACK && bytes.is_multiple_of(PAGE_SIZE)
}

/// Why bytes are no policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyError {
    /// Another version.
    Version {
        /// The one there was.
        found: u32,
    },
    /// No modes, or the lowest above the highest.
    Modes {
        /// The lowest, as `satp` would name it.
        lowest: u8,
        /// The highest.
        highest: u8,
    },
    /// A choice that does not exist.
    Choice {
        /// The byte there was.
        found: u8,
    },
    /// No stack has this size.
    StackSize {
        /// The size there was.
        found: u64,
    },
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version { found } => {
                write!(f, "it has version {found}, and this code knows version {}", Policy::VERSION)
            }
            Self::Modes { lowest, highest } => {
                write!(f, "it allows modes {lowest} to {highest}, and there are 8 (sv39) to 10 (sv57)")
            }
            Self::Choice { found } => write!(f, "it has a choice {found}, where 0 and 1 exist"),
            Self::StackSize { found } => {
                write!(
                    f,
                    "it wants stacks of {found:#x} bytes; multiples of 0x1000 up to 0x100000 are possible"
                )
            }
        }
    }
}

impl core::error::Error for PolicyError {}
