//! The image of Linux, by the symbols of its `vmlinux`.
//!
//! With KASLR the image is elsewhere than it was linked. It is the largest piece of code in its
//! 2 GiB, and begins with `_start`. Modules are below: from 2 GiB before `_end` up to `_start`
//! (`MODULES_VADDR` and `MODULES_END`, `arch/riscv/include/asm/pgtable.h`).

use std::path::Path;

use landfall_audit::{Kind, Known, Layout, Named, RootAudit, Run, Span, Virt, linux};

use super::{AuditError, files};
use crate::elf;
use crate::symbols::{SymbolError, Symbols};

/// The size of the image's region, at the end of all addresses.
const REGION: u64 = 2 << 30;

/// The symbols of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Image {
    start: u64,
    end: u64,
    parts: Vec<(u64, &'static str)>,
}

impl Image {
    /// Reads the symbols of a `vmlinux`.
    ///
    /// # Errors
    /// [`AuditError`] if the file has no such symbols.
    pub(super) fn read(path: &Path) -> Result<Self, AuditError> {
        let bytes = files::read(path, files::ELF)?;
        let symbols = Symbols::of(&elf::parse(path, &bytes).map_err(SymbolError::from)?);
        Self::of(&symbols).ok_or_else(|| AuditError::NoLinux { path: path.to_owned() })
    }

    fn of(symbols: &Symbols) -> Option<Self> {
        let address = |name| symbols.find(name).map(|symbol| symbol.address.0);
        let parts = linux::SYMBOLS.iter().filter_map(|(symbol, name)| Some((address(symbol)?, *name)));
        let image = Self { start: address("_start")?, end: address("_end")?, parts: parts.collect() };
        let fits = image.start >= 0_u64.wrapping_sub(REGION) && image.start < image.end;
        fits.then_some(image)
    }

    /// Refines a layout by the place of the image in `root`. Returns false if the image is not
    /// there.
    pub(super) fn refine(&self, known: &mut Known, root: &RootAudit) -> bool {
        let region = Virt(0_u64.wrapping_sub(REGION));
        let runs = &root.runs[root.runs.partition_point(|run| run.virt < region)..];
        let Some(first) = start(runs) else { return false };
        let offset = first.wrapping_sub(self.start);
        if offset >= REGION || self.end.checked_add(offset).is_none() {
            return false;
        }
        known.names = self.parts.iter().map(|(at, name)| (Virt(at + offset), (*name).to_owned())).collect();
        let named = |start: u64, size: u64, kind, name: &str| Named {
            span: Span::new(Virt(start), size),
            kind,
            name: name.to_owned(),
        };
        let modules = self.end.next_multiple_of(4096).wrapping_add(offset).wrapping_sub(REGION);
        let own = [
            named(modules, first - modules, Kind::Modules, "modules, BPF"),
            named(first, 0_u64.wrapping_sub(first), Kind::Image, "kernel"),
        ];
        let below = known.layout.regions().iter().filter(|named| named.span.start.0 < modules);
        let below = below.cloned().map(|mut named| {
            named.span.size = named.span.size.min(modules - named.span.start.0);
            named
        });
        known.layout = Layout::new(below.chain(own).collect::<Vec<_>>());
        true
    }
}

/// Returns the first address of the mappings around the largest piece of code. It is that of the
/// image: modules are smaller, and have gaps between them.
fn start(runs: &[Run]) -> Option<u64> {
    let code = runs.iter().enumerate().filter(|(_, run)| run.attributes.executable());
    let (largest, _) = code.max_by_key(|(_, run)| run.size)?;
    let mut start = runs[largest].virt.0;
    for run in runs[..largest].iter().rev() {
        if run.span().end() != u128::from(start) {
            break;
        }
        start = run.virt.0;
    }
    Some(start)
}

#[cfg(test)]
mod tests {
    use landfall_audit::memory::Raw;
    use landfall_audit::{Mode, Origin, Phys, Request, Root, audit};
    use landfall_predict::units::Address;

    use super::*;
    use crate::symbols::Symbol;

    fn symbols(all: &[(&str, u64)]) -> Symbols {
        let symbol = |(name, address): &(&str, u64)| Symbol {
            name: (*name).to_owned(),
            address: Address(*address),
            size: 0,
        };
        all.iter().map(symbol).collect()
    }

    #[test]
    fn a_moved_image_has_named_parts_and_modules_below() {
        const LINKED: u64 = 0xffff_ffff_8000_0000;
        let image = Image::of(&symbols(&[
            ("_start", LINKED),
            ("_data", LINKED + 0x40_0000),
            ("_end", LINKED + 0x60_0000),
        ]));
        let image = image.expect("an image");
        // Leaves of 2 MiB: the image from 4 MiB on, text and data, and a module's code before it.
        let mut bytes = vec![0; 2 * 4096];
        let mut set = |at: usize, entry: u64| bytes[at..at + 8].copy_from_slice(&entry.to_le_bytes());
        set(510 * 8, 0x8000_1000 >> 2 | 1);
        for (index, flags) in [(0, 0xeb), (2, 0xeb), (3, 0xeb), (4, 0xe7)] {
            set(4096 + index * 8, (0x8020_0000 + index as u64 * 0x20_0000) >> 2 | flags);
        }
        let mut memory = Raw::new(std::io::Cursor::new(bytes), Phys(0x8000_0000)).expect("bytes");
        let root = Root { mode: Mode::Sv39, table: Phys(0x8000_0000) };
        let known = Known { layout: linux::layout(Mode::Sv39), ..Known::default() };
        let mut request = Request { roots: vec![(root, Origin::Given)], known, ..Request::default() };
        let first = audit(&mut memory, &request);
        assert!(image.refine(&mut request.known, &first.roots[0]));
        let audit = audit(&mut memory, &request);
        let [modules, region] = audit.roots[0].regions.as_slice() else { panic!("{audit}") };
        let parts: Vec<_> =
            region.parts.iter().map(|part| (part.virt.0, part.name.as_deref().unwrap_or(""))).collect();
        assert_eq!(parts, [(LINKED + 0x40_0000, "head and text"), (LINKED + 0x80_0000, "data")]);
        assert_eq!((modules.name.as_str(), modules.start.0), ("modules, BPF", LINKED));
        let modules = request.known.layout.regions().iter().rev().nth(1).expect("modules");
        assert_eq!(
            (modules.name.as_str(), modules.span.end()),
            ("modules, BPF", (LINKED + 0x40_0000).into())
        );
        assert_eq!(modules.span.start.0, LINKED + 0x40_0000 + 0x60_0000 - REGION);
    }

    #[test]
    fn an_elf_without_linux_s_symbols_is_none() {
        assert_eq!(Image::of(&symbols(&[("_start", !0xfff)])), None);
        assert_eq!(Image::of(&symbols(&[("_start", 0x8020_0000), ("_end", 0x8030_0000)])), None);
        assert_eq!(Image::of(&symbols(&[("_start", !0), ("_end", 0)])), None);
    }
}
