//! Kernels that start themselves again: each landing is judged, and the state between two of them.

use landfall_judge::intervals::{Interval, without};

use super::Prepared;
use crate::image::Image;
use crate::judge::{self, Landed};
use crate::session::{Entry, Lottery, Session, as_text};

/// The registers that are 0 at the first instruction of the next kernel. `a3` holds its address.
const ZERO: [&str; 28] = [
    "ra", "sp", "gp", "tp", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "fp", "s1", "s2", "s3", "s4", "s5",
    "s6", "s7", "s8", "s9", "s10", "s11", "a2", "a4", "a5", "a6", "a7",
];

/// A start of the next kernel that is about to happen.
struct Start {
    entry: Entry,
    /// The memory that the jump uses, up to the end of the tree.
    block: Interval,
    /// The part of it that is overwritten with zeros: tables and steps.
    wiped: [Interval; 2],
}

impl Prepared<'_> {
    /// Judges the first `judged` landings, and lets the kernel run to its end.
    pub(super) fn generations(&self, judged: u32) -> Result<Vec<String>, String> {
        let image = self.image();
        let (mut session, mut entry) = self.enter(self.case.seeding)?;
        let mut findings = Vec::new();
        for generation in 1..=judged {
            let mut landed = judge::leap(&mut session, image, &entry)?;
            landed.go_to_main(&mut session, image)?;
            landed.check_memory(&mut session, image)?;
            landed.check_registers(&mut session)?;
            let (next, found) = next(&mut session, image, &mut landed)?;
            landed.findings.extend(found);
            let about = |finding| format!("generation {generation}: {finding}");
            findings.extend(landed.findings.into_iter().map(about));
            entry = next;
        }
        let console = session.finish()?;
        findings.extend(super::absent(&console, &["landfall: test kexec ok"]));
        if !console.ended {
            findings.push("the machine did not power off".to_owned());
        }
        Ok(findings)
    }
}

/// Runs from `main` to the first instruction of the next kernel, and checks what it finds there.
fn next(session: &mut Session, image: &Image, landed: &mut Landed) -> Result<(Entry, Vec<String>), String> {
    let leave = landed.address_of(image, "landfall_kexec_leave")?;
    session.set_breakpoint(leave)?;
    landed.go_past_harts(session, image)?.ok_or("the machine ended before it started the next kernel")?;
    let start = start(session, image)?;
    session.remove_all_breakpoints()?;
    session.set_breakpoint(start.entry.base)?;
    session.go()?.ok_or("the machine ended before the next kernel's first instruction")?;
    session.remove_breakpoint(start.entry.base)?;
    let mut findings = check_registers(session, &start.entry)?;
    findings.extend(check_wiped(session, image, landed, &start)?);
    Ok((start.entry, findings))
}

/// Reads the arguments of the leave: leave.s.
fn start(session: &mut Session, image: &Image) -> Result<Start, String> {
    let mut register = |name| as_text(session.gdb.register(name));
    let (hart, tree_at, list, base) = (register("a0")?, register("a1")?, register("a2")?, register("a3")?);
    let (satp, copier) = (register("a4")?, register("a5")?);
    let root = (satp & ((1 << 44) - 1)) << 12;
    let tree = session.tree(tree_at)?;
    let entry = Entry { hart, lottery: Lottery::Firmware, tree_at, stack: 0, base, size: image.size };
    let block = Interval { start: root, end: tree_at + tree.len() as u64 };
    let wiped = [Interval { start: root, end: copier }, Interval { start: list, end: tree_at }];
    Ok(Start { entry, block, wiped })
}

/// Checks the registers that the boot contract names, and that no other one keeps anything.
fn check_registers(session: &mut Session, entry: &Entry) -> Result<Vec<String>, String> {
    let mut findings = Vec::new();
    let right = [("a0", entry.hart), ("a1", entry.tree_at), ("a3", entry.base), ("satp", 0), ("sie", 0)];
    for (name, right) in right.into_iter().chain(ZERO.map(|name| (name, 0))) {
        let found = as_text(session.gdb.register(name))?;
        if found != right {
            findings
                .push(format!("{name} is {found:#x} at the next kernel's entry, and {right:#x} is right"));
        }
    }
    if as_text(session.gdb.register("sstatus"))? & 2 != 0 {
        findings.push("interrupts are on at the next kernel's entry".to_owned());
    }
    Ok(findings)
}

/// Checks that the old image, its tables, stacks and tree are zeros, except where the next kernel's
/// parts lie now.
fn check_wiped(
    session: &mut Session,
    image: &Image,
    landed: &Landed,
    start: &Start,
) -> Result<Vec<String>, String> {
    let file = Interval::new(start.entry.base, image.flat.len() as u64);
    let kept = [&[file, start.block][..], &landed.tree.reserved].concat();
    let old = [Interval::new(landed.base, image.size), landed.tree_was()];
    let old = without(&[&old[..], &landed.taken()].concat(), &kept);
    let mut findings = Vec::new();
    for range in old.into_iter().chain(start.wiped) {
        let bytes = session.read(range.start, range.size())?;
        if let Some(offset) = bytes.iter().position(|byte| *byte != 0) {
            let at = range.start + offset as u64;
            findings.push(format!("the byte at {at:#x} of the old kernel is still there"));
        }
    }
    Ok(findings)
}
