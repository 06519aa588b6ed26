//! Odd or hostile values of loaders, in registers and in the tree.

use super::{GIB, MIB, MODES, Matrix, RAM, harts, machine, mode_name};
use crate::case::{Aid, Case, Expect};
use crate::devicetree::{self, Mapped};
use crate::image::Image;
use crate::session::{Entry, Session, as_text};
use landfall_host::machine::{Machine, Mode};
use landfall_judge::intervals::Interval;

/// The place of a loader's own tables: memory that is free when the kernel begins.
const LOADERS_TABLE: u64 = RAM + 96 * MIB;

impl Matrix {
    /// Adds all of these cases. Every batch has RAM full of garbage: `prefilled`.
    pub(crate) fn loaders(&mut self) {
        for mode in MODES {
            let name = mode_name(mode);
            let case = loader(&format!("satp-on-{name}"), mode);
            self.cases.push(case.with_change(translation_on));
            let case = loader(&format!("interrupts-on-{name}"), mode);
            self.cases.push(case.with_change(interrupts_on));
            let case = loader(&format!("interrupt-waits-{name}"), mode);
            self.cases.push(case.with_change(interrupt_waits));
            let case = loader(&format!("no-chosen-{name}"), mode);
            self.cases.push(
                case.with_change(|session, entry, _| session.edit_tree(entry, devicetree::remove_chosen)),
            );
            for (what, bytes) in COMMAND_LINES {
                let case = loader(&format!("command-line-{what}-{name}"), mode);
                self.cases.push(case.with_change(move |session, entry, _| {
                    session.edit_tree(entry, |tree| devicetree::set_bootargs(tree, bytes))
                }));
            }
            let case = loader(&format!("initrd-ends-before-it-begins-{name}"), mode);
            self.cases.push(case.with_change(|session, entry, _| {
                let initrd = Interval { start: RAM + 65 * MIB, end: RAM + 64 * MIB };
                session.edit_tree(entry, |tree| devicetree::set_initrd(tree, initrd))
            }));
        }
        self.initrds_over_the_image();
        self.registers();
    }

    /// Fills every register of supervisor mode with unwanted bits, on each hart. One firmware
    /// starts the harts, another one sends all of them at once.
    fn registers(&mut self) {
        for mode in MODES {
            let name = mode_name(mode);
            for (what, cpu) in HARTS {
                let mut case = loader(&format!("registers-{what}-{name}"), mode).expecting(Expect::Registers);
                case.machine = Machine { harts: harts(3), cpu: vec![cpu.to_owned()], ..case.machine };
                self.cases.push(case.on("loader", "fills registers"));
            }
            let mut case =
                loader(&format!("registers-without-hsm-{name}"), mode).expecting(Expect::Registers);
            case.aid = Some(Aid::Shim);
            self.cases.push(case.on("loader", "fills registers").with_change(|session, entry, _| {
                session.edit_tree(entry, |tree| {
                    devicetree::reserve(tree, Interval::new(RAM, 2 * MIB), Mapped::No);
                })
            }));
        }
    }

    /// Adds initrds that overlap the image: either the loader overwrote the image, or the landing
    /// would overwrite the initrd.
    fn initrds_over_the_image(&mut self) {
        let places: [(&str, Place); 4] = [
            ("last-byte", |_, end| [end - 1, end + 0x1000]),
            ("first-byte", |start, _| [start - 0x1000, start + 1]),
            ("all-of-it", |start, end| [start - 0x1000, end + 0x1000]),
            ("within", |start, _| [start + 0x3000, start + 0x3001]),
        ];
        for (name, place) in places {
            let case = loader(&format!("initrd-over-image-{name}"), Mode::Sv48);
            let case = case.expecting(Expect::Refusal("R10"));
            self.cases.push(case.with_change(move |session, entry, image| {
                let [start, end] = place(entry.base, entry.base + image.size);
                session.edit_tree(entry, |tree| devicetree::set_initrd(tree, Interval { start, end }))
            }));
        }
    }
}

/// QEMU's properties for harts with few registers, and with many.
const HARTS: [(&str, &str); 2] = [
    ("few", "h=off,sstc=off,priv_spec=v1.11.0"),
    ("many", "v=on,smstateen=on,smaia=on,ssaia=on,smctr=on,ssctr=on,ssdbltrp=on,sscofpmf=on"),
];

/// Returns an initrd's start and end from those of the image.
type Place = fn(u64, u64) -> [u64; 2];

fn loader(name: &str, mode: Mode) -> Case {
    Case::new(format!("loader/{name}"), "hello", machine(mode, 2, GIB)).on("loader", "odd")
}

/// Command lines that are not one text with a 0 at its end, as the specification requires
/// (devicetree specification, 3.6).
const COMMAND_LINES: [(&str, &[u8]); 4] = [
    ("without-end", b"landfall.mode=sv39 nokaslr"),
    ("empty", b""),
    ("of-other-letters", b"nokaslr \xff\xfe\0"),
    ("of-two-texts", b"a=b\0nokaslr\0"),
];

/// Enables the loader's own tables: all of RAM at its own address, in one leaf of 1 GiB with every
/// access.
fn translation_on(session: &mut Session, _: &mut Entry, _: &Image) -> Result<(), String> {
    const SV39: u64 = 8 << 60;
    // V, R, W, X, A, D.
    let leaf = RAM >> 2 | 0b1100_1111;
    let index = RAM >> 30;
    let table: Vec<u8> =
        (0..512).flat_map(|entry| (if entry == index { leaf } else { 0 }).to_le_bytes()).collect();
    session.write(LOADERS_TABLE, &table)?;
    let satp = SV39 | LOADERS_TABLE >> 12;
    as_text(session.gdb.set_register("satp", satp))?;
    match as_text(session.gdb.register("satp"))? {
        found if found == satp => Ok(()),
        found => Err(format!("the hart has satp {found:#x}, expected {satp:#x}")),
    }
}

/// Enables all interrupts; none is pending.
fn interrupts_on(session: &mut Session, _: &mut Entry, _: &Image) -> Result<(), String> {
    set_interrupts(session, 0x222, 2)
}

/// Makes a software interrupt pending and enables it; the hart does not take it, because `sstatus`
/// disables all interrupts.
fn interrupt_waits(session: &mut Session, _: &mut Entry, _: &Image) -> Result<(), String> {
    set_interrupts(session, 0x222, 0)?;
    as_text(session.gdb.set_register("sip", 2))?;
    match as_text(session.gdb.register("sip"))? & 2 {
        2 => Ok(()),
        _ => Err("the software interrupt is not pending".to_owned()),
    }
}

fn set_interrupts(session: &mut Session, sie: u64, bit: u64) -> Result<(), String> {
    let sstatus = as_text(session.gdb.register("sstatus"))?;
    as_text(session.gdb.set_register("sie", sie))?;
    as_text(session.gdb.set_register("sstatus", sstatus & !2 | bit))?;
    let found = as_text(session.gdb.register("sie"))?;
    if found == sie { Ok(()) } else { Err(format!("the hart has sie {found:#x}, expected {sie:#x}")) }
}
