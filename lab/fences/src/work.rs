//! The work of a kernel, and what a machine gives it for that.

use std::path::Path;
use std::sync::Arc;

use landfall_hart::config::{Config, Start};
use landfall_host::initrd::archive::Archive;

/// Bytes of a mebibyte.
const MIB: u64 = 1 << 20;

/// The work of a kernel.
#[derive(Clone, Debug)]
pub enum Work {
    /// It lands, and ends.
    Landing,
    /// Its harts change the live address space against each other.
    Space {
        /// Rounds in which each fence decides.
        directed: u64,
        /// Random operations of each hart after them.
        rounds: u64,
        /// More words for the command line.
        words: &'static str,
    },
    /// Its harts load, call and unload modules against each other.
    Modules {
        /// Modules that replace each other in a table, before the operations.
        directed: u64,
        /// Operations of each hart.
        rounds: u64,
        /// The modules.
        initrd: Arc<[u8]>,
    },
    /// It starts itself again, at another place and in another mode.
    Generations {
        /// The number of starts.
        count: u64,
    },
}

impl Work {
    /// Returns the work of a kernel of this workspace.
    ///
    /// # Errors
    /// Returns the reason why the kernel's modules do not build.
    pub fn of(name: &str, elf: &Path) -> Result<Self, String> {
        Ok(match name {
            "space" => Self::Space { directed: 24, rounds: 16, words: "" },
            "modules" => {
                let initrd = landfall_boots::initrd_of_modules(elf)?;
                Self::Modules { directed: 200, rounds: 4, initrd: initrd.into() }
            }
            "kexec" => Self::Generations { count: 3 },
            _ => Self::Landing,
        })
    }

    /// Returns the work for changes of a kernel: that in which each fence decides.
    #[must_use]
    pub fn decisive(self) -> Self {
        match self {
            Self::Space { words, .. } => Self::Space { directed: 24, rounds: 0, words },
            Self::Modules { initrd, .. } => Self::Modules { directed: 1000, rounds: 0, initrd },
            Self::Generations { .. } => Self::Generations { count: 1 },
            Self::Landing => self,
        }
    }

    /// Returns true if the kernel lands, and ends.
    pub(crate) const fn is_landing(&self) -> bool {
        matches!(self, Self::Landing)
    }

    /// Returns the number of starts of a next kernel, if the work is that. Otherwise each hart
    /// enters the kernel once.
    pub(crate) const fn starts(&self) -> Option<u64> {
        match self {
            Self::Generations { count } => Some(*count),
            _ => None,
        }
    }

    /// Returns the number of harts that a number draws.
    pub(crate) const fn harts(&self, draw: usize) -> usize {
        1 + draw % if self.is_landing() { 8 } else { 4 }
    }

    /// Returns the bytes of RAM that a number draws.
    pub(crate) const fn memory(&self, draw: usize) -> u64 {
        let sizes: [u64; 5] = match self {
            Self::Landing => [64, 128, 512, 1024, 4096],
            Self::Generations { .. } => [128, 256, 512, 1024, 4096],
            // A pool of 16 MiB, and as much beside it, in one piece.
            Self::Space { .. } | Self::Modules { .. } => [256, 512, 512, 1024, 1024],
        };
        sizes[draw % 5] * MIB
    }

    /// Returns the instructions that the kernel may execute.
    pub(crate) const fn limit(&self) -> u64 {
        match self {
            Self::Landing => 60_000_000,
            Self::Space { .. } | Self::Modules { .. } => 200_000_000,
            Self::Generations { count } => (*count + 1) * 60_000_000,
        }
    }

    /// Returns the start of the other harts. Only a firmware with HSM stops harts.
    pub(crate) const fn start(&self, seed: u64) -> Start {
        if seed % 4 == 3 && !matches!(self, Self::Generations { .. }) { Start::Together } else { Start::Hsm }
    }

    /// Returns the command line for a seed. Its size is the same for each machine: a machine is
    /// drawn before its devices are known, and drawn again with their addresses.
    pub(crate) fn command_line(&self, seed: u64, machine: Option<&Config>) -> String {
        let way = if seed & 1 == 0 { "sbi" } else { "ipi" };
        let uart = machine.map_or(0, |machine| machine.devices.uart + (5 << machine.devices.uart_shift));
        match self {
            Self::Landing => String::new(),
            Self::Space { directed, rounds, words } => {
                format!("directed={directed} rounds={rounds} by={way} seed={seed} uart={uart:012x} {words}")
            }
            Self::Modules { directed, rounds, .. } => {
                format!("directed={directed} rounds={rounds} by={way} seed={seed}")
            }
            Self::Generations { count } => format!("kexec.left={count}"),
        }
    }

    /// Returns the initrd of a machine with this image.
    pub(crate) fn initrd(&self, image: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Landing | Self::Space { .. } => None,
            Self::Modules { initrd, .. } => Some(initrd.to_vec()),
            Self::Generations { .. } => Some(Archive::default().with("landfall/next", image).into_bytes()),
        }
    }
}
