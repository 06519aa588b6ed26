//! The kernel's files for debuggers: its ELF with plain names, and the few names that stay
//! physical.
//!
//! gdb takes Rust's symbols for those of C++ and keeps the hash at their end. `break hello::main`
//! then finds nothing if the debug information has line tables only. So the names are corrected in
//! a copy. The copy also keeps the ELF as it was when the machine started.

use std::io;
use std::path::Path;

use landfall_image::inner::InnerRecord;
use landfall_inspect::flat;
use landfall_wrap::Inner;
use object::build::elf::Builder;
use object::read::elf::ElfFile64;
use object::read::{Object as _, ObjectSection};
use object::write::{Object, StandardSection, Symbol, SymbolSection};
use object::{Architecture, BinaryFormat, Endianness, LittleEndian, SymbolFlags, SymbolKind, SymbolScope};

use super::DebugError;
use crate::elf;
use crate::landmarks::{ENTER, IMAGE_START, LEAP, MODULES, MOVE};
use crate::symbols::{Symbols, demangle};
use crate::user_file::{self, Limit};
use landfall_predict::inner::linked_entry;
use landfall_predict::units::Address;

/// Code that runs at its physical address when the boot hart has landed already: the other harts
/// come this way (secondary.s).
const COME_LATER: [&str; 4] =
    ["landfall_wait_for_release", "landfall_secondary", "landfall_secondary_satp", "landfall_stop_hart"];

/// More bytes than the last of them takes.
const LAST_ROUTINE: usize = 32;

/// Bytes at an image's start by which it is known: header and record.
pub(super) const HEAD: usize = 0x80;

/// The part of the record that differs between a sealed image and the same without a seal.
const SEAL: std::ops::Range<usize> = 0x50..0x60;

/// A kernel, as far as a debugger must know it.
#[derive(Debug)]
pub(super) struct Known {
    /// The address that its first byte was linked for.
    pub(super) link: Address,
    /// The physical address at which a loader of ELFs loads it.
    pub(super) load: Option<Address>,
    /// The address at which it continues in the copy, as linked; `None` if it never moves.
    pub(super) moves: Option<Address>,
    /// The address at which it continues at its virtual address, as linked; `None` if it never
    /// leaps.
    pub(super) leaps: Option<Address>,
    /// The address at which it enters its inner kernel, as linked; `None` if it wraps none.
    pub(super) enters: Option<Address>,
    /// The link address of its table of loaded modules, if it loads any.
    pub(super) modules: Option<Address>,
    /// The offset of the build ID's note in the image, and its bytes.
    pub(super) build_id: Option<(u64, Vec<u8>)>,
    image: Vec<u8>,
    later: Vec<(&'static str, Address)>,
}

/// The inner kernel of a wrapper.
#[derive(Debug)]
pub(super) struct InnerElf {
    /// The ELF.
    pub(super) bytes: Vec<u8>,
    /// The address at which it is entered, as linked.
    pub(super) entry: Address,
    /// The wrapper's instruction that enters it, as linked.
    pub(super) enters: Address,
}

impl Known {
    /// Reads the ELF at `path`.
    pub(super) fn read(path: &Path) -> Result<Self, DebugError> {
        let bytes =
            user_file::read(path, Limit::KERNEL).map_err(|source| file("cannot read", path, source))?;
        let elf = elf::parse(path, &bytes)?;
        let symbols = Symbols::of(&elf);
        let no_kernel = || DebugError::NoKernel { path: path.to_owned() };
        let link = symbols.find(IMAGE_START).ok_or_else(no_kernel)?.address;
        let image = flat::flatten(&elf).map_err(|_| no_kernel())?.bytes;
        if image.len() < HEAD {
            return Err(no_kernel());
        }
        let address = |name: &str| symbols.find(name).map(|symbol| symbol.address);
        Ok(Self {
            link,
            load: flat::load_address(&elf),
            moves: address(MOVE),
            leaps: address(LEAP),
            enters: address(ENTER),
            modules: address(MODULES),
            build_id: build_id(&elf, link),
            image,
            later: COME_LATER.into_iter().filter_map(|name| Some((name, address(name)?))).collect(),
        })
    }

    /// Returns its inner kernel, if it is a wrapper of one that breaks no rule.
    pub(super) fn inner(&self) -> Option<InnerElf> {
        let enters = self.enters?;
        let record = InnerRecord::read(self.image.get(InnerRecord::find(&self.image)?..)?).ok()?;
        let entry = Address(linked_entry(&Inner::read(record.kernel()).ok()?).get());
        Some(InnerElf { bytes: record.kernel().to_vec(), entry, enters })
    }

    /// Bytes of it in a machine, without its `.bss`.
    pub(super) fn size(&self) -> u64 {
        self.image.len() as u64
    }

    /// Returns true if these are the first bytes of this kernel's image, sealed or not.
    pub(super) fn begins_with(&self, head: &[u8]) -> bool {
        let but_the_seal = |bytes: &[u8]| [bytes[..SEAL.start].to_vec(), bytes[SEAL.end..].to_vec()];
        head.len() == HEAD && but_the_seal(head) == but_the_seal(&self.image[..HEAD])
    }

    /// Returns an object file with the names of code that runs at its physical address after the
    /// boot hart has landed. Also returns the address that the first of them was linked for, from
    /// which addresses count. Returns `None` if the kernel has no such code.
    pub(super) fn later_names(&self) -> Result<Option<(Vec<u8>, Address)>, DebugError> {
        let places = self.later.iter().map(|&(_, place)| place);
        let (Some(first), Some(last)) = (places.clone().min(), places.max()) else { return Ok(None) };
        let mut object = Object::new(BinaryFormat::Elf, Architecture::Riscv64, Endianness::Little);
        // gdb reads the code too: by it, it finds the end of a routine's prologue.
        let start = usize::try_from(first.wrapping_offset_from(self.link)).unwrap_or(usize::MAX);
        let end = usize::try_from(last.wrapping_offset_from(self.link)).unwrap_or(usize::MAX);
        let code = self.image.get(start..end.saturating_add(LAST_ROUTINE).min(self.image.len()));
        let text = object.section_id(StandardSection::Text);
        object.append_section_data(text, code.unwrap_or_default(), 1);
        for &(name, place) in &self.later {
            object.add_symbol(Symbol {
                name: name.into(),
                value: place.wrapping_offset_from(first),
                size: 0,
                kind: SymbolKind::Text,
                scope: SymbolScope::Linkage,
                weak: false,
                section: SymbolSection::Section(text),
                flags: SymbolFlags::None,
            });
        }
        let bytes = object.write().map_err(DebugError::Names)?;
        Ok(Some((bytes, first)))
    }
}

/// Returns the offset of the build ID's note in the image, and the bytes of the note.
fn build_id(elf: &ElfFile64<'_, LittleEndian>, link: Address) -> Option<(u64, Vec<u8>)> {
    let note = elf.section_by_name(".note.gnu.build-id")?;
    let bytes = note.data().ok().filter(|bytes| !bytes.is_empty())?;
    Some((Address(note.address()).wrapping_offset_from(link), bytes.to_vec()))
}

/// Returns the ELF at `path` with names as their authors wrote them, and without those that stay
/// physical.
pub(super) fn with_plain_names(path: &Path) -> Result<Vec<u8>, DebugError> {
    let bytes = user_file::read(path, Limit::KERNEL).map_err(|source| file("cannot read", path, source))?;
    plain(&bytes).map_err(|source| DebugError::Rewrite { path: path.to_owned(), source })
}

/// Returns an ELF with names as their authors wrote them, and without those that stay physical.
pub(super) fn plain(elf: &[u8]) -> Result<Vec<u8>, object::build::Error> {
    let mut elf = Builder::read(elf)?;
    for symbol in &mut elf.symbols {
        // Those have an object file of their own.
        symbol.delete = COME_LATER.iter().any(|name| *symbol.name == *name.as_bytes());
        if let Ok(name) = std::str::from_utf8(&symbol.name) {
            symbol.name = demangle(name).into_bytes().into();
        }
    }
    let mut plain = Vec::new();
    elf.write(&mut plain)?;
    Ok(plain)
}

pub(super) fn file(what: &str, path: &Path, source: io::Error) -> DebugError {
    DebugError::File { what: format!("{what} {}", path.display()), source }
}

#[cfg(test)]
mod tests {
    use object::read::elf::ElfFile64;
    use object::{LittleEndian, Object as _, ObjectSymbol};

    use super::*;

    fn known() -> Known {
        let later = vec![("landfall_stop_hart", Address(0x80)), ("landfall_secondary", Address(0x40))];
        let mut image = vec![7; HEAD + 64];
        image[SEAL].fill(1);
        let load = Some(Address(0x8020_0000));
        Known {
            link: Address(0),
            load,
            moves: None,
            leaps: None,
            enters: None,
            modules: None,
            build_id: None,
            image,
            later,
        }
    }

    #[test]
    fn a_kernel_is_known_whether_it_is_sealed_or_not() {
        let mut head = [7; HEAD];
        assert!(known().begins_with(&head));
        head[SEAL.end] = 8;
        assert!(!known().begins_with(&head));
        assert!(!known().begins_with(&head[1..]));
    }

    #[test]
    fn names_that_stay_physical_count_from_the_first() {
        let (object, first) = known().later_names().expect("an object").expect("names");
        assert_eq!(first, Address(0x40));
        let elf = ElfFile64::<LittleEndian>::parse(&*object).expect("an ELF");
        let found = elf.symbols().filter(ObjectSymbol::is_definition);
        let found: Vec<_> =
            found.map(|symbol| (symbol.name().unwrap_or_default(), symbol.address())).collect();
        assert_eq!(found, [("landfall_stop_hart", 0x40), ("landfall_secondary", 0)]);
        let without = Known { later: Vec::new(), ..known() };
        assert!(without.later_names().expect("nothing").is_none());
    }
}
