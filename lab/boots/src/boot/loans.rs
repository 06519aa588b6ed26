//! The memory that an image which refuses allocated from EFI firmware, and freed.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::session::{Session, as_text};
use crate::unwilling::Service;

/// The offset of `FreePages` in the table of boot services (UEFI 2.10, 4.4).
const FREE_PAGES: u64 = 48;

const PAGE: u64 = 4096;

/// The fewest allocations of a landing: for the initrd, the memory map and the tree.
const LEAST: usize = 3;

/// Runs until the image returns to firmware, and returns the faults of its allocations.
pub(super) fn follow(
    session: &mut Session,
    services: u64,
    image: &Range<u64>,
) -> Result<Vec<String>, String> {
    let back = as_text(session.gdb.register("ra"))?;
    let allocate = session.read_word(services + Service::AllocatePages.offset())?;
    let free = session.read_word(services + FREE_PAGES)?;
    for place in [allocate, free, back] {
        session.set_breakpoint(place)?;
    }
    let (mut lent, mut loans, mut findings) = (BTreeMap::new(), 0, Vec::new());
    loop {
        session.go()?.ok_or("the machine ended before the image returned to firmware")?;
        let pc = as_text(session.gdb.register("pc"))?;
        let caller = as_text(session.gdb.register("ra"))?;
        if pc == back {
            break;
        }
        // Firmware calls its services too.
        if image.contains(&caller) && pc == allocate {
            let (at, pages) = granted(session, caller)?;
            lent.insert(at, pages);
            loans += 1;
        } else if image.contains(&caller) {
            let [at, pages] = ["a0", "a1"].map(|name| as_text(session.gdb.register(name)));
            let (at, pages) = (at?, pages?);
            if lent.remove(&at) != Some(pages) {
                findings.push(format!("{pages} pages at {at:#x} were freed and not allocated like that"));
            }
            if session.read(at, pages * PAGE)?.iter().any(|byte| *byte != 0) {
                findings.push(format!("the pages at {at:#x} are freed and hold bytes other than 0"));
            }
        }
    }
    for place in [allocate, free, back] {
        session.remove_breakpoint(place)?;
    }
    if loans < LEAST {
        findings.push(format!("the image allocated memory only {loans} times"));
    }
    findings.extend(lent.iter().map(|(at, pages)| format!("{pages} pages at {at:#x} are not freed")));
    Ok(findings)
}

/// Runs to the end of a call of `AllocatePages` (UEFI 2.10, 7.2.1), and returns the pages' address
/// and their number.
fn granted(session: &mut Session, caller: u64) -> Result<(u64, u64), String> {
    let [pages, place] = ["a2", "a3"].map(|name| as_text(session.gdb.register(name)));
    session.set_breakpoint(caller)?;
    session.go()?.ok_or("the machine ended before AllocatePages returned")?;
    session.remove_breakpoint(caller)?;
    Ok((session.read_word(place?)?, pages?))
}
