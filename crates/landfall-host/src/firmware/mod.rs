//! The firmware, by the names that a user gives it.
//!
//! ```text
//! here   which firmware, and what it makes of a machine
//! find   its files: this system's own, or those of Debian's archive, by hash
//! ```

pub mod find;

use std::convert::Infallible;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use landfall_image::feature::{Feature, Features};
use landfall_image::record::Record;
use thiserror::Error;

use crate::disk::{self, Contents, DiskError, Menu};
use crate::machine::{self, Board, Machine};
use crate::setup::archive::ArchiveError;
use landfall_predict::units::Size;

/// The firmware that boots the kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Firmware {
    /// The OpenSBI that QEMU finds; QEMU itself puts the kernel into memory.
    #[default]
    OpenSbi,
    /// U-Boot after OpenSBI; it loads the kernel from a disk.
    UBoot,
    /// EDK2, an implementation of UEFI, after OpenSBI. It loads the kernel from a disk, or from
    /// QEMU if there is a command line or an initrd.
    Uefi(Edition),
    /// This file in the place of OpenSBI; QEMU itself puts the kernel into memory.
    File(PathBuf),
}

/// Which EDK2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edition {
    /// That of Debian.
    Debian,
    /// The file, a flash of the `virt` machine. The flash of its variables is beside it.
    Own(PathBuf),
}

impl FromStr for Firmware {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "opensbi" => Self::OpenSbi,
            "u-boot" => Self::UBoot,
            "uefi" => Self::Uefi(Edition::Debian),
            path if find::is_edk2(Path::new(path)) => Self::Uefi(Edition::Own(path.into())),
            path => Self::File(path.into()),
        })
    }
}

/// Why a machine has not the firmware that was asked for.
#[derive(Debug, Error)]
pub enum FirmwareError {
    /// Its files did not come.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// There is no folder to keep them in.
    #[error("no folder for firmware is known; set XDG_CACHE_HOME or HOME")]
    NoCache,
    /// It has no name of ours, and is no file.
    #[error("cannot read the firmware \"{path}\": {source}; use opensbi, u-boot, uefi or a readable file")]
    Unknown {
        /// The path.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A file of the user's, or of ours.
    #[error("cannot use the file {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// EDK2 wants a second flash, for its variables.
    #[error("{code} is EDK2, but its flash of variables {variables} is missing; copy it there")]
    NoVariables {
        /// The program.
        code: PathBuf,
        /// The expected path of its variables.
        variables: PathBuf,
    },
    /// EDK2 takes each byte of a command line of QEMU's for a character.
    #[error(
        "the command line {line:?} is not ASCII, which EDK2 requires; remove other characters, or use another firmware"
    )]
    NoAscii {
        /// The command line.
        line: OsString,
    },
    /// UEFI starts EFI applications, and the image is not one.
    #[error("the kernel is not an EFI application; {}; {}", application_cause(*.missing), application_help(*.missing))]
    NoApplication {
        /// The features of landfall that it is built without.
        missing: Features,
    },
    /// The machine is too small for what it has to load.
    #[error("{firmware} needs {} of memory with the files that it loads, but the machine has {}; increase --memory", Size(*.wanted), Size(*.memory))]
    Memory {
        /// Its name.
        firmware: &'static str,
        /// The least, in bytes.
        wanted: u64,
        /// The machine's memory.
        memory: u64,
    },
    /// The disk that it boots from.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// It is made for another board.
    #[error("{firmware} supports QEMU's `virt` machine, but not {board}; remove --board or --firmware")]
    Board {
        /// Its name.
        firmware: &'static str,
        /// The board.
        board: &'static str,
    },
}

fn application_cause(missing: Features) -> &'static str {
    if missing.contains(Feature::Efi) {
        "it is built without the feature `efi` of landfall"
    } else {
        "its image does not begin with \"MZ\""
    }
}

fn application_help(missing: Features) -> &'static str {
    if missing.contains(Feature::Efi) {
        "build it with the feature, or boot it by --firmware opensbi or u-boot"
    } else {
        "boot it by --firmware opensbi or u-boot"
    }
}

/// Makes sure that UEFI can start the image.
fn is_application(image: &[u8]) -> Result<(), FirmwareError> {
    if disk::is_application(image) {
        return Ok(());
    }
    let missing = Record::read(image).map(|record| record.missing).unwrap_or_default();
    Err(FirmwareError::NoApplication { missing })
}

impl Firmware {
    /// Its name; `None` for a file in the place of OpenSBI.
    #[must_use]
    pub const fn name(&self) -> Option<&'static str> {
        match self {
            Self::OpenSbi => Some("opensbi"),
            Self::UBoot => Some("u-boot"),
            Self::Uefi(_) => Some("uefi"),
            Self::File(_) => None,
        }
    }

    /// Returns true if the firmware loads the kernel itself, to an address that it chooses.
    #[must_use]
    pub const fn chooses_the_place(&self) -> bool {
        matches!(self, Self::UBoot | Self::Uefi(_))
    }

    /// Checks that a file of the user's can be read, before there is a machine for it.
    ///
    /// # Errors
    /// [`FirmwareError::Unknown`] if it cannot.
    pub fn check(&self) -> Result<(), FirmwareError> {
        let Self::File(path) = self else { return Ok(()) };
        let found = fs::metadata(path).and_then(|found| {
            if found.is_file() {
                File::open(path).map(drop)
            } else {
                Err(io::Error::other("it is no regular file"))
            }
        });
        found.map_err(|source| FirmwareError::Unknown { path: path.clone(), source })
    }

    /// Makes `machine` boot `image` by this firmware; its `kernel` and `append` are what the
    /// firmware is to boot. Files for QEMU go to `directory`.
    ///
    /// # Errors
    /// [`FirmwareError`] says what is missing.
    pub fn install(
        &self,
        machine: &mut Machine,
        image: &[u8],
        directory: &Path,
    ) -> Result<(), FirmwareError> {
        match self {
            Self::OpenSbi => Ok(()),
            Self::File(path) => {
                self.check()?;
                // QEMU would look for a missing file among its own.
                let path = fs::canonicalize(path)
                    .map_err(|source| FirmwareError::Unknown { path: path.clone(), source })?;
                machine.firmware = machine::Firmware::File(path);
                Ok(())
            }
            Self::UBoot => {
                self.only_on_virt(machine)?;
                needs(machine, "U-Boot", U_BOOT_ROOM)?;
                machine.kernel = Some(find::u_boot()?);
                give_disk(machine, image, directory)
            }
            Self::Uefi(edition) => {
                self.only_on_virt(machine)?;
                is_application(image)?;
                needs(machine, "EDK2", EDK2_ROOM)?;
                if let Some(line) = machine.append.as_ref().filter(|line| !line.is_ascii()) {
                    return Err(FirmwareError::NoAscii { line: line.clone() });
                }
                let edk2 = find::edk2(edition)?;
                // It writes to its variables.
                let variables = directory.join("variables.fd");
                fs::copy(&edk2.variables, &variables)
                    .map_err(|source| FirmwareError::File { path: variables.clone(), source })?;
                machine.firmware = machine::Firmware::Flash { code: edk2.code, variables };
                // With ACPI, which is QEMU's default, EDK2 hands over no device tree.
                machine.properties.push("acpi=off".to_owned());
                if machine.append.is_none() && machine.initrd.is_none() {
                    machine.kernel = None;
                    return give_disk(machine, image, directory);
                }
                // A file that starts from a disk by its name gets neither, so EDK2 takes all of it
                // from QEMU.
                let kernel = directory.join("kernel.efi");
                fs::write(&kernel, image)
                    .map_err(|source| FirmwareError::File { path: kernel.clone(), source })?;
                machine.kernel = Some(kernel);
                Ok(())
            }
        }
    }

    fn only_on_virt(&self, machine: &Machine) -> Result<(), FirmwareError> {
        let (Some(firmware), false) = (self.name(), machine.board == Board::Virt) else { return Ok(()) };
        Err(FirmwareError::Board { firmware, board: machine.board.name() })
    }
}

/// U-Boot loads a menu to 193 MiB and an initrd to 195 MiB above RAM's start, and lies at its end
/// itself.
const U_BOOT_ROOM: u64 = 200 << 20;

/// With less EDK2 does not come to the image.
const EDK2_ROOM: u64 = 64 << 20;

/// Refuses a machine whose memory does not hold `room` and two copies of the initrd. Firmware reads
/// one, and passes the other on.
fn needs(machine: &Machine, firmware: &'static str, room: u64) -> Result<(), FirmwareError> {
    let initrd =
        machine.initrd.as_deref().and_then(|path| fs::metadata(path).ok()).map_or(0, |file| file.len());
    let wanted = room.saturating_add(initrd.saturating_mul(2));
    let memory = machine.memory.total().0;
    if memory < wanted { Err(FirmwareError::Memory { firmware, wanted, memory }) } else { Ok(()) }
}

/// Puts the kernel onto a disk, with its command line and its initrd.
fn give_disk(machine: &mut Machine, image: &[u8], directory: &Path) -> Result<(), FirmwareError> {
    let initrd = machine.initrd.take().map(|path| disk::read_initrd(&path)).transpose()?;
    let append = machine.append.take().map(|line| line.to_string_lossy().into_owned());
    let path = directory.join("disk.img");
    disk::write(
        &path,
        &Contents {
            image,
            initrd: initrd.as_deref(),
            menu: Menu::Extlinux { command_line: append.as_deref().unwrap_or_default() },
        },
    )?;
    machine.disks.push(path);
    Ok(())
}

#[cfg(test)]
mod tests {
    use landfall_image::record;

    use super::*;

    #[test]
    fn what_has_no_name_is_a_file() {
        for (text, right) in [
            ("opensbi", Firmware::OpenSbi),
            ("u-boot", Firmware::UBoot),
            ("uefi", Firmware::Uefi(Edition::Debian)),
            ("./opensbi", Firmware::File("./opensbi".into())),
            ("a/fw_jump.bin", Firmware::File("a/fw_jump.bin".into())),
        ] {
            assert_eq!(text.parse(), Ok(right), "{text}");
        }
    }

    #[test]
    fn edk2_is_known_by_its_first_bytes_and_wants_its_variables() {
        let directory = crate::private::folder("landfall-").expect("a directory");
        let code = directory.path().join("MY_CODE.fd");
        let mut flash = vec![0; 64];
        flash[40..44].copy_from_slice(b"_FVH");
        fs::write(&code, &flash).expect("a flash");
        let firmware: Firmware = code.to_str().expect("a name").parse().expect("any text");
        assert_eq!(firmware, Firmware::Uefi(Edition::Own(code.clone())));
        let mut machine = Machine::default();
        let mut install = || firmware.install(&mut machine, b"MZ", directory.path());
        let error = install().expect_err("no variables");
        assert!(error.to_string().contains("MY_VARS.fd"), "{error}");
        fs::write(directory.path().join("MY_VARS.fd"), b"").expect("variables");
        install().expect("both flashes");
        let variables = directory.path().join("variables.fd");
        assert_eq!(machine.firmware, machine::Firmware::Flash { code: code.clone(), variables });
        flash[40] = 0;
        fs::write(&code, &flash).expect("something else");
        assert_eq!(code.to_str().expect("a name").parse(), Ok(Firmware::File(code)));
    }

    #[test]
    fn a_firmware_that_is_not_there_is_named() {
        let install = |firmware: Firmware| {
            firmware.install(&mut Machine::default(), &[], Path::new("/")).expect_err("no firmware")
        };
        let error = install(Firmware::File("/nonexistent/fw.bin".into()));
        let text = error.to_string();
        assert!(text.contains("/nonexistent/fw.bin") && text.contains("u-boot"), "{text}");
    }

    #[test]
    fn what_a_firmware_cannot_bear_is_refused_before_it_starts() {
        let directory = crate::private::folder("landfall-").expect("a directory");
        let initrd = directory.path().join("initrd");
        fs::write(&initrd, vec![0; 1 << 20]).expect("an initrd");
        let install = |firmware: &Firmware, machine: Machine| {
            firmware.install(&mut { machine }, b"MZ", directory.path()).map_err(|error| error.to_string())
        };
        let with = |mib| Machine {
            memory: machine::Memory::One(Size::mib(mib)),
            initrd: Some(initrd.clone()),
            ..Machine::default()
        };
        for (firmware, least) in [(Firmware::UBoot, 200), (Firmware::Uefi(Edition::Debian), 64)] {
            let error = install(&firmware, with(least + 1)).expect_err("too small");
            assert!(error.contains("increase --memory"), "{error}");
            needs(&with(least + 2), "it", Size::mib(least).0).expect("enough");
        }
        let line = Machine { append: Some("\u{fc}".into()), ..Machine::default() };
        let error = install(&Firmware::Uefi(Edition::Debian), line).expect_err("not ASCII");
        assert!(error.contains("ASCII"), "{error}");
    }

    #[test]
    fn an_image_that_uefi_does_not_start_is_refused_by_name() {
        let uefi = Firmware::Uefi(Edition::Debian);
        let install = |image: &[u8]| {
            let error = uefi.install(&mut Machine::default(), image, Path::new("/"));
            error.expect_err("no application").to_string()
        };
        let without = |missing| {
            let mut image = vec![0; 0x80];
            image[record::OFFSET..][..8].copy_from_slice(b"LANDFALL");
            image[record::VERSION_OFFSET..][..4]
                .copy_from_slice(&record::version_word(missing).to_le_bytes());
            image
        };
        let named = install(&without(Features::NONE.with(Feature::Efi)));
        assert!(named.contains("without the feature `efi`"), "{named}");
        for image in [without(Features::NONE), vec![0; 64], Vec::new()] {
            let text = install(&image);
            assert!(text.contains("MZ") && !text.contains("feature"), "{text}");
        }
    }

    #[test]
    fn an_initrd_that_no_disk_holds_is_told_before_it_is_read() {
        let directory = crate::private::folder("landfall-").expect("a directory");
        let initrd = directory.path().join("initrd");
        // All of it is a hole.
        File::create(&initrd).and_then(|file| file.set_len(1 << 40)).expect("a file");
        let mut machine = Machine { initrd: Some(initrd), ..Machine::default() };
        let error = give_disk(&mut machine, &[0; 64], directory.path()).expect_err("too much");
        let text = error.to_string();
        assert!(text.contains("initrd has 1 TiB") && text.contains("below 4 GiB"), "{text}");
    }

    #[test]
    fn what_is_made_for_one_board_is_not_put_on_another() {
        for firmware in [Firmware::UBoot, Firmware::Uefi(Edition::Debian)] {
            let mut machine = Machine { board: Board::Spike, ..Machine::default() };
            let error = firmware.install(&mut machine, &[], Path::new("/")).expect_err("another board");
            assert!(matches!(error, FirmwareError::Board { board: "spike", .. }), "{error}");
        }
    }
}
