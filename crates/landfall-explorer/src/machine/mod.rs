//! From a machine to the boot that is to be predicted.

mod board;
mod facts;
mod virt;

use landfall_paging::Mode;
use landfall_predict::Randomness;
use landfall_predict::case::{Case, Refused};
use landfall_predict::hex::unhex;

use crate::fault::{Fault, parse};
use crate::kernel::Named;
use crate::request::{Kernel, Machine};

pub(crate) use virt::{FIRMWARE, MAX_HARTS, MAX_MEMORY, MIN_MEMORY};

/// A boot to be predicted.
pub(crate) struct Boot {
    /// The name of the kernel in a command line; `None` if the facts have their own.
    pub(crate) kernel: Option<String>,
    /// The case, or the reason why the kernel would refuse before facts are known.
    pub(crate) case: Result<Case, Refused>,
    /// Facts that another machine of this kind may change.
    pub(crate) assumed: Vec<String>,
}

impl Machine {
    /// Returns the boot of `kernel` on this machine.
    pub(crate) fn boot(&self, kernel: Option<&Kernel>) -> Result<Boot, Fault> {
        if let Self::Facts(facts) = self {
            return facts::boot(facts, kernel.map(Kernel::read).transpose()?);
        }
        let Named { name, blueprint } = Kernel::of_request(kernel)?;
        let (case, assumed) = match self {
            Self::Virt(machine) => virt::case(machine, &blueprint)?,
            Self::Board(board) => board::case(board, &blueprint)?,
            Self::Facts(_) => unreachable!("facts have returned above"),
        };
        Ok(Boot { kernel: Some(name), case, assumed })
    }
}

fn mode(name: Option<&str>) -> Result<Option<Mode>, Fault> {
    let mode = |name| Mode::from_name(name).ok_or_else(|| wrong_mode(name));
    name.map(mode).transpose()
}

fn wrong_mode(name: &str) -> Fault {
    Fault::of("machine.mode", format!("{name:?} is not a mode; write sv39, sv48 or sv57"))
}

/// A device tree and a shell's word end at the first NUL.
fn command_line(text: Option<&str>) -> Result<Option<&str>, Fault> {
    if text.is_some_and(|text| text.contains('\0')) {
        return Err(Fault::of("machine.append", "the command line contains a NUL; remove it"));
    }
    Ok(text)
}

/// The seed of a request.
enum Seed {
    /// As an option of the command states it.
    Stated(Randomness),
    /// The `rng-seed` of one boot of a machine.
    OfBoot(Vec<u8>),
}

/// Reads 16 hex digits, `off`, or `rng:` with the bytes of one boot in hex.
fn seed(text: Option<&str>) -> Result<Seed, Fault> {
    Ok(match text {
        None => Seed::Stated(Randomness::Fresh),
        Some("off") => Seed::Stated(Randomness::Off),
        Some(text) => match text.strip_prefix("rng:") {
            None => Seed::Stated(Randomness::Seed(parse("machine.seed", text)?)),
            Some(digits) => {
                let bytes = unhex(digits).filter(|bytes| bytes.len() == RNG_SEED);
                let wrong = || Fault::of("machine.seed", "rng: takes 32 bytes, which are 64 hex digits");
                Seed::OfBoot(bytes.ok_or_else(wrong)?)
            }
        },
    })
}

/// Bytes of the `rng-seed` that QEMU makes for each boot.
const RNG_SEED: usize = 32;
