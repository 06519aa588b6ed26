//! Boots by EFI firmware: how the image gets into the machine, and what must hold of the tree that its own loader has made of the firmware's knowledge.
//!
//! The judge begins at `_start`, as on every path. What is special is judged here, from the firmware's own tables, by the text of the specification.

pub(super) mod acpi;
pub(super) mod u_boot;

use std::fs;
use std::path::{Path, PathBuf};

use dtoolkit::model::DeviceTree;
use landfall_oracle::walk::Walk;

use super::devicetree::{self, Tree};
use super::image::{Image, at};
use super::intervals::{Interval, union, without};
use super::paths::u_boot::at_once;
use super::session::{Entry, Session, told};
use crate::firmware::find;
use crate::machine::{Firmware, Machine};

/// By which firmware, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Way {
    /// EDK2, from a FAT disk.
    Edk2Disk,
    /// The same, signed.
    Edk2Signed,
    /// EDK2, by QEMU's `-kernel`, with command line and initrd.
    Edk2Kernel,
    /// EDK2 with ACPI and no device tree, from a FAT disk.
    AcpiDisk,
    /// The same, by QEMU's `-kernel`, with command line and initrd.
    AcpiKernel,
    /// U-Boot, from a FAT disk.
    UBoot,
    /// U-Boot, by a boot option with command line and initrd.
    UBootOption,
}

impl Way {
    pub(super) const ALL: [Self; 6] =
        [Self::Edk2Disk, Self::Edk2Kernel, Self::AcpiDisk, Self::AcpiKernel, Self::UBoot, Self::Edk2Signed];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Edk2Disk => "edk2-disk",
            Self::Edk2Signed => "edk2-signed",
            Self::Edk2Kernel => "edk2-kernel",
            Self::AcpiDisk => "acpi-disk",
            Self::AcpiKernel => "acpi-kernel",
            Self::UBoot => "u-boot",
            Self::UBootOption => "u-boot-option",
        }
    }

    /// Whether QEMU has the kernel, with command line and initrd.
    pub(super) const fn is_by_kernel(self) -> bool {
        matches!(self, Self::Edk2Kernel | Self::AcpiKernel)
    }

    /// Whether firmware has ACPI's tables and no device tree.
    pub(super) const fn is_by_acpi(self) -> bool {
        matches!(self, Self::AcpiDisk | Self::AcpiKernel)
    }

    /// The property of QEMU's machine by which EDK2 finds ACPI's tables or a device tree, and never both. U-Boot has its tree in any case.
    pub(super) const fn described_by(self) -> Option<&'static str> {
        match self {
            Self::Edk2Disk | Self::Edk2Signed | Self::Edk2Kernel => Some("acpi=off"),
            Self::AcpiDisk | Self::AcpiKernel => Some(acpi::ON),
            Self::UBoot | Self::UBootOption => None,
        }
    }

    /// Puts firmware and image into the machine. Variables are as they were when the firmware was made.
    pub(super) fn install(self, machine: &mut Machine, image: &[u8], directory: &Path) -> Result<(), String> {
        match self {
            Self::UBoot | Self::UBootOption => machine.kernel = Some(at_once(directory)?),
            Self::Edk2Disk | Self::Edk2Signed | Self::Edk2Kernel | Self::AcpiDisk | Self::AcpiKernel => {
                let edk2 = told(find::edk2())?;
                let variables = directory.join("variables.fd");
                told(fs::copy(&edk2.variables, &variables))?;
                machine.firmware = Firmware::Flash { code: edk2.code, variables };
            }
        }
        let file = self.file(directory);
        told(file.parent().map_or(Ok(()), fs::create_dir_all))?;
        told(fs::write(&file, image))?;
        if self.is_by_kernel() {
            let initrd = directory.join("initrd");
            // Neither whole pages nor zeros.
            told(fs::write(&initrd, image.get(..10_001).unwrap_or(image)))?;
            (machine.kernel, machine.initrd) = (Some(file), Some(initrd));
            return Ok(());
        }
        if self == Self::UBootOption {
            return u_boot::install_option(machine, image, directory);
        }
        if self == Self::Edk2Signed {
            sign(&file, directory)?;
        }
        let disk = format!("id=esp,if=none,format=raw,readonly=on,file=fat:{}/esp", directory.display());
        let disk = ["-drive", &disk, "-device", "virtio-blk-device,drive=esp"];
        machine.extra.extend(disk.map(Into::into));
        Ok(())
    }

    /// The file that firmware loads.
    fn file(self, directory: &Path) -> PathBuf {
        match self {
            Self::Edk2Kernel | Self::AcpiKernel => directory.join("kernel.efi"),
            Self::Edk2Disk | Self::Edk2Signed | Self::AcpiDisk | Self::UBoot | Self::UBootOption => {
                directory.join("esp/EFI/BOOT/BOOTRISCV64.EFI")
            }
        }
    }

    /// The image as firmware leaves it, which is not to the last bit the one that it was given. A signer writes into the PE header; and some firmware notes there where it has put the image (`ImageBase`).
    /// Nothing of ours reads either.
    pub(super) fn as_loaded(
        self,
        session: &mut Session,
        image: &Image,
        base: u64,
        directory: &Path,
    ) -> Result<Image, String> {
        const HEADERS: usize = 0x188;
        const IMAGE_BASE: usize = 0xb0;
        let mut image = image.clone();
        let file = told(fs::read(self.file(directory)))?;
        image.flat[..HEADERS].copy_from_slice(file.get(..HEADERS).ok_or("the file is cut off")?);
        let found = session.read(base + IMAGE_BASE as u64, 8)?;
        if found == base.to_le_bytes() {
            image.flat[IMAGE_BASE..IMAGE_BASE + 8].copy_from_slice(&found);
        }
        Ok(image)
    }
}

/// A key that is worth nothing, and its certificate.
const KEY: &str = include_str!("signing/key.pem");
const CERTIFICATE: &str = include_str!("signing/certificate.pem");

/// Signs a file in its place.
fn sign(file: &Path, directory: &Path) -> Result<(), String> {
    let (key, certificate) = (directory.join("key.pem"), directory.join("certificate.pem"));
    told(fs::write(&key, KEY).and_then(|()| fs::write(&certificate, CERTIFICATE)))?;
    let before = told(fs::metadata(file))?.len();
    let mut command = told(find::sbsign())?.command();
    command.arg("--key").arg(key).arg("--cert").arg(certificate).arg("--output").arg(file).arg(file);
    let output = told(command.output())?;
    let signed = output.status.success() && told(fs::metadata(file))?.len() > before;
    let said = String::from_utf8_lossy(&output.stderr);
    if signed { Ok(()) } else { Err(format!("sbsign has not signed the image: {said}")) }
}

/// A descriptor of the memory map (UEFI 2.10, 7.2.3).
#[derive(Clone, Copy, Debug)]
struct Descriptor {
    kind: u32,
    place: Interval,
    attributes: u64,
}

fn word(bytes: &[u8], offset: usize) -> u64 {
    let word = bytes.get(offset..).and_then(<[u8]>::first_chunk);
    word.map_or(0, |word| u64::from_le_bytes(*word))
}

fn descriptors(map: &[u8], size: usize) -> Vec<Descriptor> {
    let read = |bytes: &[u8]| Descriptor {
        kind: u32::from_le_bytes(*bytes.first_chunk().unwrap_or(&[0; 4])),
        place: Interval::new(word(bytes, 8), word(bytes, 24) * 4096),
        attributes: word(bytes, 32),
    };
    map.chunks_exact(size.max(40)).map(read).collect()
}

/// What a kernel may use once firmware is left (UEFI 2.10, table 7.10), with memory that is cached.
fn places(map: &[Descriptor], kinds: &[u32]) -> Vec<Interval> {
    let wanted = map.iter().filter(|part| kinds.contains(&part.kind) && part.attributes & 8 != 0);
    union(wanted.map(|part| part.place))
}

/// Bytes of the `rng-seed` that QEMU writes.
const QEMU_SEED: usize = 32;

const LOADER_CODE: u32 = 1;
const ACPI_RECLAIM: u32 = 9;
const USABLE: [u32; 5] = [1, 2, 3, 4, 7];

/// Judges `tree`, with which the kernel was entered, and what the last tables map, by the firmware's own tables.
pub(super) fn check(
    session: &mut Session,
    entry: &Entry,
    machine: &Machine,
    (tree, walk): (&Tree, &Walk),
) -> Result<Vec<String>, String> {
    let bytes = session.tree(entry.tree_at)?;
    let chosen = |name: &str| {
        devicetree::chosen(&bytes, name).ok_or_else(|| format!("/chosen has no property {name}"))
    };
    let big =
        |name: &str| Ok::<_, String>(chosen(name)?.iter().fold(0, |all, &byte| all << 8 | u64::from(byte)));
    let map = descriptors(&chosen("landfall,efi-memory-map")?, at(big("linux,uefi-mmap-desc-size")?));
    let mut findings = Vec::new();
    let mut holds = |right: bool, what: &str| {
        if !right {
            findings.push(what.to_owned());
        }
    };
    let kinds = |kinds: &[u32]| places(&map, kinds);
    let (usable, kept) = (kinds(&USABLE), kinds(&[ACPI_RECLAIM]));
    let ram = union(usable.iter().chain(&kept).copied());
    holds(
        tree.ram == ram,
        &format!("the tree's memory is {:x?}, and by the firmware's map {ram:x?}", tree.ram),
    );
    holds(without(&kept, &tree.reserved).is_empty(), "memory with ACPI's tables is not reserved");
    let whole = Interval::new(super::matrix::RAM, machine.memory.total().0);
    let told_of = union(map.iter().map(|part| part.place).chain(tree.no_map.iter().copied()));
    holds(without(&[whole], &told_of).is_empty(), "the memory map does not speak of all memory");
    let image = Interval::new(entry.base, entry.size);
    let is_in = |set: &[Interval], place: Interval| set.iter().any(|part| part.holds(place));
    holds(is_in(&kinds(&[LOADER_CODE, 2]), image), "the image is not in memory that was given to it");
    holds(image.start.is_multiple_of(4096), "the image does not begin at a page");
    holds(
        !union(tree.no_map.iter().chain(&tree.reserved).copied()).iter().any(|part| part.overlaps(image)),
        "the image lies over memory that the tree reserves",
    );
    let written = Interval::new(entry.tree_at, bytes.len() as u64);
    holds(
        is_in(&kinds(&[2]), written) && !written.overlaps(image),
        "the tree is not in memory that was given for it",
    );
    holds(big("boot-hartid")? == entry.hart, "/chosen/boot-hartid names another hart");
    for leaf in &walk.leaves {
        let place = Interval::new(leaf.phys, leaf.size);
        let wrong = without(&[place], &ram);
        holds(wrong.is_empty(), &format!("{wrong:x?} is mapped, which is no RAM by the firmware's map"));
    }
    let table_at = big("linux,uefi-system-table")?;
    let runtime = union(map.iter().filter(|part| part.attributes >> 63 == 1).map(|part| part.place));
    holds(
        is_in(&runtime, Interval::new(table_at, 120)),
        "the system table is not memory of runtime services",
    );
    let table = session.read(table_at, 8)?;
    holds(table.starts_with(b"IBI SYST"), "there is no system table where /chosen says");
    let by_acpi = machine.properties.iter().any(|property| property == acpi::ON);
    match Configuration::read(session, table_at)?.find(DTB_TABLE) {
        Some(at) => {
            let firmware = Tree::read(&session.tree(at)?)?;
            holds(firmware.seeds.is_empty(), "the firmware's own tree still has seeds");
        }
        None => holds(by_acpi, "the firmware has no device tree"),
    }
    if let Some(initrd) = &machine.initrd {
        let right = told(fs::read(initrd))?;
        let (start, end) = (big("linux,initrd-start")?, big("linux,initrd-end")?);
        let found = session.read(start, end.saturating_sub(start).min(1 << 24))?;
        holds(found == right, "the initrd is not where /chosen says");
    }
    if machine.extra.iter().any(|word| word == "virtio-rng-device") {
        let seed = tree.seeds.iter().map(Vec::len).sum::<usize>();
        // With ACPI QEMU's is nowhere. U-Boot takes it out of the tree where it has a generator itself (its efi_try_purge_rng_seed).
        let is_edk2 = matches!(machine.firmware, Firmware::Flash { .. });
        let right = if is_edk2 && !by_acpi { QEMU_SEED + 32 } else { 32 };
        holds(seed == right, &format!("the tree has {seed} bytes of seeds, and {right} are right"));
    }
    if machine.extra.iter().any(|word| word == "ramfb") {
        holds(devicetree::has_framebuffer(&bytes), "the tree has no framebuffer");
    }
    if let Some(line) = &machine.append {
        holds(
            line.to_str().is_some_and(|line| tree.bootargs.starts_with(line)),
            &format!("the command line is \"{}\", and {} was given", tree.bootargs, line.display()),
        );
    }
    Ok(findings)
}

/// The fewest descriptors of a memory map that was cut into pieces.
const PIECES: usize = 2500;

/// What is wrong where memory was to be cut into pieces and is not.
pub(super) fn in_pieces(session: &mut Session, entry: &Entry) -> Result<Option<String>, String> {
    let map = devicetree::chosen(&session.tree(entry.tree_at)?, "landfall,efi-memory-map");
    let count = map.map_or(0, |map| descriptors(&map, 40).len());
    Ok((count < PIECES).then(|| format!("the memory map has {count} descriptors, fewer than {PIECES}")))
}

/// `EFI_DTB_TABLE_GUID`, as it lies in memory (UEFI 2.10, 4.6).
const DTB_TABLE: [u8; 16] =
    [0xd5, 0x21, 0xb6, 0xb1, 0x9c, 0xf1, 0xa5, 0x41, 0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0];

/// Where the system table says how many configuration tables there are, and where (UEFI 2.10, 4.3).
const CONFIGURATION: u64 = 104;

/// The firmware's configuration tables: GUIDs, each with an address (UEFI 2.10, 4.6).
#[derive(Debug)]
pub(super) struct Configuration {
    at: u64,
    entries: Vec<u8>,
}

impl Configuration {
    /// Bytes of an entry.
    const ENTRY: usize = 24;

    /// Those of the system table at `table`.
    pub(super) fn read(session: &mut Session, table: u64) -> Result<Self, String> {
        let place = session.read(table + CONFIGURATION, 16)?;
        let (count, at) = (word(&place, 0), word(&place, 8));
        Ok(Self { at, entries: session.read(at, count.min(64) * Self::ENTRY as u64)? })
    }

    fn position(&self, guid: [u8; 16]) -> Option<usize> {
        self.entries.chunks_exact(Self::ENTRY).position(|entry| entry.starts_with(&guid))
    }

    /// Where the table of this GUID is.
    fn find(&self, guid: [u8; 16]) -> Option<u64> {
        Some(word(&self.entries, self.position(guid)? * Self::ENTRY + 16))
    }

    /// Gives the table of this GUID another one.
    fn rename(&self, session: &mut Session, guid: [u8; 16], to: [u8; 16]) -> Result<(), String> {
        let entry = self.position(guid).ok_or("the firmware has no such table")?;
        session.write(self.at + (entry * Self::ENTRY) as u64, &to)
    }

    /// Where ACPI's root pointer is.
    pub(super) fn acpi_root(&self) -> Result<u64, String> {
        self.find(acpi::TABLE).ok_or_else(|| "the firmware has no tables of ACPI".to_owned())
    }

    /// Hides ACPI's tables.
    pub(super) fn hide_acpi(&self, session: &mut Session) -> Result<(), String> {
        self.rename(session, acpi::TABLE, [0xee; 16])
    }

    /// Passes a table that is none of ACPI's for one.
    pub(super) fn add_acpi(&self, session: &mut Session) -> Result<(), String> {
        let is_other = |entry: &&[u8]| !entry.starts_with(&DTB_TABLE);
        let other = self.entries.chunks_exact(Self::ENTRY).find(is_other);
        let guid = other.and_then(<[u8]>::first_chunk).ok_or("the firmware has no other table")?;
        self.rename(session, *guid, acpi::TABLE)
    }

    /// Changes the firmware's tree.
    pub(super) fn edit_tree(&self, session: &mut Session, change: fn(&mut DeviceTree)) -> Result<(), String> {
        let at = self.find(DTB_TABLE).ok_or("the firmware has no device tree")?;
        let old = session.tree(at)?;
        let new = devicetree::edit(&old, change)?;
        if new.len() > old.len() {
            return Err(format!("the changed tree takes {} bytes, and there are {}", new.len(), old.len()));
        }
        session.write(at, &new)
    }
}
