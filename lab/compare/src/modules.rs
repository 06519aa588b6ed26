//! Modules: the instructions of loading and of unloading, by size and number of relocations.

use anyhow::Error;
use landfall_host::build;
use landfall_host::machine::Mode;
use landfall_host::qemu::Qemu;
use object::read::elf::ElfFile64;
use object::{LittleEndian, Object, ObjectSection, SectionFlags};

use super::kernel;
use super::{Cell, CompareError, Table};

const KERNEL: &str = "modules";

/// The cost of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its name.
    pub name: String,
    /// Bytes of its sections that are loaded.
    pub bytes: u64,
    /// Relocations of these sections.
    pub relocations: u64,
    /// Instructions of loading it.
    pub load: u64,
    /// Instructions of unloading it.
    pub unload: u64,
}

/// Builds the kernel and its modules, and boots it on one hart.
///
/// # Errors
/// [`Error`] if one does not build or run, or if a module was not loaded.
pub fn measure(qemu: &Qemu) -> Result<Vec<Module>, Error> {
    let built = build::named(KERNEL)?;
    let initrd = landfall_boots::initrd_of_modules(&built.elf).map_err(Error::msg)?;
    let folder = landfall_host::private::folder("landfall-compare-")?;
    let path = folder.path().join("initrd");
    std::fs::write(&path, &initrd)?;
    let mut machine = kernel::machine(&built.flat);
    machine.mode = Some(Mode::Sv39);
    machine.initrd = Some(path);
    machine.append = Some("nokaslr rounds=1 count".into());
    let lines = kernel::boot(qemu, &machine, KERNEL)?;
    let mut rest = initrd.as_slice();
    let mut modules = Vec::new();
    for line in &lines {
        kernel::check_exact(line)?;
        let name = line.text("module")?.to_owned();
        if line.text("result")? != "right" {
            let (found, other) = ("wrong".to_owned(), "the kernel".to_owned());
            return Err(CompareError::Different { what: name, found, other, expected: "right".into() }.into());
        }
        let Some((size, behind)) = rest.split_first_chunk() else {
            return Err(Error::msg("a file is missing"));
        };
        let size = usize::try_from(u64::from_le_bytes(*size))?;
        let (bytes, relocations) = loaded(&behind[..size])?;
        rest = &behind[size..];
        modules.push(Module {
            name,
            bytes,
            relocations,
            load: line.number("load")?,
            unload: line.number("unload")?,
        });
    }
    Ok(modules)
}

/// Returns the bytes of the sections that are loaded, and the number of their relocations.
fn loaded(file: &[u8]) -> Result<(u64, u64), Error> {
    let elf = ElfFile64::<LittleEndian>::parse(file)?;
    let is_loaded = |flags| matches!(flags, SectionFlags::Elf { sh_flags, .. } if sh_flags.0 & object::elf::SHF_ALLOC.0 != 0);
    let sections =
        elf.sections().filter(|section| is_loaded(section.flags()) && section.name() != Ok(".eh_frame"));
    Ok(sections.fold((0, 0), |(bytes, relocations), section| {
        (bytes + section.size(), relocations + section.relocations().count() as u64)
    }))
}

/// The table that users see.
#[must_use]
pub fn table(modules: &[Module]) -> Table {
    let row = |module: &Module| {
        let numbers = [module.bytes, module.relocations, module.load, module.unload];
        std::iter::once(module.name.as_str().into()).chain(numbers.map(Cell::Number)).collect()
    };
    Table {
        title: "Modules: instructions of loading and unloading on one hart in sv39, fences and `landfall_init` included",
        columns: vec!["module", "bytes", "relocations", "load", "unload"],
        rows: modules.iter().map(row).collect(),
    }
}
