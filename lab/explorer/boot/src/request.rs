//! The machine of a boot.

use landfall_hart::config::{Config, Kernel, Mode, Options};
use landfall_hart::liberty::Liberties;
use serde::Deserialize;

/// The recorded kernel, as a flat image.
pub(crate) const IMAGE: &[u8] = include_bytes!("../recorded/hello.bin");
/// Bytes.
const MIB: u64 = 1 << 20;

/// The machine of a boot. Absent fields have their default.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Request {
    /// The seed of the machine and of the seeds in its device tree.
    pub seed: u32,
    /// Harts, from 1 to 8.
    pub harts: usize,
    /// RAM in MiB, from 32 to 1024.
    pub memory: u64,
    /// The widest mode: `sv39`, `sv48` or `sv57`.
    pub mode: Option<String>,
    /// The kernel's command line.
    pub append: String,
}

impl Default for Request {
    fn default() -> Self {
        Self { seed: 1, harts: 2, memory: 128, mode: None, append: String::new() }
    }
}

impl Request {
    /// Returns the machine, or the reason why it cannot be made.
    pub(crate) fn config(&self) -> Result<Config, String> {
        if !(1..=8).contains(&self.harts) {
            return Err(format!("{} harts are not supported; write 1 to 8", self.harts));
        }
        if !(32..=1024).contains(&self.memory) {
            return Err(format!("{} MiB of RAM are not supported; write 32 to 1024", self.memory));
        }
        let widest = match self.mode.as_deref() {
            None => None,
            Some("sv39") => Some(Mode::Sv39),
            Some("sv48") => Some(Mode::Sv48),
            Some("sv57") => Some(Mode::Sv57),
            Some(other) => return Err(format!("\"{other}\" is not a mode; write sv39, sv48 or sv57")),
        };
        let kernel = Kernel::read(IMAGE).map_err(|error| error.to_string())?;
        let options = Options {
            harts: self.harts,
            memory: self.memory * MIB,
            command_line: self.append.clone(),
            widest,
            ..Options::new(kernel)
        };
        Config::draw(u64::from(self.seed), Liberties::PLAIN, &options).map_err(|error| error.to_string())
    }
}
