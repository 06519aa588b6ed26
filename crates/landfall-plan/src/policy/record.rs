//! The policy as bytes.
//!
//! ```text
//! offset  size  field
//! 0x00    4     version
//! 0x04    8     a byte each: lowest mode, highest mode, KASLR, disclosure, starting, placement,
//!               alias, physical
//! 0x0c    4     a byte each: kind of the linear map's pin in sv39, sv48, sv57 (0 none, 1 offset,
//!               2 base), tables
//! 0x10    5x8   stack size, near region, dynamic region, limit on RAM (0: none), most harts
//! 0x38    3x8   the linear map's pins
//! 0x50    3x8   the kernel's pins, 0 for none
//! 0x68    8     a byte each: the modes of windows 0 to 7 (0 no window, 1 all, 8 to 10 that mode)
//! 0x70    8x16  windows: first address, bytes
//! 0xf0    8     bytes of crash memory (0: none)
//! ```

use core::{array, fmt};

use landfall_paging::{Mode, VirtAddr, VirtRange};

use super::{
    Alias, Disclosure, Impossible, Kaslr, LinearPin, MAX_WINDOWS, Modes, PhysicalPlacement, Placement,
    Policy, Starting, TablePlacement, Window, is_near_size, is_ram_limit, is_stack_size,
};

const PIN_KINDS: usize = 0x0c;
const TABLES: usize = 0x0f;
const SIZES: usize = 0x10;
const LINEAR_PINS: usize = 0x38;
const KERNEL_PINS: usize = 0x50;
const WINDOW_MODES: usize = 0x68;
const WINDOWS: usize = 0x70;
const CRASH: usize = 0xf0;

impl Policy {
    /// Bytes in the record.
    pub const RECORD_SIZE: usize = 0xf8;
    /// Words in the record.
    pub const RECORD_WORDS: usize = Self::RECORD_SIZE / 8;
    /// The record's version.
    pub const VERSION: u32 = 3;

    /// Returns the record. `landfall::entry!` makes it when the kernel is compiled, so a policy
    /// that no machine could fulfill is an error then:
    ///
    /// ```compile_fail,E0080
    /// # use landfall_paging::VirtAddr;
    /// # use landfall_plan::policy::Modes;
    /// # use landfall_plan::Policy;
    /// // the pinned kernel does not fit into the upper half of an allowed mode ...
    /// const PIN: VirtAddr = VirtAddr::new(0xffff_0000_0000_0000);
    /// const RECORD: [u8; Policy::RECORD_SIZE] =
    ///     Policy::new().with_kernel_pin(Modes::All, PIN).record();
    /// # println!("{RECORD:?}");
    /// ```
    ///
    /// # Panics
    /// If no machine could fulfill the policy; [`Impossible`] states the reason.
    #[must_use]
    pub const fn record(&self) -> [u8; Self::RECORD_SIZE] {
        if let Err(impossible) = self.check() {
            panic!("{}", impossible.text());
        }
        let mut record = put([0; Self::RECORD_SIZE], 0, Self::VERSION as u64);
        record[0x04] = self.lowest_mode as u8;
        record[0x05] = self.highest_mode as u8;
        record[0x06] = self.kaslr as u8;
        record[0x07] = self.disclosure as u8;
        record[0x08] = self.starting as u8;
        record[0x09] = self.placement as u8;
        record[0x0a] = self.alias as u8;
        record[0x0b] = self.physical as u8;
        record[TABLES] = self.tables as u8;
        record = put(record, SIZES, self.stack_size);
        record = put(record, SIZES + 8, self.near_size);
        record = put(record, SIZES + 16, self.dynamic_size);
        record = put(record, SIZES + 24, self.ram_limit);
        record = put(record, SIZES + 32, self.max_harts);
        record = put(record, CRASH, self.crash_memory);
        let mut mode = 0;
        while mode < 3 {
            if let Some(pin) = self.linear_pins[mode] {
                let (kind, value) = match pin {
                    LinearPin::Offset(offset) => (1, offset),
                    LinearPin::Base(base) => (2, base.get()),
                };
                record[PIN_KINDS + mode] = kind;
                record = put(record, LINEAR_PINS + 8 * mode, value);
            }
            if let Some(base) = self.kernel_pins[mode] {
                record = put(record, KERNEL_PINS + 8 * mode, base.get());
            }
            mode += 1;
        }
        let mut window = 0;
        while window < MAX_WINDOWS {
            if let Some(Window { modes, range }) = self.windows[window] {
                record[WINDOW_MODES + window] = match modes {
                    Modes::All => 1,
                    Modes::Only(mode) => mode as u8,
                };
                record = put(record, WINDOWS + 16 * window, range.start().get());
                record = put(record, WINDOWS + 16 * window + 8, range.size());
            }
            window += 1;
        }
        record
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`PolicyError`] says what no policy says.
    pub fn from_record(record: &[u8; Self::RECORD_SIZE]) -> Result<Self, PolicyError> {
        let word = |index: usize| record.get(8 * index..).and_then(<[u8]>::first_chunk);
        let words = array::from_fn(|index| word(index).map_or(0, |word| u64::from_le_bytes(*word)));
        let mut policy = Self::new();
        policy.load(&words)?;
        Ok(policy)
    }

    /// Reads a record into this policy, as little-endian words and in place: bytes and copies would
    /// be a part of a landing's instructions.
    ///
    /// # Errors
    /// As [`Policy::from_record`]. Some settings may be those of the record then.
    pub fn load(&mut self, record: &[u64; Self::RECORD_WORDS]) -> Result<(), PolicyError> {
        let word = |at: usize| record.get(at / 8).copied().unwrap_or(0);
        let [v0, v1, v2, v3, lowest, highest, kaslr, disclosure] = word(0).to_le_bytes();
        let [starting, placement, alias, physical, pins @ .., tables] = word(8).to_le_bytes();
        let version = u32::from_le_bytes([v0, v1, v2, v3]);
        if version != Self::VERSION {
            return Err(PolicyError::Version { found: version });
        }
        let (Some(lowest_mode), Some(highest_mode)) = (mode_of(lowest), mode_of(highest)) else {
            return Err(PolicyError::Modes { lowest, highest });
        };
        if lowest_mode > highest_mode {
            return Err(PolicyError::Modes { lowest, highest });
        }
        let size = |what, index: usize, is_possible: fn(u64) -> bool| match word(SIZES + 8 * index) {
            found if is_possible(found) => Ok(found),
            found => Err(PolicyError::Size { what, found }),
        };
        (self.lowest_mode, self.highest_mode) = (lowest_mode, highest_mode);
        self.kaslr = choice(kaslr, [Kaslr::Enabled, Kaslr::Disabled])?;
        self.disclosure = choice(disclosure, [Disclosure::Withhold, Disclosure::Disclose])?;
        self.starting = choice(starting, [Starting::AllHarts, Starting::BootHart])?;
        self.placement = choice(placement, [Placement::OwnRegion, Placement::LinearMap])?;
        self.alias = choice(alias, [Alias::ReadOnly, Alias::Absent])?;
        let places = [PhysicalPlacement::Stay, PhysicalPlacement::Pack, PhysicalPlacement::Random];
        self.physical = choice(physical, places)?;
        self.tables = choice(tables, [TablePlacement::Random, TablePlacement::Lowest])?;
        self.stack_size = size("stacks", 0, is_stack_size)?;
        self.near_size = size("a near region", 1, is_near_size)?;
        self.dynamic_size = size("a dynamic region", 2, |_| true)?;
        self.ram_limit = size("a limit on RAM", 3, |limit| limit == 0 || is_ram_limit(limit))?;
        self.max_harts = word(SIZES + 32).max(1);
        self.crash_memory = word(CRASH);
        for (mode, kind) in pins.into_iter().enumerate() {
            let pin = || word(LINEAR_PINS + 8 * mode);
            self.linear_pins[mode] = match kind {
                0 => None,
                1 => Some(LinearPin::Offset(pin())),
                2 => Some(LinearPin::Base(VirtAddr::new(pin()))),
                found => return Err(PolicyError::Choice { found }),
            };
            let pin = word(KERNEL_PINS + 8 * mode);
            self.kernel_pins[mode] = (pin != 0).then_some(VirtAddr::new(pin));
        }
        for (index, modes) in word(WINDOW_MODES).to_le_bytes().into_iter().enumerate() {
            let at = WINDOWS + 16 * index;
            let window = |modes| {
                let range = VirtRange::new(VirtAddr::new(word(at)), word(at + 8));
                Some(Window { modes, range })
            };
            self.windows[index] = match modes {
                0 => None,
                1 => window(Modes::All),
                found => window(Modes::Only(mode_of(found).ok_or(PolicyError::Choice { found })?)),
            };
        }
        self.check().map_err(PolicyError::Impossible)
    }
}

/// Writes `value` at `at`.
const fn put(mut record: [u8; Policy::RECORD_SIZE], at: usize, value: u64) -> [u8; Policy::RECORD_SIZE] {
    let bytes = value.to_le_bytes();
    let mut index = 0;
    while index < 8 {
        record[at + index] = bytes[index];
        index += 1;
    }
    record
}

pub(super) fn mode_of(byte: u8) -> Option<Mode> {
    Mode::BEST_FIRST.into_iter().find(|mode| *mode as u8 == byte)
}

pub(super) fn choice<T: Copy, const N: usize>(found: u8, choices: [T; N]) -> Result<T, PolicyError> {
    choices.get(usize::from(found)).copied().ok_or(PolicyError::Choice { found })
}

/// Why bytes are no policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// Another version, which this code does not read.
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
    /// Nothing has this size.
    Size {
        /// The valid values.
        what: &'static str,
        /// The size there was.
        found: u64,
    },
    /// No machine could fulfill it.
    Impossible(Impossible),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version { found } => {
                write!(f, "its version is {found}, but this code supports version {}", Policy::VERSION)
            }
            Self::Modes { lowest, highest } => {
                write!(f, "it allows modes {lowest} to {highest}, but valid modes are 8 (sv39) to 10 (sv57)")
            }
            Self::Choice { found } => write!(f, "it contains the unknown choice {found}"),
            Self::Size { what, found } => {
                write!(f, "it requests {what} of {found:#x} bytes, which is invalid")
            }
            Self::Impossible(impossible) => write!(f, "{impossible}"),
        }
    }
}

impl core::error::Error for PolicyError {}
