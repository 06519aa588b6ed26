//! What each way takes, in instructions: to the image, in the image's own EFI loader, and from the
//! image's first to `main`. Of the tests' paths all but the shim's, which is no firmware that
//! anybody has.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use landfall_image::pe::PeHeader;

use super::{BootPath, Wanted};
use anyhow::Error;
use landfall_host::build::{self, Built};
use landfall_host::firmware::{Edition, find};
use landfall_host::machine::{Firmware, Machine, Mode};
use landfall_host::measure::{self, Instructions};
use landfall_host::qemu::Qemu;
use landfall_host::scratch::Scratch;
use landfall_host::stopped::{ImageBase, StoppedMachine};
use landfall_host::symbols::Symbols;
use landfall_host::tree;
use landfall_host::verdict::Verdict;
use landfall_predict::units::{Address, Seed};

const PATIENCE: Duration = Duration::from_secs(120);

/// Bytes of the initrd, where a path has one.
const INITRD: [u8; 10_001] = [0x5a; 10_001];

/// One boot.
#[derive(Clone, Debug)]
pub struct Cost {
    /// The path's name.
    pub path: &'static str,
    /// The paging mode.
    pub mode: Mode,
    /// Instructions from reset to `main`.
    pub instructions: Instructions,
}

/// Boots `hello` on each path in each of `modes`. `told` hears of each boot before it begins.
///
/// # Errors
/// Names the path that does not land.
pub fn measure(qemu: &Qemu, modes: &[Mode], mut told: impl FnMut(&str)) -> Result<Vec<Cost>, Error> {
    let kernel = build::named("hello")?;
    let symbols = Symbols::read(&kernel.elf).map_err(measure::MeasureError::from)?;
    let paths = BootPath::ALL.into_iter().filter(|path| *path != BootPath::WithoutHsm);
    let mut costs = Vec::new();
    for (path, &mode) in paths.flat_map(|path| modes.iter().map(move |mode| (path, mode))) {
        told(&format!("{}, {mode:?}", path.name()));
        let scratch = Scratch::create()?;
        let error = |what: String| Error::msg(format!("{}: {what}", path.name()));
        let machine = prepare(path, mode, qemu, &kernel, scratch.path()).map_err(error)?;
        let at = match path {
            BootPath::Efi(way) if !way.is_by_u_boot() && way.is_known_to_firmware() => ImageBase::ByEfi,
            // This U-Boot tells debuggers nothing (UEFI 2.10, 18.4), and firmware does not know
            // what GRUB starts: so a first boot's report does.
            BootPath::Efi(_) => entered(&machine, qemu, &kernel).map_err(error)?,
            path => ImageBase::At(Address(path.base())),
        };
        let mut entry = StoppedMachine::reach(qemu, &machine, at, scratch.path(), PATIENCE)?;
        let counted = measure::landing(&mut entry, &symbols, Instant::now() + PATIENCE)?;
        let instructions = counted.ok_or_else(|| error("the kernel does not land".to_owned()))?;
        costs.push(Cost { path: path.name(), mode, instructions });
    }
    Ok(costs)
}

/// One machine, with one seed.
fn prepare(
    path: BootPath,
    mode: Mode,
    qemu: &Qemu,
    kernel: &Built,
    directory: &Path,
) -> Result<Machine, String> {
    let extra = ["-icount", "shift=0"].map(Into::into).to_vec();
    let mut machine = Machine { mode: Some(mode), extra, ..Machine::default() };
    let has_initrd = match path {
        BootPath::UBootScript | BootPath::UBootWrapped => true,
        BootPath::Efi(way) => way.is_by_menu(),
        _ => false,
    };
    if has_initrd {
        let initrd = directory.join("initrd");
        fs::write(&initrd, INITRD).map_err(|error| error.to_string())?;
        machine.initrd = Some(initrd);
    }
    path.prepare(&mut machine, Wanted { image: &kernel.flat, directory })?;
    if let BootPath::Efi(way) = path {
        machine.kernel = None;
        let image = fs::read(&kernel.flat).map_err(|error| error.to_string())?;
        way.install(&mut machine, &image, directory)?;
        machine.properties.extend(way.described_by().map(str::to_owned));
        if way.is_by_acpi() {
            // Firmware has no tree then, and a seed would be in it.
            return Ok(machine);
        }
    }
    let tree = tree::of_machine(qemu, &machine, directory).map_err(|error| error.to_string())?;
    let tree = tree::with_seed(&tree, Seed(0x0123_4567_89ab_cdef)).map_err(|error| error.to_string())?;
    let file = directory.join("seeded.dtb");
    fs::write(&file, tree).map_err(|error| error.to_string())?;
    machine.dtb = Some(file);
    Ok(machine)
}

/// Where firmware enters the image that it puts to the same place each time that it boots the same
/// machine.
fn entered(machine: &Machine, qemu: &Qemu, kernel: &Built) -> Result<ImageBase, String> {
    let boot = qemu.boot(machine.arguments(), PATIENCE, |_| {}).map_err(|error| error.to_string())?;
    if let Firmware::Flash { variables, .. } = &machine.firmware {
        // It has written to them, and would put the image elsewhere.
        let new = find::edk2(&Edition::Debian).map_err(|error| error.to_string())?.variables;
        fs::copy(new, variables).map_err(|error| error.to_string())?;
    }
    let base = match &boot.verdict {
        Some(Verdict::Landed(report)) => report.kernel_loaded(),
        _ => None,
    };
    let base = base.ok_or("the kernel does not land")?;
    let image = fs::read(&kernel.flat).map_err(|error| error.to_string())?;
    let header = PeHeader::read(&image).map_err(|error| error.to_string())?;
    Ok(ImageBase::EnteredByEfi { base, entry: base.wrapping_add(header.entry.into()) })
}
