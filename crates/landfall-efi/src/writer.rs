//! Tokens of a flattened device tree (devicetree specification v0.4, chapter 5), into memory of any size. What does not fit is counted all the same.

pub(crate) const BEGIN_NODE: u32 = 1;
pub(crate) const END_NODE: u32 = 2;
pub(crate) const PROP: u32 = 3;
pub(crate) const NOP: u32 = 4;
pub(crate) const END: u32 = 9;

/// All names that this crate writes, in one piece: a list of texts would be a list of pointers, which every landing would have to relocate.
const NAMES: &[u8] = b"\0device_type\0reg\0bootargs\0linux,initrd-start\0linux,initrd-end\0rng-seed\0\
    linux,uefi-system-table\0linux,uefi-mmap-desc-size\0linux,uefi-mmap-desc-ver\0landfall,efi-memory-map\0boot-hartid\0\
    #address-cells\0#size-cells\0ranges\0compatible\0width\0height\0stride\0format\0status\0";

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
        self.bytes([0; 4].get(..zeros).unwrap_or_default());
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
        self.bytes(NAMES);
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

/// Where a name begins.
fn name_offset(name: &str) -> usize {
    let is_here = |at: &usize| {
        let rest = NAMES.get(at + 1..).unwrap_or_default();
        NAMES.get(*at) == Some(&0)
            && rest.strip_prefix(name.as_bytes()).is_some_and(|end| end.first() == Some(&0))
    };
    (0..NAMES.len()).find(is_here).map_or(0, |zero| zero + 1)
}
