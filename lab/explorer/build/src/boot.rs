//! Records the kernel that the page boots: its flat image, and the names of its functions.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use object::{Object, ObjectSymbol, SymbolKind};

use crate::paths::workspace;

/// The label at the image's first byte, and the one behind its text.
const LABELS: [&str; 2] = ["__landfall_image_start", "__landfall_text_end"];

/// Records the flat image at `flat`, with the functions of the ELF that it was made of.
pub(crate) fn record(flat: &Path, elf: &Path) -> Result<()> {
    let bytes = fs::read(elf)?;
    let file = object::File::parse(&*bytes)?;
    let address = |name: &str| -> Result<u64> {
        let symbol = file.symbols().find(|symbol| symbol.name() == Ok(name));
        Ok(symbol.with_context(|| format!("the ELF has no {name}"))?.address())
    };
    let (start, end) = (address(LABELS[0])?, address(LABELS[1])?);
    let mut names: BTreeMap<u64, String> = BTreeMap::new();
    for symbol in file.symbols() {
        let (Ok(name), true) = (symbol.name(), (start..end).contains(&symbol.address())) else { continue };
        let is_code = matches!(symbol.kind(), SymbolKind::Text | SymbolKind::Unknown | SymbolKind::Label);
        // Local labels and those of the linker script name no function.
        if is_code
            && !symbol.is_undefined()
            && !name.is_empty()
            && !name.starts_with(['.', '$'])
            && !name.starts_with("__landfall")
        {
            names
                .entry(symbol.address() - start)
                .or_insert_with(|| format!("{:#}", rustc_demangle::demangle(name)));
        }
    }
    ensure!(!names.is_empty(), "the ELF has no symbols");
    let mut text = String::new();
    for (offset, name) in &names {
        writeln!(text, "{offset:x} {name}")?;
    }
    let folder = workspace().join("boot/recorded");
    fs::copy(flat, folder.join("hello.bin"))?;
    fs::write(folder.join("hello.symbols"), text)?;
    Ok(())
}
