//! The tables in the image, and the entries that change.

use landfall_host::random::Random;

use super::super::assembler::{Assembler, Label};
use super::{COUNT, FRAMES, Mode};

/// Bits of an entry.
const V: u64 = 1;
const R: u64 = 2;
const W: u64 = 4;
const X: u64 = 8;
const U: u64 = 16;
const A: u64 = 64;
const D: u64 = 128;

/// The bits of an identity map.
const OWN: u64 = V | R | W | X | A | D;

/// The lower end of the window of 4 KiB pages, and the same window in the upper half.
const LOW: u64 = 0x4000_0000;
const HIGH: u64 = 0xffff_ffff_c000_0000;

/// The entry of the window's table that maps the code of user mode.
const USER: usize = 40;

/// The address of the code of user mode.
pub(super) const USER_CODE: u64 = LOW + 4096 * USER as u64;

/// An entry that changes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// The table.
    pub(super) table: Label,
    /// The index in it.
    pub(super) index: u64,
    /// The level: 0 is a page of 4 KiB.
    pub(super) level: u32,
    /// The first address that it maps.
    pub(super) address: u64,
    /// The distance from there to the frames.
    pub(super) window: u64,
    /// The table to which it points, if it is no leaf.
    pointer: Option<Label>,
}

/// The tables.
#[derive(Debug)]
pub(super) struct Tables {
    /// The mode.
    pub(super) mode: Mode,
    /// The root.
    pub(super) root: Label,
    /// The entries that change.
    pub(super) slots: Vec<Slot>,
    /// The table that maps the window in steps of 2 MiB.
    window: Label,
    /// The table that maps the window's pages of 4 KiB.
    pages: Label,
    /// The tables above, up to the root.
    uppers: Vec<Label>,
    /// The code of user mode.
    user: Label,
}

/// The content of an entry in the image.
enum Content {
    /// This value.
    Value(u64),
    /// The page of a label, and flags.
    Page(Label, u64),
}

impl Mode {
    /// Returns the number of the first bit above its addresses.
    pub(super) const fn top_bit(self) -> u64 {
        match self {
            Self::Sv39 => 39,
            Self::Sv48 => 48,
            Self::Sv57 => 57,
        }
    }

    /// Returns the number of levels.
    const fn levels(self) -> u32 {
        match self {
            Self::Sv39 => 3,
            Self::Sv48 => 4,
            Self::Sv57 => 5,
        }
    }
}

impl Tables {
    /// Returns labels for tables, which are placed later.
    pub(super) fn new(code: &mut Assembler, mode: Mode, user: Label) -> Self {
        let (window, pages) = (code.label(), code.label());
        // From the lowest table that all addresses share up to the root.
        let uppers: Vec<_> = (2..mode.levels()).map(|_| code.label()).collect();
        let plain = |table, index, level, address, window| Slot {
            table,
            index,
            level,
            address,
            window,
            pointer: None,
        };
        let mut slots: Vec<_> =
            (0..2 * COUNT).map(|index| plain(pages, index, 0, LOW + 4096 * index, 0)).collect();
        slots.push(plain(window, 1, 1, LOW + (1 << 21), 0));
        slots.push(Slot { pointer: Some(pages), ..plain(window, 2, 1, LOW + (2 << 21), 0) });
        // Leaves of 1 GiB and more map all of RAM, and frames are a part of it.
        let large = [(3, 3 << 30, FRAMES & 0x3fff_ffff), (1, 1 << 39, FRAMES), (1, 1 << 48, FRAMES)];
        for ((level, table), (index, address, distance)) in (2..).zip(&uppers).zip(large) {
            slots.push(plain(*table, index, level, address, distance));
        }
        let root = *uppers.last().unwrap_or(&window);
        Self { mode, root, slots, window, pages, uppers, user }
    }

    /// Adds the tables to the image.
    pub(super) fn place(&self, code: &mut Assembler) {
        let own = code.label();
        self.table(code, self.pages, vec![(USER, Content::Page(self.user, V | R | X | U | A))]);
        self.table(code, self.window, vec![(0, Content::Page(self.pages, V))]);
        let leaf = |address: u64| Content::Value(address >> 2 | OWN);
        self.table(code, own, vec![(1, leaf(0x8020_0000)), (2, leaf(FRAMES))]);
        for (level, table) in self.uppers.iter().enumerate() {
            let entries = match level.checked_sub(1).and_then(|below| self.uppers.get(below)) {
                None => vec![
                    (1, Content::Page(self.window, V)),
                    (2, Content::Page(own, V)),
                    (511, Content::Page(self.window, V)),
                ],
                Some(below) => vec![(0, Content::Page(*below, V)), (511, Content::Page(*below, V))],
            };
            self.table(code, *table, entries);
        }
    }

    /// Adds one table: these entries, and those that change.
    fn table(&self, code: &mut Assembler, label: Label, mut entries: Vec<(usize, Content)>) {
        for slot in self.slots.iter().filter(|slot| slot.table == label) {
            let content = match slot.pointer {
                Some(table) => Content::Page(table, V),
                None => Content::Value(slot.frame(slot.index) >> 2 | OWN),
            };
            entries.push((usize::try_from(slot.index).unwrap_or_default(), content));
        }
        entries.sort_by_key(|(index, _)| *index);
        code.align(4096);
        code.place(label);
        let mut next = 0;
        for (index, content) in entries {
            code.data(&vec![0; (index - next) * 8]);
            match content {
                Content::Value(value) => code.data(&value.to_le_bytes()),
                Content::Page(table, flags) => code.entry(table, flags),
            }
            next = index + 1;
        }
        code.align(4096);
    }
}

impl Slot {
    /// Returns the offset of the entry in its table.
    pub(super) fn offset(&self) -> i32 {
        i32::try_from(self.index * 8).unwrap_or_default()
    }

    /// Returns another address that the entry maps too, if there is one.
    pub(super) const fn other_address(&self) -> u64 {
        if self.level < 2 { self.address - LOW + HIGH } else { self.address }
    }

    /// Returns the table to which the entry points, if it is no leaf.
    pub(super) const fn points_to(&self) -> Option<Label> {
        self.pointer
    }

    /// Returns the physical address that a leaf here maps.
    const fn frame(&self, choice: u64) -> u64 {
        match self.level {
            0 => FRAMES + choice % COUNT * 4096,
            1 => FRAMES,
            2 => FRAMES & !0x3fff_ffff,
            _ => 0,
        }
    }

    /// Returns a random entry. One that points to a table has no page number yet.
    pub(super) fn random(&self, random: &mut Random) -> u64 {
        // Most entries are valid, so that most accesses depend on the other bits.
        let mut flags = random.below(256);
        if random.below(8) != 0 {
            flags |= V;
        }
        if random.coin() {
            flags |= A | D;
        }
        if random.below(4) == 0 {
            // Bits for software.
            flags |= random.below(4) << 8;
        }
        if self.pointer.is_some() {
            return if random.coin() { V } else { flags & !(R | W | X) };
        }
        if flags & (R | W | X) == 0 {
            // It would point to a table in the frames.
            flags |= R;
        }
        if flags & W == 0 {
            // QEMU's AMO sets A before its store faults.
            flags |= A;
        }
        let entry = self.frame(random.next_word() >> 32) >> 2 | flags;
        self.spoiled(entry, random)
    }

    /// Returns the entry, sometimes with NAPOT, a memory type, a reserved bit, or another address.
    fn spoiled(&self, entry: u64, random: &mut Random) -> u64 {
        let flags = entry & 0x3ff;
        match random.below(24) {
            // A memory type. QEMU accepts the reserved one, 3, and the specification does not.
            0 => entry | random.below(3) << 61,
            // A reserved bit.
            1 => entry | 1 << (54 + random.below(7)),
            // NAPOT: 64 KiB at level 0 if the lowest four bits of the page number are 8.
            2..=4 if self.level == 0 && self.index < COUNT => flags | (FRAMES >> 12 | 8) << 10 | 1 << 63,
            5 => entry | 1 << 63,
            // The page number of a leaf that is not aligned.
            6 if self.level != 0 => entry | 1 << (10 + random.below(u64::from(self.level) * 9)),
            // Firmware, and an address without memory. QEMU's AMO loads first, and reports the
            // access fault of that before the page fault of its store; the specification has the
            // latter.
            7 if self.level == 0 => flags | R | W | A | D | 0x8000_0000 >> 2,
            8 if self.level == 0 => flags | R | W | A | D | 1 << 45,
            _ => entry,
        }
    }
}
