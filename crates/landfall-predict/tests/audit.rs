//! The picture of an audit in the documentation is that of this kernel. One page of its text is
//! writable too, and its identity map is still there.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use landfall_audit::memory::{Memory, Missing, Page};
use landfall_audit::{Known, Mode, Origin, PAGE, Phys, Request, Root, Span, Virt, audit};
use landfall_predict::svg::draw_audit;

const RAM: u64 = 0x8000_0000;
const LINEAR: u64 = 0xffff_ffd6_0000_0000;
const IMAGE: u64 = 0xffff_ffff_8240_0000;
const MODULE: u64 = 0xffff_ffff_0123_4000;
const STACK: u64 = 0xffff_ffc6_0010_1000;
const UART: u64 = 0xffff_ffc6_4000_0000;

/// V and the permission, with G, A and D.
const R: u64 = 0xe3;
const RW: u64 = 0xe7;
const RX: u64 = 0xeb;
const RWX: u64 = 0xef;
/// The memory type of devices.
const IO: u64 = 0b10 << 61;

/// Tables in sv39, from 0x87f00000 on.
struct Tables(BTreeMap<u64, [u64; 512]>);

const ROOT: u64 = 0x87f0_0000;

impl Tables {
    /// Maps `count` leaves of a level.
    fn map(&mut self, virt: u64, phys: u64, level: u32, count: u64, flags: u64) {
        for leaf in 0..count {
            let offset = leaf << (12 + 9 * level);
            let mut table = ROOT;
            for above in (level + 1..3).rev() {
                let next = ROOT + self.0.len() as u64 * PAGE;
                let word = self.word(table, virt + offset, above);
                if *word == 0 {
                    *word = next >> 2 | 1;
                }
                table = *word >> 10 << 12;
                self.0.entry(table).or_insert([0; 512]);
            }
            *self.word(table, virt + offset, level) = (phys + offset) >> 2 | flags;
        }
    }

    fn word(&mut self, table: u64, virt: u64, level: u32) -> &mut u64 {
        let index = usize::try_from(virt >> (12 + 9 * level) & 511).expect("nine bits");
        &mut self.0.get_mut(&table).expect("a table")[index]
    }
}

impl Memory for Tables {
    fn read(&mut self, at: Phys, page: &mut Page) -> Result<(), Missing> {
        let words = self.0.get(&at.0).ok_or(Missing::Hole)?;
        for (bytes, word) in page.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *bytes = word.to_le_bytes();
        }
        Ok(())
    }

    fn spans(&self) -> Vec<Span<Phys>> {
        vec![Span::new(Phys(ROOT), self.0.len() as u64 * PAGE)]
    }
}

fn picture() -> String {
    let mut tables = Tables(BTreeMap::from([(ROOT, [0; 512])]));
    tables.map(0x8020_0000, 0x8020_0000, 1, 1, RX);
    // Firmware's memory is missing, and the kernel's text is read-only.
    tables.map(LINEAR + 0x8_0000, RAM + 0x8_0000, 0, 384, RW);
    tables.map(LINEAR + (2 << 20), RAM + (2 << 20), 0, 96, R);
    tables.map(LINEAR + (2 << 20) + 0x6_0000, RAM + (2 << 20) + 0x6_0000, 0, 416, RW);
    tables.map(LINEAR + (4 << 20), RAM + (4 << 20), 1, 62, RW);
    tables.map(IMAGE, 0x8020_0000, 0, 64, RX);
    tables.map(IMAGE + 0x1_2000, 0x8021_2000, 0, 1, RWX);
    tables.map(IMAGE + 0x4_0000, 0x8024_0000, 0, 32, R);
    tables.map(IMAGE + 0x6_0000, 0x8026_0000, 0, 40, RW);
    tables.map(MODULE, 0x8120_0000, 0, 3, RX);
    tables.map(MODULE + 0x3000, 0x8120_3000, 0, 1, RW);
    tables.map(STACK, 0x8130_0000, 0, 16, RW);
    tables.map(UART, 0x1000_0000, 0, 1, RW | IO);
    let root = Root { mode: Mode::Sv39, table: Phys(ROOT) };
    let known = Known {
        ram: vec![Span::new(Phys(RAM), 128 << 20)],
        stacks: vec![Span::new(Virt(STACK), 16 * PAGE)],
        ..Known::default()
    };
    let roots = vec![(root, Origin::Harts { harts: vec![0, 1] })];
    draw_audit(&audit(&mut tables, &Request { roots, known, ..Request::default() }))
}

#[test]
fn the_picture_of_an_audit_is_the_one_in_the_documentation() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images");
    let drawn = picture();
    let committed = fs::read_to_string(folder.join("audit.svg")).unwrap_or_default();
    if drawn != committed {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("audit.svg");
        fs::write(&new, drawn).expect("a file");
        panic!("docs/images/audit.svg is another picture; copy {} there", new.display());
    }
}
