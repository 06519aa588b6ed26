//! The instructions of each path: up to the image, in the image's own EFI loader, and from the
//! image's first one to `main`. The shim's path is left out, because the shim is only for tests.

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

/// The bytes of the initrd, if a path has one.
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

/// Boots `hello` on each path in each of `modes`. `told` is called before each boot, with its name.
///
/// # Errors
/// Fails if a path does not land, and names it.
pub fn measure(qemu: &Qemu, modes: &[Mode], mut progress: impl FnMut(&str)) -> Result<Vec<Cost>, Error> {
    let kernel = build::named("hello")?;
    let symbols = Symbols::read(&kernel.elf).map_err(measure::MeasureError::from)?;
    let paths = BootPath::ALL.into_iter().filter(|path| *path != BootPath::WithoutHsm);
    let mut costs = Vec::new();
    for (path, &mode) in paths.flat_map(|path| modes.iter().map(move |mode| (path, mode))) {
        progress(&format!("{}, {mode:?}", path.name()));
        let scratch = Scratch::create()?;
        let error = |what: String| Error::msg(format!("{}: {what}", path.name()));
        let machine = prepare(path, mode, qemu, &kernel, scratch.path()).map_err(error)?;
        let at = match path {
            BootPath::Efi(way) if !way.is_by_u_boot() && way.is_known_to_firmware() => ImageBase::ByEfi,
            // This U-Boot has no table for debuggers (UEFI 2.10, 18.4), and firmware does not know
            // the image that GRUB starts. So the report of a first boot gives the address.
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

/// Returns the machine of a path, with one fixed seed.
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
            // Firmware has no tree for a seed.
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

/// Returns the place at which firmware enters the image: the same in each boot of the same machine.
fn entered(machine: &Machine, qemu: &Qemu, kernel: &Built) -> Result<ImageBase, String> {
    let boot = qemu.boot(machine.arguments(), PATIENCE, |_| {}).map_err(|error| error.to_string())?;
    if let Firmware::Flash { variables, .. } = &machine.firmware {
        // The firmware has written to its variables, which would change the image's place.
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
