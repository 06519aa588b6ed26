//! What an image that refuses has asked of EFI firmware, and what it has given back.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::session::{Session, told};
use crate::unwilling::Service;

/// Where the table of boot services has `FreePages` (UEFI 2.10, 4.4).
const FREE_PAGES: u64 = 48;

const PAGE: u64 = 4096;

/// A landing asks for the initrd's memory, the memory map's and the tree's.
const LEAST: usize = 3;

/// Goes on to the image's return to firmware, and says what is wrong with its accounts.
pub(super) fn follow(
    session: &mut Session,
    services: u64,
    image: &Range<u64>,
) -> Result<Vec<String>, String> {
    let back = told(session.gdb.register("ra"))?;
    let allocate = session.read_word(services + Service::AllocatePages.offset())?;
    let free = session.read_word(services + FREE_PAGES)?;
    for place in [allocate, free, back] {
        session.set_breakpoint(place)?;
    }
    let (mut lent, mut loans, mut findings) = (BTreeMap::new(), 0, Vec::new());
    loop {
        session.go()?.ok_or("the machine ended before the image returned to firmware")?;
        let pc = told(session.gdb.register("pc"))?;
        let caller = told(session.gdb.register("ra"))?;
        if pc == back {
            break;
        }
        // Firmware calls its services too.
        if image.contains(&caller) && pc == allocate {
            let (at, pages) = granted(session, caller)?;
            lent.insert(at, pages);
            loans += 1;
        } else if image.contains(&caller) {
            let [at, pages] = ["a0", "a1"].map(|name| told(session.gdb.register(name)));
            let (at, pages) = (at?, pages?);
            if lent.remove(&at) != Some(pages) {
                findings.push(format!("{pages} pages at {at:#x} were not given so"));
            }
            if session.read(at, pages * PAGE)?.iter().any(|byte| *byte != 0) {
                findings.push(format!("the pages at {at:#x} are given back with something in them"));
            }
        }
    }
    for place in [allocate, free, back] {
        session.remove_breakpoint(place)?;
    }
    if loans < LEAST {
        findings.push(format!("the image has asked for memory {loans} times only"));
    }
    findings.extend(lent.iter().map(|(at, pages)| format!("{pages} pages at {at:#x} are not given back")));
    Ok(findings)
}

/// Goes on to the end of a call of `AllocatePages` (UEFI 2.10, 7.2.1): where the pages are, and how
/// many.
fn granted(session: &mut Session, caller: u64) -> Result<(u64, u64), String> {
    let [pages, place] = ["a2", "a3"].map(|name| told(session.gdb.register(name)));
    session.set_breakpoint(caller)?;
    session.go()?.ok_or("the machine ended before AllocatePages returned")?;
    session.remove_breakpoint(caller)?;
    Ok((session.read_word(place?)?, pages?))
}
