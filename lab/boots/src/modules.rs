//! The modules of the kernel `modules`, in its initrd.

use std::fs;
use std::path::Path;

use landfall_host::kernel::Selection;
use landfall_host::module_build::{self, ModuleRequest};

/// The harts that load a module of their own.
const HARTS: usize = 8;

/// Builds the modules for a kernel, and returns its initrd: each module with its size in front of
/// it. The second has a copy for each hart, with another name.
///
/// # Errors
/// The reason for which a module does not build.
pub fn initrd(kernel: &Path) -> Result<Vec<u8>, String> {
    let base = build("module-base", kernel, &[])?;
    let base_file = fs::read(&base).map_err(|error| format!("{}: {error}", base.display()))?;
    let unit = build("module-unit", kernel, &[&base])?;
    let unit_file = fs::read(&unit).map_err(|error| format!("{}: {error}", unit.display()))?;
    let mut initrd = Vec::new();
    let copies = (0..HARTS).map(|hart| renamed(&unit_file, hart));
    for file in std::iter::once(Ok(base_file)).chain(copies) {
        let file = file?;
        initrd.extend((file.len() as u64).to_le_bytes());
        initrd.extend(file);
    }
    Ok(initrd)
}

/// Builds a module for a kernel.
pub(super) fn build(package: &str, kernel: &Path, loaded: &[&Path]) -> Result<std::path::PathBuf, String> {
    let request = ModuleRequest {
        module: Selection::named(package),
        kernel: kernel.display().to_string(),
        loaded: loaded.iter().map(|path| path.to_path_buf()).collect(),
    };
    module_build::module(&request).map_err(|error| error.to_string())
}

/// Returns a copy with the name of a hart's module.
fn renamed(file: &[u8], hart: usize) -> Result<Vec<u8>, String> {
    const NAME: &[u8] = b"name=unit-0";
    let at = file.windows(NAME.len()).position(|bytes| bytes == NAME).ok_or("unit-0 has another name")?;
    let mut copy = file.to_vec();
    copy[at + NAME.len() - 1] = b'0' + u8::try_from(hart).map_err(|error| error.to_string())?;
    Ok(copy)
}
