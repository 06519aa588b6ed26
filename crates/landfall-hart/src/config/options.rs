//! The properties of a machine that its user gives. They are never drawn.

use super::{ConfigError, Extensions, Kernel, Mode, Start};

/// The most harts of a machine.
const MOST_HARTS: usize = 4096;
/// Megabytes.
const MIB: u64 = 1 << 20;

/// The properties of a machine that its user gives.
///
/// ```
/// use landfall_hart::config::{Config, Kernel, Options};
/// use landfall_hart::liberty::Liberties;
///
/// let kernel = Kernel::raw(vec![0x73, 0x00, 0x50, 0x10]);
/// let options = Options { harts: 4, ..Options::new(kernel) };
/// let machine = Config::draw(7, Liberties::worst(), &options)?;
/// assert_eq!(machine.harts.len(), 4);
/// # Ok::<(), landfall_hart::config::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// The number of harts.
    pub harts: usize,
    /// Bytes of RAM in all, the firmware's included.
    pub memory: u64,
    /// The kernel.
    pub kernel: Kernel,
    /// The start of the harts that do not boot.
    pub start: Start,
    /// The command line.
    pub command_line: String,
    /// The initrd.
    pub initrd: Option<Vec<u8>>,
    /// The physical address of the kernel; without it, the loader chooses one.
    pub load_at: Option<u64>,
    /// The loader puts the kernel at a multiple of this, a power of 2. Linux requires 2 MiB.
    pub alignment: u64,
    /// The seeds in the tree.
    pub seeds: TreeSeeds,
    /// The extensions of the harts.
    pub extensions: Option<Extensions>,
    /// The widest mode of translation.
    pub widest: Option<Mode>,
    /// The number of bits of ASIDs.
    pub asid_bits: Option<u32>,
    /// Instructions of all harts together per second of `time`.
    pub instructions_per_second: u64,
}

/// The seeds that the loader leaves in `/chosen`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeSeeds {
    /// None.
    None,
    /// `rng-seed`, of 32 bytes, as QEMU does.
    Rng,
    /// `kaslr-seed`, of 8 bytes.
    Kaslr,
    /// Both.
    Both,
}

impl Options {
    /// Returns the options of a machine with one hart and 128 MiB.
    #[must_use]
    pub fn new(kernel: Kernel) -> Self {
        Self {
            harts: 1,
            memory: 128 * MIB,
            kernel,
            start: Start::Hsm,
            command_line: String::new(),
            initrd: None,
            load_at: None,
            alignment: 2 * MIB,
            seeds: TreeSeeds::Rng,
            extensions: None,
            widest: None,
            asid_bits: None,
            instructions_per_second: 100_000_000,
        }
    }

    /// Checks the options that depend on nothing else.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.harts == 0 {
            return Err(ConfigError::NoHart);
        }
        if self.harts > MOST_HARTS {
            return Err(ConfigError::Harts { harts: self.harts, most: MOST_HARTS });
        }
        // The largest address has 50 bits, and so has the largest alignment.
        if !self.alignment.is_power_of_two() || !(4..1 << 50).contains(&self.alignment) {
            return Err(ConfigError::Alignment { found: self.alignment });
        }
        if self.command_line.contains('\0') {
            return Err(ConfigError::CommandLine);
        }
        Ok(())
    }
}
