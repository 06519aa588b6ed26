//! The names that a landing looks for, compared where they lie.

/// The name of a property. Names of one kind of node follow each other. A `match` over them becomes
/// a table of addresses, from the first to the last. Each entry is a slot that all rebases pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    AddressCells,
    SizeCells,
    // Of `/chosen`.
    BootedFromKexec,
    Bootargs,
    CoreHeader,
    EfiMemoryMap,
    InitrdEnd,
    InitrdStart,
    KaslrSeed,
    RngSeed,
    UefiMemoryMap,
    UsableMemoryRange,
    // Of harts.
    Compatible,
    Isa,
    IsaExtensions,
    MmuType,
    ZeroBlockSize,
    // Of harts and memory.
    DeviceType,
    Reg,
    Status,
    // Of memory.
    NoMap,
    UsableMemory,
    // Of `/cpus`.
    TimebaseFrequency,
    /// A name that a landing does not know.
    Other,
}

impl Name {
    /// Returns the name with which `text` begins. A zero ends it.
    fn of(text: &[u8]) -> Self {
        match text.first() {
            Some(b'b') if begins(text, b"bootargs\0") => Self::Bootargs,
            Some(b'c') if begins(text, b"compatible\0") => Self::Compatible,
            Some(b'd') if begins(text, b"device_type\0") => Self::DeviceType,
            Some(b'k') if begins(text, b"kaslr-seed\0") => Self::KaslrSeed,
            Some(b'l') if begins(text, b"landfall,efi-memory-map\0") => Self::EfiMemoryMap,
            Some(b'l') if begins(text, b"linux,booted-from-kexec\0") => Self::BootedFromKexec,
            Some(b'l') if begins(text, b"linux,elfcorehdr\0") => Self::CoreHeader,
            Some(b'l') if begins(text, b"linux,initrd-end\0") => Self::InitrdEnd,
            Some(b'l') if begins(text, b"linux,initrd-start\0") => Self::InitrdStart,
            Some(b'l') if begins(text, b"linux,uefi-mmap-start\0") => Self::UefiMemoryMap,
            Some(b'l') if begins(text, b"linux,usable-memory\0") => Self::UsableMemory,
            Some(b'l') if begins(text, b"linux,usable-memory-range\0") => Self::UsableMemoryRange,
            Some(b'm') if begins(text, b"mmu-type\0") => Self::MmuType,
            Some(b'n') if begins(text, b"no-map\0") => Self::NoMap,
            Some(b'r') if begins(text, b"reg\0") => Self::Reg,
            Some(b'r') if begins(text, b"riscv,isa\0") => Self::Isa,
            Some(b'r') if begins(text, b"riscv,isa-extensions\0") => Self::IsaExtensions,
            Some(b'r') if begins(text, b"riscv,cboz-block-size\0") => Self::ZeroBlockSize,
            Some(b'r') if begins(text, b"rng-seed\0") => Self::RngSeed,
            Some(b's') if begins(text, b"status\0") => Self::Status,
            Some(b't') if begins(text, b"timebase-frequency\0") => Self::TimebaseFrequency,
            _ => Self::of_cells(text),
        }
    }

    // By two letters at once: a case for `#` would make the table of the `match` four times longer.
    fn of_cells(text: &[u8]) -> Self {
        match text.first_chunk() {
            Some(two) if two == b"#a" && begins(text, b"#address-cells\0") => Self::AddressCells,
            Some(two) if two == b"#s" && begins(text, b"#size-cells\0") => Self::SizeCells,
            _ => Self::Other,
        }
    }
}

/// The names of the first offsets of a strings block are remembered. Most trees have no others.
const REMEMBERED: usize = 512;

/// The strings block of a tree. A name is compared at its first use, since many properties share
/// it.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    strings: &'a [u8],
    /// By offset.
    seen: [Option<Name>; REMEMBERED],
}

impl<'a> Names<'a> {
    pub(crate) const fn new(strings: &'a [u8]) -> Self {
        Self { strings, seen: [None; REMEMBERED] }
    }

    /// Bytes of the block.
    pub(crate) const fn size(&self) -> usize {
        self.strings.len()
    }

    /// Returns the name at an offset.
    #[inline]
    pub(crate) fn at(&mut self, offset: usize) -> Name {
        match self.seen.get(offset) {
            Some(Some(name)) => *name,
            _ => self.compare(offset),
        }
    }

    #[inline(never)]
    fn compare(&mut self, offset: usize) -> Name {
        let name = Name::of(self.strings.get(offset..).unwrap_or_default());
        if let Some(seen) = self.seen.get_mut(offset) {
            *seen = Some(name);
        }
        name
    }
}

/// Returns true if `node`, a name with its final zero, is `name` without a unit address.
pub(crate) fn is_named<const N: usize>(node: &[u8], name: &[u8; N]) -> bool {
    begins(node, name) && matches!(node.get(N), Some(0 | b'@'))
}

/// `starts_with` would call `memcmp`; most names differ in a first letter.
#[expect(clippy::inline_always, reason = "a call takes longer than most comparisons")]
#[inline(always)]
pub(crate) fn begins<const N: usize>(text: &[u8], start: &[u8; N]) -> bool {
    let Some(text) = text.first_chunk::<N>() else { return false };
    for (byte, expected) in text.iter().zip(start) {
        if byte != expected {
            return false;
        }
    }
    true
}
