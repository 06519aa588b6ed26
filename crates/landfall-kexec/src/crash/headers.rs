//! The headers of an ELF core (ELF-64 object file format; Linux, `fs/proc/vmcore.c`). A crash
//! kernel serves the memory behind them, and every offset is a physical address.

use landfall_paging::{PAGE_SIZE, PhysRange};
use landfall_plan::policy::Placement;

use super::area::SaveArea;
use crate::running::Running;

/// Bytes of the file header, and of a program header.
const HEADER: usize = 64;
const SEGMENT: usize = 56;
const PT_LOAD: u32 = 1;
const PT_NOTE: u32 = 4;
const PF_X: u32 = 1;
const PF_W: u32 = 2;
const PF_R: u32 = 4;

/// The most bytes of text of landfall's own note.
pub const MAX_NOTE: usize = 1024;

/// The contents of an ELF core of a kernel.
#[derive(Clone, Copy, Debug)]
pub struct CoreHeaders<'a> {
    /// The kernel.
    pub running: Running<'a>,
    /// The memory of its save areas, one after the other.
    pub areas: PhysRange,
    /// The text of landfall's own note: `key=value` lines.
    pub note: &'a str,
}

/// A program header.
#[derive(Clone)]
struct Segment {
    kind: u32,
    flags: u32,
    virt: u64,
    phys: PhysRange,
}

impl CoreHeaders<'_> {
    /// Returns the segments. All notes come first: Linux joins them in the first header, and drops
    /// as many headers behind it (`merge_note_headers_elf64`).
    fn segments(&self, note: PhysRange) -> impl Iterator<Item = Segment> + Clone + '_ {
        let Running { facts, plan, .. } = self.running;
        let area = SaveArea::SIZE as u64;
        let areas = (0..self.areas.size() / area).map(move |index| {
            let phys = PhysRange::new(self.areas.start().wrapping_add(index * area), area);
            Segment { kind: PT_NOTE, flags: 0, virt: 0, phys }
        });
        let linear = plan.linear.mapped(facts).map(|phys| {
            let virt = plan.linear.virt(phys.start()).get();
            Segment { kind: PT_LOAD, flags: PF_R | PF_W | PF_X, virt, phys }
        });
        let own = (plan.placement == Placement::OwnRegion).then(|| Segment {
            kind: PT_LOAD,
            flags: PF_R | PF_W | PF_X,
            virt: plan.image.virt.get(),
            phys: plan.image.phys.all(),
        });
        let note = Segment { kind: PT_NOTE, flags: 0, virt: 0, phys: note };
        areas.chain([note]).chain(linear).chain(own)
    }

    fn count(&self) -> usize {
        self.segments(PhysRange::EMPTY).count()
    }

    /// Returns the bytes of the headers.
    #[must_use]
    pub fn size(&self) -> u64 {
        let size = HEADER + self.count() * SEGMENT + note_size(self.note.len());
        (size as u64).next_multiple_of(PAGE_SIZE)
    }

    /// Writes the headers, which lie at `at`. False if `into` is too small.
    #[must_use]
    pub fn write(&self, into: &mut [u8], at: PhysRange) -> bool {
        if (into.len() as u64) < self.size() {
            return false;
        }
        let count = self.count();
        let mut out = Writer { bytes: into, at: 0 };
        out.put(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
        // ET_CORE, EM_RISCV, and the version.
        out.put(&[4, 0, 243, 0, 1, 0, 0, 0]);
        // No entry; program headers behind this one; no sections; no flags.
        for word in [0, HEADER as u64, 0] {
            out.word(word);
        }
        out.half(0);
        let short = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        for number in [short(HEADER), short(SEGMENT), short(count), 0, 0, 0] {
            out.put(&number.to_le_bytes());
        }
        let note_at = at.start().wrapping_add((HEADER + count * SEGMENT) as u64);
        let note = PhysRange::new(note_at, note_size(self.note.len()) as u64);
        self.segments(note).for_each(|segment| out.segment(&segment));
        out.note(self.note.as_bytes());
        true
    }
}

/// Returns the bytes of landfall's note, and of the zeros that end it.
const fn note_size(text: usize) -> usize {
    12 + NAME.len() + text.next_multiple_of(4) + 12
}

/// The name of landfall's note, padded.
const NAME: [u8; 12] = *b"landfall\0\0\0\0";
const NAME_SIZE: u32 = 9;
/// The type of landfall's note.
const NOTE: u32 = 1;

struct Writer<'a> {
    bytes: &'a mut [u8],
    at: usize,
}

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) {
        if let Some(place) = self.bytes.get_mut(self.at..self.at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
        self.at += bytes.len();
    }

    fn half(&mut self, half: u32) {
        self.put(&half.to_le_bytes());
    }

    fn word(&mut self, word: u64) {
        self.put(&word.to_le_bytes());
    }

    fn segment(&mut self, segment: &Segment) {
        let Segment { kind, flags, virt, phys } = segment;
        self.half(*kind);
        self.half(*flags);
        let (at, size) = (phys.start().get(), phys.size());
        for word in [at, *virt, at, size, size, 0] {
            self.word(word);
        }
    }

    fn note(&mut self, text: &[u8]) {
        self.half(NAME_SIZE);
        self.half(u32::try_from(text.len()).unwrap_or(0));
        self.half(NOTE);
        self.put(&NAME);
        self.put(text);
        let padding = text.len().next_multiple_of(4) - text.len() + 12;
        self.put(&[0; 16][..padding.min(16)]);
    }
}
