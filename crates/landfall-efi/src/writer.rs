//! Tokens of a flattened device tree (devicetree specification v0.4, chapter 5), into memory of any
//! size. Bytes beyond its end are counted.

use landfall_paging::PhysRange;
use landfall_tree::Tree;

pub(crate) const BEGIN_NODE: u32 = 1;
pub(crate) const END_NODE: u32 = 2;
pub(crate) const PROP: u32 = 3;
pub(crate) const NOP: u32 = 4;
pub(crate) const END: u32 = 9;

/// All names that this crate writes, in one piece. A list of texts would be a list of pointers,
/// which every landing would have to relocate.
const NAMES: &[u8] = b"\0device_type\0reg\0bootargs\0linux,initrd-start\0linux,initrd-end\0rng-seed\0\
    linux,uefi-system-table\0linux,uefi-mmap-desc-size\0linux,uefi-mmap-desc-ver\0landfall,efi-memory-map\0boot-hartid\0\
    #address-cells\0#size-cells\0ranges\0compatible\0width\0height\0stride\0format\0status\0";
/// Those of ACPI, which follow where they are needed.
const ACPI_NAMES: &[u8] =
    b"\0landfall,acpi-rsdp\0timebase-frequency\0mmu-type\0riscv,isa\0riscv,isa-base\0riscv,isa-extensions\0";

/// Which names a tree has of ours.
#[derive(Clone, Copy)]
pub(crate) enum Names {
    /// Those that every tree has.
    Usual,
    /// Those of ACPI too.
    WithAcpi,
}

/// The memory is too small for the tree, or any would be: above [`Tree::MAX_SIZE`] no landing reads
/// it (rule 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooSmall {
    /// Bytes that it takes.
    pub wanted: usize,
}

/// Bytes of a tree's header.
const HEADER: usize = 40;
const MAGIC: usize = 0xd00d_feed;

pub(crate) struct Writer<'a> {
    into: &'a mut [u8],
    at: usize,
    /// The offset of the structure block.
    structure: usize,
    /// Bytes of the names that the firmware's tree has; ours follow them.
    names: usize,
}

impl<'a> Writer<'a> {
    pub(crate) const fn new(into: &'a mut [u8], names: usize) -> Self {
        Self { into, at: 0, structure: 0, names }
    }

    // A kernel carries this along for one use: once is enough.
    #[inline(never)]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        let end = self.at.saturating_add(bytes.len());
        if let Some(place) = self.into.get_mut(self.at..end) {
            place.copy_from_slice(bytes);
        }
        self.at = end;
    }

    /// Counts what is not written.
    pub(crate) const fn skip(&mut self, size: usize) {
        self.at = self.at.saturating_add(size);
    }

    pub(crate) fn word(&mut self, word: u32) {
        self.bytes(&word.to_be_bytes());
    }

    pub(crate) fn double(&mut self, double: u64) {
        self.bytes(&double.to_be_bytes());
    }

    /// Zeros up to the next token.
    pub(crate) fn pad(&mut self) {
        let zeros = self.at.wrapping_neg() % 4;
        self.bytes([0; 4].get(..zeros).unwrap_or_default());
    }

    /// The beginning of a property of `size` bytes. Its value follows, and `pad`.
    pub(crate) fn property_of(&mut self, name: &str, size: usize) {
        self.word(PROP);
        self.word(narrow(size));
        self.word(narrow(self.names + name_offset(name)));
    }

    #[inline(never)]
    pub(crate) fn property(&mut self, name: &str, value: &[u8]) {
        self.property_of(name, value.len());
        self.bytes(value);
        self.pad();
    }

    #[inline(never)]
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.property_of(name, text.len() + 1);
        self.bytes(text.as_bytes());
        self.bytes(&[0]);
        self.pad();
    }

    pub(crate) fn begin(&mut self, name: &str) {
        self.word(BEGIN_NODE);
        self.bytes(name.as_bytes());
        self.bytes(&[0]);
        self.pad();
    }

    pub(crate) fn end(&mut self) {
        self.word(END_NODE);
    }

    /// The beginning of a node with an address in its name.
    pub(crate) fn begin_at(&mut self, name: &str, address: u64) {
        self.word(BEGIN_NODE);
        self.bytes(name.as_bytes());
        self.bytes(b"@");
        for digit in (0..=address.max(1).ilog2() / 4).rev() {
            let digit = (address >> (digit * 4)) & 15;
            // One of sixteen.
            self.bytes(b"0123456789abcdef".get(digit as usize..=digit as usize).unwrap_or_default());
        }
        self.bytes(&[0]);
        self.pad();
    }

    /// Header and reservations, behind which the structure block begins.
    pub(crate) fn reservations(&mut self, ranges: impl IntoIterator<Item = PhysRange>) {
        self.bytes(&[0; HEADER]);
        for range in ranges.into_iter().chain([PhysRange::EMPTY]) {
            self.double(range.start().get());
            self.double(range.size());
        }
        self.structure = self.at;
    }

    /// Writes behind the structure block the names of properties, the firmware's and then ours, and
    /// the header; and says how many bytes that makes.
    pub(crate) fn finish(mut self, firmware: &[u8], names: Names, hart: usize) -> Result<usize, TooSmall> {
        let (strings, structure) = (self.at, self.structure);
        self.bytes(firmware);
        self.bytes(NAMES);
        match names {
            Names::Usual => {}
            Names::WithAcpi => self.bytes(ACPI_NAMES),
        }
        let size = self.at;
        self.at = 0;
        let (strings_size, structure_size) = (size - strings, strings - structure);
        for word in [MAGIC, size, structure, strings, HEADER, 17, 16, hart, strings_size, structure_size] {
            self.word(narrow(word));
        }
        if size <= self.into.len().min(Tree::MAX_SIZE) { Ok(size) } else { Err(TooSmall { wanted: size }) }
    }
}

/// A tree has 2 MiB at most, and one that is larger is refused by its size.
pub(crate) fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Returns the offset of a name.
fn name_offset(name: &str) -> usize {
    let usual = offset_in(NAMES, name);
    usual.or_else(|| Some(NAMES.len() + offset_in(ACPI_NAMES, name)?)).unwrap_or(0)
}

fn offset_in(names: &[u8], name: &str) -> Option<usize> {
    let is_here = |at: &usize| {
        let rest = names.get(at + 1..).unwrap_or_default();
        names.get(*at) == Some(&0)
            && rest.strip_prefix(name.as_bytes()).is_some_and(|end| end.first() == Some(&0))
    };
    (0..names.len()).find(is_here).map(|zero| zero + 1)
}
