//! Hostile input of the readers that `landfall-audit` does not have: answers of QEMU's monitor, and
//! the notes of cores. None panics, and none returns more than its input has.

use std::io::Cursor;

use proptest::prelude::*;

use super::live::{extensions, flat_view, registers};
use super::notes::Notes;

/// Parts of answers, in any order.
const WORDS: [&str; 25] = [
    "FlatView #0\n",
    " AS \"memory\", root: system\n",
    "  0000000080000000-000000008fffffff (prio 0, ram): board.ram\n",
    "  0000000000001000-000000000000ffff (prio 0, rom): mrom\n",
    "  0000000000000000-ffffffffffffffff (prio 0, ram): all\n",
    "  8fffffff-0000000090000000 (prio -1, ram): over\n",
    " (prio 0, ram):",
    "-",
    ", ",
    "(prio ",
    "CPU#0\n",
    "CPU#18446744073709551616\n",
    " V      =   1\n",
    " mhartid  ",
    " satp     ",
    " x2/sp    ",
    "a0000000000851b3",
    "ffffffffffffffff",
    "10000000000000000",
    "\n",
    "=",
    "1",
    "true",
    "false\r\n",
    "\u{e9}",
];

/// The offset of the notes in [`core`].
const NOTES: usize = 64 + 2 * 56;

/// Returns a core with a segment of notes, and one of memory beyond the end of the file.
fn core() -> Vec<u8> {
    let mut bytes = vec![0; NOTES];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    put(0, b"\x7fELF\x02\x01\x01");
    put(16, &[4, 0, 243, 0, 1, 0, 0, 0]);
    put(32, &64_u64.to_le_bytes());
    put(52, &[64, 0, 56, 0, 2, 0]);
    let mut notes = Vec::new();
    let mut note = |kind: u32, name: &[u8], text: &[u8]| {
        let sizes = [name.len(), text.len()].map(|size| u32::try_from(size).expect("a small note"));
        notes.extend([sizes[0], sizes[1], kind].map(u32::to_le_bytes).as_flattened());
        for part in [name, text] {
            notes.extend(part);
            notes.resize(notes.len().next_multiple_of(4), 0);
        }
    };
    note(1, b"CORE\0", &[0x80; 112 + 32 * 8]);
    note(0, b"landfall\0", b"harts=2\nsatp=0xa0000000000851b3\0");
    let text = b"SYMBOL(swapper_pg_dir)=ffffffff81a00000\nNUMBER(satp)=0x9000000000000000\nNUMBER(va_kernel_pa_offset)=0xfffffffeffe00000\n";
    note(0, b"VMCOREINFO\0", text);
    let segments = [[4, NOTES as u64, notes.len() as u64], [1, 0x1000, 0x2000]];
    for (number, [kind, offset, size]) in segments.into_iter().enumerate() {
        put(64 + 56 * number, &kind.to_le_bytes());
        put(72 + 56 * number, &offset.to_le_bytes());
        put(96 + 56 * number, &size.to_le_bytes());
    }
    bytes.extend(notes);
    bytes
}

#[test]
fn the_core_that_is_damaged_is_right() {
    let core = core();
    let notes = Notes::of(Cursor::new(&core), core.len() as u64).expect("notes");
    assert_eq!((notes.stopped.len(), notes.missing), (1, 0x2000));
    assert_eq!(notes.root.map(|(_, name)| name), Some("landfall"));
}

proptest! {
    /// Any sequence of an answer's parts is read: RAM is ascending, and apart.
    #[test]
    fn answers_of_the_monitor(parts in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..40)) {
        let text = parts.concat();
        let memory = flat_view::memory(&text);
        prop_assert!(memory.windows(2).all(|pair| pair[0].start <= pair[1].start));
        prop_assert!(memory.len() <= text.lines().count());
        prop_assert!(registers::harts(&text).len() <= text.matches("CPU#").count());
        let _ = extensions::format(|_| Ok::<_, ()>(text.clone()));
    }

    /// So are any characters.
    #[test]
    fn any_text(text: String) {
        let _ = (flat_view::memory(&text), registers::harts(&text));
    }

    /// A core with damaged bytes, or without its end, has no more notes than fit into it.
    #[test]
    fn notes_of_cores(damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
                      end in any::<prop::sample::Index>()) {
        let mut core = core();
        for (at, byte) in damage {
            let at = at.index(core.len());
            core[at] = byte;
        }
        core.truncate(end.index(core.len() + 1));
        let notes = Notes::of(Cursor::new(&core), core.len() as u64).unwrap_or_default();
        prop_assert!(notes.stopped.len() * 112 <= core.len());
    }
}
