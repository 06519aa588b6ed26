//! A small kernel as an ELF, field by field.

/// Bytes of a page.
pub(crate) const PAGE: u64 = 0x1000;
/// The segments of [`Kernel::movable`], from the link base on.
pub(crate) const TEXT: u64 = 0;
pub(crate) const CONSTANTS: u64 = PAGE;
pub(crate) const DATA: u64 = 2 * PAGE;
/// The tables of [`Kernel::movable`], from the link base on.
pub(crate) const RELA: u64 = CONSTANTS + 0x100;
pub(crate) const RELR: u64 = CONSTANTS + 0x800;
pub(crate) const DYNAMIC: u64 = DATA + 0x800;

/// A program header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program {
    pub(crate) kind: u32,
    pub(crate) flags: u32,
    pub(crate) offset: u64,
    pub(crate) virt: u64,
    pub(crate) file: u64,
    pub(crate) memory: u64,
    pub(crate) align: u64,
}

/// The parts of an ELF. The file has them where they say.
#[derive(Clone, Debug)]
pub(crate) struct Kernel {
    pub(crate) ident: [u8; 16],
    pub(crate) kind: u16,
    pub(crate) machine: u16,
    pub(crate) flags: u32,
    pub(crate) entry: u64,
    pub(crate) table: u64,
    pub(crate) entry_size: u16,
    /// The number of headers, if it is not that of `programs`.
    pub(crate) count: Option<u16>,
    pub(crate) programs: Vec<Program>,
    /// Tags and values. They are written at [`DYNAMIC`].
    pub(crate) dynamic: Vec<(i64, u64)>,
    /// Slot, type with symbol, and addend. They are written at [`RELA`].
    pub(crate) rela: Vec<[u64; 3]>,
    /// Words that are written at [`RELR`].
    pub(crate) relr: Vec<u64>,
    /// Words of the file.
    pub(crate) words: Vec<(u64, u64)>,
    /// Bytes of the file.
    pub(crate) size: usize,
}

const LOAD: u32 = 1;

impl Kernel {
    /// A static PIE that keeps all rules, linked at `base`: a page each of code, constants and
    /// data, and two pages of zeros.
    pub(crate) fn movable(base: u64) -> Self {
        let segment = |index: u64, flags, memory| Program {
            kind: LOAD,
            flags,
            offset: (index + 1) * PAGE,
            virt: base + index * PAGE,
            file: PAGE,
            memory,
            align: PAGE,
        };
        let dynamic = Program {
            kind: 2,
            offset: DYNAMIC + PAGE,
            virt: base + DYNAMIC,
            file: 0x100,
            memory: 0x100,
            align: 8,
            ..segment(2, 6, 0)
        };
        let relr = vec![base + DATA, 0b1011];
        let slots = vec![[base + DATA + 0x101, 3, base + 8], [base + DATA + 0x1ff0, 3, base]];
        let dynamic_tags = vec![
            (7, base + RELA),
            (8, 24 * slots.len() as u64),
            (9, 24),
            (36, base + RELR),
            (35, 8 * relr.len() as u64),
            (37, 8),
        ];
        let slot = |offset, value| (PAGE + DATA + offset, base + value);
        Self {
            ident: *b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0",
            kind: 3,
            machine: 243,
            flags: 5,
            entry: base + TEXT + 2,
            table: 64,
            entry_size: 56,
            count: None,
            programs: vec![
                segment(0, 5, PAGE),
                segment(1, 4, PAGE),
                segment(2, 6, 3 * PAGE),
                dynamic,
                Program { kind: 0x6474_e551, flags: 6, file: 0, memory: 0, align: 0, ..segment(0, 6, 0) },
            ],
            dynamic: dynamic_tags,
            rela: slots,
            relr,
            words: vec![slot(0, 0), slot(8, 5 * PAGE), slot(24, 0x123)],
            size: 0x4000,
        }
    }

    /// The same as an executable at a fixed place.
    pub(crate) fn fixed() -> Self {
        let mut kernel = Self::movable(0xffff_ffff_8000_0000);
        kernel.kind = 2;
        kernel
    }

    /// Writes the file. The rest is left out.
    pub(crate) fn file(&self) -> Vec<u8> {
        let mut file: Vec<u8> = (0..self.size).map(|at| at.to_le_bytes()[0].wrapping_mul(7)).collect();
        let mut put = |at: u64, bytes: &[u8]| {
            let place = usize::try_from(at).ok().and_then(|at| file.get_mut(at..)?.get_mut(..bytes.len()));
            if let Some(place) = place {
                place.copy_from_slice(bytes);
            }
        };
        put(0, &self.ident);
        let count = self.count.unwrap_or(u16::try_from(self.programs.len()).expect("few"));
        let halves = [self.kind, self.machine].map(u16::to_le_bytes);
        put(16, halves.as_flattened());
        put(20, &1_u32.to_le_bytes());
        put(24, [self.entry, self.table, 0].map(u64::to_le_bytes).as_flattened());
        put(48, &self.flags.to_le_bytes());
        put(52, [64, self.entry_size, count, 64, 0, 0].map(u16::to_le_bytes).as_flattened());
        for (program, at) in self.programs.iter().zip((64..).step_by(56)) {
            put(at, [program.kind, program.flags].map(u32::to_le_bytes).as_flattened());
            let Program { offset, virt, file, memory, align, .. } = *program;
            let words = [offset, virt, virt, file, memory, align];
            put(at + 8, words.map(u64::to_le_bytes).as_flattened());
        }
        for (at, word) in &self.words {
            put(*at, &word.to_le_bytes());
        }
        let end = (0, 0);
        for ((tag, value), at) in self.dynamic.iter().chain([&end]).zip((DYNAMIC + PAGE..).step_by(16)) {
            put(at, &tag.to_le_bytes());
            put(at + 8, &value.to_le_bytes());
        }
        for (entry, at) in self.rela.iter().zip((RELA + PAGE..).step_by(24)) {
            put(at, entry.map(u64::to_le_bytes).as_flattened());
        }
        for (word, at) in self.relr.iter().zip((RELR + PAGE..).step_by(8)) {
            put(at, &word.to_le_bytes());
        }
        file
    }
}
