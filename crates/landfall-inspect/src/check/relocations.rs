//! Relocation tables: their entries, and the code that applies them.

use std::collections::HashSet;

use object::elf::{self, R_RISCV_NONE, R_RISCV_RELATIVE};

use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::{Kind, Relocation, Subject, TABLE};
use crate::units::Address;

/// Checks the tables.
pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    for (table, what) in subject.broken_tables() {
        inspection.add(Finding::new(Code::RelocTable, table.clone(), format!("{table}: {what}")));
    }
    let without = match subject.kind() {
        Kind::OtherImage => Some("a flat image does not say where its relocation data is; check the ELF"),
        Kind::OtherElf if subject.slots().is_empty() => {
            Some("the ELF has none: it runs only where it is linked, or by its own position-independent code")
        }
        Kind::LandfallImage if subject.unpacked().is_some() => None,
        Kind::LandfallImage if subject.relr().is_empty() => Some(
            "the image has none, or was linked elsewhere than by landfall's own linker script; check the ELF",
        ),
        _ => None,
    };
    if let Some(because) = without {
        inspection.skip("relocations", because);
        return;
    }
    unpacked(subject, inspection);
    kinds(subject, inspection);
    order(subject, inspection);
    twice(subject, inspection);
}

/// Returns true if packing makes a slot of this relocation, or a number.
fn is_packable(subject: &Subject<'_>, relocation: &Relocation) -> bool {
    relocation.place.0.is_multiple_of(8)
        && (relocation.kind.0 == R_RISCV_RELATIVE || subject.meaning(relocation).is_some())
}

/// A kernel that applies RELR alone has the linker's tables. Those that packing leaves have
/// findings of their own.
fn unpacked(subject: &Subject<'_>, inspection: &mut Inspection) {
    let Some(size) = subject.unpacked() else { return };
    let mut asking = subject.relocations().iter().filter(|relocation| relocation.kind.0 != R_RISCV_NONE);
    if asking.clone().next().is_some() && !asking.any(|relocation| is_packable(subject, relocation)) {
        return;
    }
    let table = subject.symbols().all().iter().find(|symbol| symbol.mangled == TABLE);
    let at = table.map_or(subject.link_range().start, |symbol| symbol.address);
    let found = format!("the linker's tables take {size:#x} bytes, and nothing packed them");
    inspection.add(Finding::new(Code::RelocUnpacked, at, found));
}

/// Relocations that are never applied: a landfall kernel applies RELR alone, others RELATIVE as
/// well.
fn kinds(subject: &Subject<'_>, inspection: &mut Inspection) {
    let rebases = subject.rebases();
    let packs_later = subject.unpacked().is_some();
    for relocation in subject.relocations() {
        let applied = match relocation.kind.0 {
            R_RISCV_NONE => true,
            R_RISCV_RELATIVE if !rebases => true,
            _ => packs_later && is_packable(subject, relocation),
        };
        if applied {
            continue;
        }
        inspection.add_with(Code::RelocKind, || {
            let right = if rebases { "RELR" } else { "RELR and R_RISCV_RELATIVE" };
            let target = subject.target(relocation);
            let found = format!("{} points to {target}, and a kernel applies {right} alone", relocation.kind);
            Finding::new(Code::RelocKind, relocation.place, found).hint(hint(subject, relocation))
        });
    }
}

/// Why the linker made such a relocation, and what to do about it.
fn hint(subject: &Subject<'_>, relocation: &Relocation) -> &'static str {
    match relocation.kind.0 {
        R_RISCV_RELATIVE if !relocation.place.0.is_multiple_of(8) => {
            "RELR cannot hold a pointer at an address that is no multiple of 8: is it in a `#[repr(packed)]` static? \
             Align it, or compute it at run time"
        }
        R_RISCV_RELATIVE => {
            "its place is aligned by chance only, so the linker did not use RELR: is it in a `#[repr(packed)]` static? \
             Align it, or compute it at run time. If every pointer is listed, link with `-zpack-relative-relocs`"
        }
        elf::R_RISCV_IRELATIVE => "a function chosen at load time (ifunc) needs a loader: choose at run time",
        elf::R_RISCV_64 if !subject.rebases() => {
            "only start-up code that reads a symbol table can apply it, as U-Boot's does: if this kernel's does too, \
             accept the finding; else define the symbol in the kernel, or do not export it"
        }
        elf::R_RISCV_32 => {
            "a 32-bit word cannot hold an address of the kernel: store an offset from another symbol"
        }
        _ => "the symbol is left to another program: define it in the kernel, or do not export it",
    }
}

/// A RELR table begins with an address, and each further slot lies behind the last (rule R3).
fn order(subject: &Subject<'_>, inspection: &mut Inspection) {
    let mut next = None;
    for (index, &word) in subject.relr().iter().enumerate() {
        let part = || format!("word {index} of the RELR table");
        match (word & 1, next) {
            (0, None) => next = Some(word.wrapping_add(8)),
            (0, Some(lowest)) => {
                if word.wrapping_add(8) == lowest {
                    inspection.add_at(Code::RelocTwice, Address(word), || {
                        format!("{} lists {word:#x} once more", part())
                    });
                } else if word < lowest {
                    inspection.add_at(Code::RelocOrder, Address(word), || {
                        format!("{} lists {word:#x}, and {lowest:#x} is the lowest that may follow", part())
                    });
                }
                next = Some(word.wrapping_add(8));
            }
            (_, None) => {
                let found =
                    format!("the RELR table begins with a bitmap, {word:#x}, and no address before it");
                inspection.add(Finding::new(Code::RelocTable, part(), found));
                next = Some(0);
            }
            (_, Some(lowest)) => next = Some(lowest.wrapping_add(63 * 8)),
        }
    }
}

/// Slots in tables with addends that are listed before, there or in RELR.
fn twice(subject: &Subject<'_>, inspection: &mut Inspection) {
    let relr: HashSet<u64> = if subject.relocations().is_empty() || subject.relr().is_empty() {
        HashSet::new()
    } else {
        // Only those that a table with addends names as well are of interest, which bounds the set.
        let named: HashSet<u64> = subject.relocations().iter().map(|relocation| relocation.place.0).collect();
        landfall_image::relr::Slots::new(subject.relr().iter().copied())
            .filter(|slot| named.contains(slot))
            .collect()
    };
    let mut seen = HashSet::new();
    for relocation in subject.relocations().iter().filter(|relocation| relocation.kind.0 != R_RISCV_NONE) {
        if !seen.insert(relocation.place.0) || relr.contains(&relocation.place.0) {
            inspection.add_at(Code::RelocTwice, relocation.place, || {
                format!("{} is listed for the second time, as {}", relocation.place, relocation.kind)
            });
        }
    }
}
