//! All code, from its first byte to its last: absolute addresses, the GOT, gp, and bytes that are
//! no instruction.
//!
//! It reads straight ahead and keeps the values of `auipc` and `lui` in registers, also along
//! forward branches. Every path that it finds exists in the code. It reads symbols only for the
//! starts of functions and data.

mod branches;
pub(super) mod constants;
mod pointer;
mod sweep;

use std::ops::Range;

use pointer::GlobalPointer;
use sweep::LOWEST;
pub use sweep::{Scanned, scan};

use crate::code::early::Early;
use crate::decode::decode;
use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::{Kept, Subject};
use crate::units::Address;

/// A fault of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It loads the entry of the GOT that lies there.
    GotLoad(Address),
    /// It makes the absolute address.
    Absolute(Address),
    /// It uses the absolute address, to read, to write or to jump.
    AbsoluteUse(Address),
    /// It reads gp as a base.
    Gp,
    /// The same, in an image without an instruction that sets gp.
    GpNeverSet,
    /// It writes gp.
    GpSet,
    /// It is no instruction.
    Unknown,
}

/// Adds what all code does that it should not.
pub(super) fn check(subject: &Subject<'_>, early: &Early, inspection: &mut Inspection) {
    if !subject.kind().is_elf() {
        inspection.skip(
            "absolute addresses, the GOT and gp",
            "a flat image does not say what of it is code; check the ELF that it was made from",
        );
        return;
    }
    if subject.link_range().start < LOWEST {
        inspection.skip(
            "absolute addresses made with lui",
            format!(
                "the image is linked at {}, where every small number looks like an address",
                subject.link_range().start
            ),
        );
    }
    let is_told = subject.symbols().kept() == Kept::All;
    let mut pointer = GlobalPointer::of(subject, early);
    scan(subject, |at, event| match event {
        Event::Absolute(value) if !is_meant(subject, value) => {}
        Event::Unknown if !is_told => {}
        Event::Gp | Event::GpSet => pointer.note(at, event),
        // Elsewhere the table has been relocated. A slot is a finding of early code.
        Event::GotLoad(entry) if !early.contains(&at.0) || subject.slots().contains(entry) => {}
        _ => add(subject, at, event, inspection),
    });
    for (at, event) in pointer.harmful() {
        add(subject, at, event, inspection);
    }
}

fn add(subject: &Subject<'_>, at: Address, event: Event, inspection: &mut Inspection) {
    if let Some(finding) = finding(subject, at, event) {
        inspection.add(finding);
    }
}

/// Returns true if a number from `lui` and `addi` may be an address. A landfall kernel has none
/// that could be. Large kernels have hash factors and ioctl numbers. A number there is an address
/// if it is a symbol's, or is used as one.
fn is_meant(subject: &Subject<'_>, value: Address) -> bool {
    let symbols = subject.symbols().all();
    subject.kind().is_landfall() || symbols.binary_search_by_key(&value, |symbol| symbol.address).is_ok()
}

fn finding(subject: &Subject<'_>, at: Address, event: Event) -> Option<Finding> {
    let bytes = subject.bytes(at, 4).or_else(|| subject.bytes(at, 2))?;
    let text = decode(bytes).map(|found| found.operation.at(at.0).to_string()).unwrap_or_default();
    let named = |address: Address| match subject.symbols().describe(address) {
        Some(name) => format!("{address} ({name})"),
        None => address.to_string(),
    };
    Some(match event {
        Event::GotLoad(entry) => {
            let holds = subject.word(entry).map(|word| format!(", which holds {}", named(Address(word))));
            let holds = holds.unwrap_or_default();
            Finding::new(Code::GotLoad, at, format!("`{text}` loads the entry of the GOT at {entry}{holds}"))
        }
        Event::Absolute(value) | Event::AbsoluteUse(value) => {
            let Range { start, end } = subject.link_range();
            let what = format!(
                "`{text}`: {}, made with lui, lies in what the image is linked for, {start} to {end}",
                named(value)
            );
            Finding::new(Code::CodeAbsolute, at, what)
        }
        Event::Gp => Finding::new(Code::CodeGp, at, format!("`{text}` uses gp as a base")),
        Event::GpNeverSet => {
            Finding::new(Code::CodeGp, at, format!("`{text}` uses gp as a base, and no instruction sets gp"))
        }
        Event::GpSet => Finding::new(Code::CodeGpSet, at, format!("`{text}` sets gp")),
        Event::Unknown => {
            let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            Finding::new(
                Code::CodeUnknown,
                at,
                format!("{} is no instruction that is known", bytes.join(" ")),
            )
        }
    })
}
