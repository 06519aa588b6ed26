//! A writer of flattened device trees, straight from the specification (v0.4, chapter 5), that can
//! also write what no compiler would.

/// A tree under construction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writer {
    pub(crate) structure: Vec<u8>,
    pub(crate) strings: Vec<u8>,
    pub(crate) reservations: Vec<(u64, u64)>,
}

impl Writer {
    pub(crate) fn word(mut self, word: u32) -> Self {
        self.structure.extend(word.to_be_bytes());
        self
    }

    fn padded(mut self, bytes: &[u8]) -> Self {
        self.structure.extend(bytes);
        self.structure.resize(self.structure.len().next_multiple_of(4), 0);
        self
    }

    pub(crate) fn begin(self, name: &str) -> Self {
        self.word(1).padded(&[name.as_bytes(), &[0]].concat())
    }

    pub(crate) fn end(self) -> Self {
        self.word(2)
    }

    pub(crate) fn bytes(mut self, name: &str, value: &[u8]) -> Self {
        let offset = u32::try_from(self.strings.len()).expect("a small tree");
        self.strings.extend([name.as_bytes(), &[0]].concat());
        let size = u32::try_from(value.len()).expect("a small tree");
        self.word(3).word(size).word(offset).padded(value)
    }

    pub(crate) fn text(self, name: &str, value: &str) -> Self {
        self.bytes(name, &[value.as_bytes(), &[0]].concat())
    }

    pub(crate) fn cells(self, name: &str, cells: &[u32]) -> Self {
        self.bytes(name, &cells.iter().flat_map(|cell| cell.to_be_bytes()).collect::<Vec<u8>>())
    }

    /// A node with a `reg` of two cells each.
    pub(crate) fn node(self, name: &str, start: u64, size: u64) -> Self {
        self.begin(name).bytes("reg", &[start.to_be_bytes(), size.to_be_bytes()].concat())
    }

    pub(crate) fn finish(&self) -> Vec<u8> {
        let word = |value: usize| u32::try_from(value).expect("a small tree").to_be_bytes();
        let reservations = self.reservations.iter().chain(&[(0, 0)]);
        let reservations: Vec<u8> =
            reservations.flat_map(|(at, size)| [at.to_be_bytes(), size.to_be_bytes()].concat()).collect();
        let structure_at = 40 + reservations.len();
        let strings_at = structure_at + self.structure.len();
        let total = strings_at + self.strings.len();
        let header = [
            0xd00d_feed,
            total,
            structure_at,
            strings_at,
            40,
            17,
            16,
            0,
            self.strings.len(),
            self.structure.len(),
        ];
        let header: Vec<u8> = header.into_iter().flat_map(word).collect();
        [header, reservations, self.structure.clone(), self.strings.clone()].concat()
    }
}

/// A machine's tree up to the root's properties.
pub(crate) fn root() -> Writer {
    Writer::default().begin("").cells("#address-cells", &[2]).cells("#size-cells", &[2])
}

/// Closes the root.
pub(crate) fn whole(writer: Writer) -> Vec<u8> {
    writer.end().word(9).finish()
}
