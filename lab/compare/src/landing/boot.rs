//! One counted boot.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, ensure};
use landfall_host::build::{self, Built};
use landfall_host::gdb::{Ended, Space};
use landfall_host::machine::{Harts, Machine, Memory};
use landfall_host::measure::{self, Instructions, LANDED, PHASES};
use landfall_host::place;
use landfall_host::qemu::Qemu;
use landfall_host::scratch::Scratch;
use landfall_host::stopped::{ImageBase, StoppedMachine};
use landfall_host::symbols::Symbols;
use landfall_host::tree;
use landfall_predict::blueprint::Blueprint;
use landfall_predict::units::{Address, Seed};

use super::case::{Axis, Case, Kernel, Zicboz};
use super::tree::with_ranges;

const PATIENCE: Duration = Duration::from_secs(60);

/// The boot hart's first instruction of Rust behind `satp`. The other harts start after it, and
/// would count.
const BEFORE_OTHER_HARTS: &str = "landfall_landed_boot_hart";

/// The result of a boot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    pub(super) instructions: Instructions,
    pub(super) slots: u64,
}

/// The kernels that are built.
#[derive(Debug, Default)]
pub(super) struct Kernels(HashMap<Kernel, Built>);

impl Kernels {
    fn get(&mut self, kernel: Kernel) -> Result<&Built, Error> {
        match self.0.entry(kernel) {
            Entry::Occupied(built) => Ok(built.into_mut()),
            Entry::Vacant(place) => Ok(place.insert(build_exact(kernel)?)),
        }
    }
}

/// Builds a kernel with the code that every build gives: an incremental one divides it otherwise.
pub(super) fn build_exact(kernel: Kernel) -> Result<Built, Error> {
    let (package, feature) = match kernel {
        Kernel::Hello => ("hello", ""),
        Kernel::Measuring(feature) => ("compare-landing", feature),
    };
    let linked = build::unsealed(package, |cargo| {
        cargo.env("CARGO_INCREMENTAL", "0").args(["--features", feature]);
    })?;
    Ok(build::finish(&linked, &[])?)
}

/// Boots a case and counts.
pub(super) fn count(qemu: &Qemu, kernels: &mut Kernels, case: &Case) -> Result<Counted, Error> {
    let kernel = kernels.get(case.kernel)?;
    let scratch = Scratch::create()?;
    let mut entry = enter(qemu, kernel, case, &scratch)?;
    let symbols = Symbols::read(&kernel.elf)?;
    let blueprint = Blueprint::of_image(&fs::read(&kernel.flat)?)?;
    let last = match case.axis {
        // The compiler may make the function `main` a part of its caller.
        Axis::Harts | Axis::Kernel => BEFORE_OTHER_HARTS,
        _ => LANDED,
    };
    let counted = measure::count(&mut entry, &symbols, &PHASES, last, Instant::now() + PATIENCE)?;
    let instructions = counted.with_context(|| format!("{} does not land", case.name))?;
    Ok(Counted { instructions, slots: blueprint.slots })
}

/// Boots a case up to the wipe of the landing's stack, and returns the bytes of that stack. It is
/// all zeros in the file.
pub(super) fn stack(qemu: &Qemu, kernels: &mut Kernels, case: &Case) -> Result<Vec<u8>, Error> {
    let kernel = kernels.get(case.kernel)?;
    let scratch = Scratch::create()?;
    let mut entry = enter(qemu, kernel, case, &scratch)?;
    let symbols = Symbols::read(&kernel.elf)?;
    let at = |name: &str| {
        let offset = |name| symbols.find(name).map(|symbol| symbol.address.0);
        let offset = offset(name).zip(offset("__landfall_image_start")).map(|(at, start)| at - start);
        offset.map(|offset| Address(entry.base.0 + offset)).with_context(|| format!("no symbol {name}"))
    };
    let (bottom, top) = (at("landfall_early_stack_bottom")?, at("landfall_early_stack_top")?);
    let before_wipe = at("landfall_leap")?;
    entry.gdb.set_breakpoint(before_wipe)?;
    let ended = entry.resume(Instant::now() + PATIENCE)?;
    ensure!(matches!(ended, Ended::Stopped(_)), "{} does not land: {ended:?}", case.name);
    let size = usize::try_from(top.0 - bottom.0)?;
    Ok(entry.gdb.read_memory(Space::Physical, bottom, size)?)
}

/// Boots a case up to the image's first instruction.
fn enter(qemu: &Qemu, kernel: &Built, case: &Case, scratch: &Scratch) -> Result<StoppedMachine, Error> {
    let zicboz = match case.zicboz {
        Zicboz::Present => "zicboz=on",
        Zicboz::Absent => "zicboz=off",
    };
    let mut machine = Machine {
        mode: Some(case.mode),
        memory: Memory::One(case.memory),
        harts: Harts::new(case.harts).context("a number of harts")?,
        cpu: vec![zicboz.to_owned()],
        kernel: Some(kernel.flat.clone()),
        extra: ["-icount", "shift=0"].map(Into::into).to_vec(),
        ..Machine::default()
    };
    let mut tree = tree::of_machine(qemu, &machine, scratch.path())?;
    tree = tree::with_seed(&tree, Seed(0x0123_4567_89ab_cdef))?;
    if case.ranges != 0 {
        tree = with_ranges(&tree, case.ranges, case.axis)?;
    }
    let file = scratch.path().join("machine-of-case.dtb");
    fs::write(&file, tree)?;
    machine.dtb = Some(file);
    let at = ImageBase::At(place::DEFAULT);
    Ok(StoppedMachine::reach(qemu, &machine, at, scratch.path(), PATIENCE)?)
}
