//! Tokens of a flattened device tree (devicetree specification v0.4, chapter 5), into memory of any size. What does not fit is counted all the same.

pub(crate) const BEGIN_NODE: u32 = 1;
pub(crate) const END_NODE: u32 = 2;
pub(crate) const PROP: u32 = 3;
pub(crate) const END: u32 = 9;

/// All names that this crate writes.
const NAMES: [&str; 20] = [
    "device_type",
    "reg",
    "bootargs",
    "linux,initrd-start",
    "linux,initrd-end",
    "rng-seed",
    "linux,uefi-system-table",
    "linux,uefi-mmap-desc-size",
    "linux,uefi-mmap-desc-ver",
    "landfall,efi-memory-map",
    "boot-hartid",
    "#address-cells",
    "#size-cells",
    "ranges",
    "compatible",
    "width",
    "height",
    "stride",
    "format",
    "status",
];

pub(crate) struct Writer<'a> {
    into: &'a mut [u8],
    at: usize,
    /// Bytes of the names that the firmware's tree has; ours follow them.
    names: usize,
}

impl<'a> Writer<'a> {
    pub(crate) const fn new(into: &'a mut [u8], names: usize) -> Self {
        Self { into, at: 0, names }
    }

    /// Bytes written, or that should have been.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        let end = self.at.saturating_add(bytes.len());
        if let Some(place) = self.into.get_mut(self.at..end) {
            place.copy_from_slice(bytes);
        }
        self.at = end;
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
        self.bytes(&[0; 4][..zeros]);
    }

    /// The beginning of a property of `size` bytes. Its value follows, and `pad`.
    pub(crate) fn property_of(&mut self, name: &str, size: usize) {
        self.word(PROP);
        self.word(narrow(size));
        self.word(narrow(self.names + name_offset(name)));
    }

    pub(crate) fn property(&mut self, name: &str, value: &[u8]) {
        self.property_of(name, value.len());
        self.bytes(value);
        self.pad();
    }

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

    /// Names of properties: the firmware's, then ours.
    pub(crate) fn strings(&mut self, firmware: &[u8]) {
        self.bytes(firmware);
        for name in NAMES {
            self.bytes(name.as_bytes());
            self.bytes(&[0]);
        }
    }

    /// Writes at the beginning, once the rest is known.
    pub(crate) fn header(&mut self, words: [usize; 10]) {
        let end = core::mem::take(&mut self.at);
        for word in words {
            self.word(narrow(word));
        }
        self.at = end;
    }
}

/// A tree has 2 MiB at most, and one that is larger is refused by its size.
pub(crate) fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn name_offset(name: &str) -> usize {
    NAMES.iter().take_while(|known| **known != name).map(|known| known.len() + 1).sum()
}
