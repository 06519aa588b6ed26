//! The landing up to the leap: every write to `satp`, and the move if there is one.

use crate::bystanders::Bystanders;
use crate::devicetree::Tree;
use crate::image::Image;
use crate::moving::{Move, Tamper};
use crate::session::{Entry, Session, as_text};
use landfall_host::gdb::Hart;
use landfall_judge::Extensions;
use landfall_judge::intervals::Interval;
use landfall_judge::tables::Tables;

/// A write to `satp` that is about to happen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Write {
    pub(super) pc: u64,
    pub(super) hart: u64,
    pub(super) value: u64,
}

/// The reason for which a machine stopped.
enum Stop {
    /// A value other than 0 is about to be written to `satp`.
    Write(Write),
    /// A hart reached the given place.
    Place(Hart),
    /// The machine powered off.
    End,
}

/// Runs to the next instruction that writes a value other than 0 to `satp`, in an image at `base`,
/// or to `place`.
fn next(session: &mut Session, image: &Image, base: u64, place: Option<u64>) -> Result<Stop, String> {
    loop {
        let Some(hart) = session.go()? else { return Ok(Stop::End) };
        let pc = as_text(session.gdb.register("pc"))?;
        if Some(pc) == place {
            return Ok(Stop::Place(hart));
        }
        let write = image.satp_writes.iter().find(|write| base + write.offset == pc);
        let write = write.ok_or_else(|| format!("the machine stopped at {pc:#x} without a write to satp"))?;
        let old = as_text(session.gdb.register("satp"))?;
        let register = write.register().map_or(Ok(0), |name| as_text(session.gdb.register(name)))?;
        match write.value(old, register) {
            0 => {}
            value => return Ok(Stop::Write(Write { pc, hart: hart.id(), value })),
        }
    }
}

/// Runs to the next instruction that writes a value other than 0 to `satp`. Returns `None` if
/// `main` or the end comes first.
pub(super) fn next_write(
    session: &mut Session,
    image: &Image,
    base: u64,
    main: Option<u64>,
) -> Result<Option<Write>, String> {
    match next(session, image, base, main)? {
        Stop::Write(write) => Ok(Some(write)),
        Stop::Place(_) | Stop::End => Ok(None),
    }
}

/// The events before the leap.
pub(super) struct Approach {
    /// The image's current address.
    pub(super) base: u64,
    /// The write to `satp` that leaps.
    pub(super) leap: Write,
    pub(super) moved: Option<Move>,
    pub(super) findings: Vec<String>,
}

/// Returns the bytes that the hart's own generator gives the landing; none if the tree does not
/// list the extension.
pub(super) fn generated(
    session: &mut Session,
    image: &Image,
    entry: &Entry,
    tree: &Tree,
) -> Result<Vec<u8>, String> {
    let boot_hart = tree.harts.iter().find(|hart| hart.id == entry.hart);
    if !boot_hart.is_some_and(|hart| hart.extensions.iter().any(|name| name == "zkr")) {
        return Ok(Vec::new());
    }
    let end = entry.base + image.symbol("landfall_seed_read")?.offset;
    session.set_breakpoint(end)?;
    session.go()?.ok_or("the machine ended before the landing read the hart's generator")?;
    session.remove_breakpoint(end)?;
    let [from, to] = ["a0", "t1"].map(|register| as_text(session.gdb.register(register)));
    let (from, to) = (from?, to?);
    session.read(from, to - from)
}

/// Follows a landing from the first instruction to the leap.
pub(super) fn follow(
    session: &mut Session,
    image: &Image,
    entry: &Entry,
    bystanders: &Bystanders,
    tamper: Tamper,
) -> Result<Approach, String> {
    let mut base = entry.base;
    for write in &image.satp_writes {
        session.set_breakpoint(base + write.offset)?;
    }
    let start_of_move = base + image.symbol("landfall_move")?.offset;
    session.set_breakpoint(start_of_move)?;
    let probe = image.symbol("landfall_probe")?.offset;
    let (mut moved, mut findings) = (None, Vec::new());
    loop {
        match next(session, image, base, Some(start_of_move).filter(|_| moved.is_none()))? {
            Stop::End => return Err("the machine ended before it had tables".to_owned()),
            Stop::Place(hart) => {
                // After the copy, this address holds another part of the image, or nothing.
                session.remove_breakpoint(start_of_move)?;
                for write in &image.satp_writes {
                    session.remove_breakpoint(base + write.offset)?;
                }
                let seen = Move::follow(session, image, base, hart, bystanders, tamper)?;
                base = seen.to.start;
                for write in &image.satp_writes {
                    session.set_breakpoint(base + write.offset)?;
                }
                findings.extend(seen.findings.iter().cloned());
                moved = Some(seen);
            }
            Stop::Write(write) if Interval::new(base + probe, 64).holds(Interval::new(write.pc, 1)) => {
                if moved.is_some() {
                    findings.push("the probe runs again after the move".to_owned());
                }
                let tables = Tables::read(session, write.value, Extensions::None)?;
                findings.extend(tables.check_probe(write.pc));
            }
            Stop::Write(leap) => {
                if moved.is_none() {
                    session.remove_breakpoint(start_of_move)?;
                }
                return Ok(Approach { base, leap, moved, findings });
            }
        }
    }
}
