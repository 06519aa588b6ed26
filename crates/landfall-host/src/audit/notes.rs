//! The notes of a core, which may state the root of its kernel.
//!
//! A crash kernel of landfall's writes `satp=0x...` in a note `landfall`. Linux writes lines in a
//! note `VMCOREINFO`, among them the address of its root table and the kernel's offset
//! (`arch/riscv/kernel/vmcore_info.c`). QEMU's notes have the registers of each hart without CSRs
//! (`target/riscv/arch_dump.c`).

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

use landfall_audit::{Audit, Root, Run, Virt};
use object::LittleEndian;
use object::elf::{FileHeader64, NT_PRSTATUS, PT_LOAD, PT_NOTE};
use object::read::ReadCache;
use object::read::elf::{FileHeader as _, ProgramHeader as _};

/// More bytes of notes than this are not read.
const LARGEST: u64 = 16 << 20;

/// The facts in the notes of a core.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Notes {
    /// The root, and the note that states it.
    pub(crate) root: Option<(Root, &'static str)>,
    /// The harts, by `NT_PRSTATUS`.
    pub(crate) stopped: Vec<Stopped>,
    /// The kernel left memory out of the core, so what is missing may be RAM.
    pub(super) of_kernel: bool,
    /// Bytes of segments beyond the end of the file.
    pub(super) missing: u64,
}

/// Two registers of a hart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stopped {
    pc: Virt,
    sp: Virt,
}

/// The offset of `pr_reg` in `elf_prstatus` of 64-bit systems. `pc` comes first, then x1 to x31.
const REGISTERS: usize = 112;

impl Stopped {
    fn read(note: &[u8]) -> Option<Self> {
        let register = |number: usize| {
            let bytes = note.get(REGISTERS + 8 * number..)?.first_chunk()?;
            Some(Virt(u64::from_le_bytes(*bytes)))
        };
        Some(Self { pc: register(0)?, sp: register(2)? })
    }

    /// Returns true if a root with these mappings has the kernel's code at `pc`, and memory to
    /// write at `sp`.
    pub(super) fn can_use(&self, runs: &[Run]) -> bool {
        let at = |address: Virt| {
            let after = runs.partition_point(|run| run.virt <= address);
            runs[..after].last().filter(|run| run.span().contains(address))
        };
        // The top of a stack may be the first address behind it.
        let below = self.sp.wrapping_add(0_u64.wrapping_sub(8));
        self.pc.is_upper()
            && at(self.pc).is_some_and(|run| run.attributes.executable() && !run.attributes.user())
            && at(below).is_some_and(|run| run.attributes.writable())
    }
}

/// Returns the first root that each hart of a core can have used, with its `sp`.
pub(crate) fn in_core(stopped: &[Stopped], audit: &Audit) -> Vec<(usize, Virt)> {
    let mut left: Vec<_> = stopped.iter().collect();
    let mut found = Vec::new();
    for root in 0..audit.roots.len() {
        if left.is_empty() {
            break;
        }
        let runs = audit.mappings(root);
        let (here, elsewhere) = left.into_iter().partition(|hart| hart.can_use(&runs));
        found.extend(Vec::into_iter(here).map(|hart: &Stopped| (root, hart.sp)));
        left = elsewhere;
    }
    found
}

impl Notes {
    /// Returns the numbers of the roots that a hart of the core can have used.
    pub(crate) fn used(&self, audit: &Audit) -> Vec<usize> {
        let is_used = |root: &usize| {
            let runs = audit.mappings(*root);
            self.stopped.iter().any(|hart| hart.can_use(&runs))
        };
        (0..audit.roots.len()).filter(is_used).collect()
    }

    /// Reads the notes of a core. Damaged notes are left out.
    pub(crate) fn read(path: &Path) -> Self {
        Self::try_read(path).unwrap_or_default()
    }

    fn try_read(path: &Path) -> Option<Self> {
        let file = File::open(path).ok()?;
        let size = file.metadata().ok()?.len();
        Self::of(file, size)
    }

    /// Reads the notes of a core of `size` bytes.
    pub(super) fn of(core: impl Read + Seek, size: u64) -> Option<Self> {
        let data = &ReadCache::new(core);
        let header = FileHeader64::<LittleEndian>::parse(data).ok()?;
        let endian = header.endian().ok()?;
        let mut notes = Self::default();
        for segment in header.program_headers(endian, data).ok()? {
            let (offset, bytes) = segment.file_range(endian);
            if segment.p_type(endian) == PT_LOAD {
                let held = size.saturating_sub(offset).min(bytes);
                notes.missing = notes.missing.saturating_add(bytes - held);
            }
            if segment.p_type(endian) != PT_NOTE || bytes > LARGEST {
                continue;
            }
            let Ok(Some(mut all)) = segment.notes(endian, data) else { continue };
            while let Ok(Some(note)) = all.next() {
                if note.name() == b"CORE" && note.n_type(endian) == NT_PRSTATUS {
                    notes.stopped.extend(Stopped::read(note.desc()));
                }
                notes.take(note.name(), note.desc());
            }
        }
        Some(notes)
    }

    fn take(&mut self, name: &[u8], text: &[u8]) {
        let text = String::from_utf8_lossy(text);
        let (root, name) = match name {
            b"landfall" => (of_landfall(&text), "landfall"),
            b"VMCOREINFO" => (of_linux(&text), "VMCOREINFO"),
            _ => return,
        };
        self.of_kernel = true;
        self.root = self.root.or(root.map(|root| (root, name)));
    }
}

fn of_landfall(text: &str) -> Option<Root> {
    Root::from_satp(value(text, "satp=")?).ok()
}

/// `satp` is MODE alone there, and the root is at a virtual address of the image.
fn of_linux(text: &str) -> Option<Root> {
    let mode = value(text, "NUMBER(satp)=")? >> 60 << 60;
    let table = value(text, "SYMBOL(swapper_pg_dir)=")?;
    let table = table.wrapping_sub(value(text, "NUMBER(va_kernel_pa_offset)=")?);
    Root::from_satp(mode | table >> 12).ok()
}

/// Returns the number in a line. Linux writes some without `0x`.
fn value(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    let digits = line.trim_matches(|letter: char| letter.is_whitespace() || letter == '\0');
    u64::from_str_radix(digits.strip_prefix("0x").unwrap_or(digits), 16).ok()
}

#[cfg(test)]
mod tests {
    use landfall_audit::{Attributes, LeafSize, Mode, Phys};

    use super::*;

    #[test]
    fn notes_of_both_kernels_state_a_root() {
        let mut notes = Notes::default();
        notes.take(b"CORE", b"satp=0x8000000000080200");
        assert_eq!(notes, Notes::default());
        notes.take(b"landfall", b"harts=2\nsatp=0xa0000000000851b3\0\0");
        let root = Root { mode: Mode::Sv57, table: Phys(0x851b_3000) };
        assert_eq!(notes.root, Some((root, "landfall")));
        let text =
            b"OSRELEASE=6.12\nSYMBOL(swapper_pg_dir)=ffffffff81a00000\nNUMBER(satp)=0x9000000000000000\n\
                     NUMBER(va_kernel_pa_offset)=0xfffffffeffe00000\n";
        let mut notes = Notes::default();
        notes.take(b"VMCOREINFO", text);
        let root = Root { mode: Mode::Sv48, table: Phys(0x81c0_0000) };
        assert_eq!(notes.root, Some((root, "VMCOREINFO")));
    }

    #[test]
    fn a_root_that_harts_use_maps_their_code_and_their_stacks() {
        const AT: u64 = 0xffff_ffc0_0000_0000;
        let run = |at, access| {
            let attributes = Attributes::from_text(access, "-GAD", "default").expect("attributes");
            Run::new(Virt(at), Phys(0x8000_0000), 0x1000, attributes, LeafSize::K4).expect("a run")
        };
        let runs = [run(AT, "R-X"), run(AT + 0x2000, "RW-")];
        let can = |pc, sp| {
            let mut note = vec![0; REGISTERS + 32 * 8];
            note[REGISTERS..][..8].copy_from_slice(&u64::to_le_bytes(pc));
            note[REGISTERS + 16..][..8].copy_from_slice(&u64::to_le_bytes(sp));
            Stopped::read(&note).expect("registers").can_use(&runs)
        };
        assert!(can(AT + 0x10, AT + 0x2100) && can(AT, AT + 0x3000));
        for (pc, sp) in [(AT + 0x2000, AT + 0x2100), (AT, AT + 0x2000), (0x8020_0000, AT + 0x2100), (AT, 0)] {
            assert!(!can(pc, sp), "{pc:#x} {sp:#x}");
        }
        assert_eq!(Stopped::read(&[0; REGISTERS + 16]), None);
    }

    #[test]
    fn hostile_notes_state_none() {
        for text in ["", "satp=", "satp=0x0", "satp=0xg", "satp=-1", "satp=0xf000000000000001"] {
            assert_eq!(of_landfall(text), None, "{text}");
        }
        assert_eq!(of_linux("NUMBER(satp)=0x8000000000000000"), None);
    }
}
