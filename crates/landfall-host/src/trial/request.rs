//! A test, as a user requests it, and the boots that it consists of.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use landfall_predict::Randomness;
use landfall_predict::units::{Address, Seed};

use super::address::Room;
use super::axes::{Axes, Place, Seeding, Trial};
use super::subject::{Permits, Protocols, Subject};
use crate::firmware::Firmware;
use crate::kernel::Selection;
use crate::request::BootRequest;

/// A test, as a user requests it.
#[derive(Clone, Debug)]
pub struct TrialRequest {
    /// The kernel.
    pub kernel: Selection,
    /// The values of the axes.
    pub axes: Axes,
    /// The seed of everything that is drawn; `None` for a fresh one.
    pub seed: Option<Seed>,
    /// A part of the names of the trials that run; `None` for all.
    pub only: Option<String>,
    /// The time during which rounds begin; `None` for one round.
    pub soak: Option<Duration>,
    /// The time limit of one boot.
    pub timeout: Duration,
    /// The text that is the verdict.
    pub until: Option<String>,
    /// The kernel's command line.
    pub append: Option<String>,
    /// An initial RAM disk.
    pub initrd: Option<PathBuf>,
    /// More arguments for QEMU.
    pub qemu: Vec<OsString>,
}

impl TrialRequest {
    /// Returns the trials that run: that whose name the user gives, or all that contain it.
    #[must_use]
    pub fn trials(&self) -> Vec<Trial> {
        let mut trials = self.axes.trials();
        let Some(only) = self.only.as_deref() else { return trials };
        let is_name = trials.iter().any(|trial| trial.name() == only);
        trials.retain(|trial| if is_name { trial.name() == only } else { trial.name().contains(only) });
        trials
    }

    /// Returns the boot of a trial, or the reason for which it does not apply to the kernel.
    pub(super) fn boot(&self, trial: &Trial, subject: &Subject, seed: u64) -> Result<BootRequest, String> {
        check_protocol(&trial.firmware, subject.protocols)?;
        let mut random = trial.random(seed);
        let at = self.address(trial, subject, &mut random)?;
        let randomness = match trial.seeding {
            Seeding::Drawn | Seeding::Repeated => Randomness::Seed(Seed(random.next_word())),
            Seeding::Off => Randomness::Off,
        };
        Ok(BootRequest {
            firmware: trial.firmware.clone(),
            mode: Some(trial.mode),
            at,
            memory: trial.memory,
            harts: trial.harts,
            randomness,
            append: self.append.clone(),
            initrd: self.initrd.clone(),
            timeout: self.timeout,
            until: self.until.clone(),
            qemu: self.qemu.clone(),
            ..BootRequest::new(self.kernel.clone())
        })
    }

    fn address(
        &self,
        trial: &Trial,
        subject: &Subject,
        random: &mut crate::random::Random,
    ) -> Result<Option<Address>, String> {
        match (trial.place, subject.permits) {
            (Place::Random, Permits::Only(at)) if trial.axis == super::axes::Axis::Address => Err(format!(
                "its segments name {at}; an ELF without a landfall record or a boot header permits no other address"
            )),
            (Place::Usual, _) | (Place::Random, Permits::Only(_)) => Ok(None),
            (Place::Random, permits) => {
                let initrd = self.initrd.as_ref().and_then(|path| path.metadata().ok());
                let initrd = initrd.map(|file| file.len());
                let room = Room { memory: trial.memory, image: subject.size, initrd };
                let at = room.draw(permits, random);
                let no_room =
                    || format!("{} of RAM have no room for an image of {}", trial.memory, subject.size);
                at.map(Some).ok_or_else(no_room)
            }
        }
    }
}

/// Refuses a boot loader whose boot protocol the kernel's file does not offer.
fn check_protocol(firmware: &Firmware, protocols: Protocols) -> Result<(), String> {
    match (firmware, protocols) {
        (Firmware::UBoot | Firmware::Uefi(_), Protocols::Elf) => {
            Err("it has no boot header of Linux, which U-Boot and UEFI require".to_owned())
        }
        (Firmware::Uefi(_), Protocols::Linux) => {
            Err("it has no header of an EFI application; build landfall with its feature `efi`".to_owned())
        }
        _ => Ok(()),
    }
}
