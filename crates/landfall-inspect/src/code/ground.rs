//! The places of instructions: pieces of code without the data among it. Each begins at a certain
//! start of an instruction.

use landfall_image::{header, record};

use crate::subject::{Function, Mapping, Stretch, Subject};
use crate::units::Address;

/// "PE\0\0".
const PE_MAGIC: u32 = u32::from_le_bytes(*b"PE\0\0");

/// The kind of content at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cut {
    Data,
    Code,
    Function,
}

/// Pieces of code by address, each beginning where a function does, or where the assembler says
/// that code goes on.
pub(super) fn pieces<'data>(subject: &Subject<'data>) -> Vec<Stretch<'data>> {
    let cuts = cuts(subject);
    let mut cuts = cuts.iter().copied().peekable();
    let mut pieces = Vec::new();
    for stretch in subject.code() {
        let end = stretch.address.wrapping_add(stretch.bytes.len() as u64);
        let (mut from, mut kind) = (stretch.address, Cut::Code);
        while let Some((at, next)) = cuts.next_if(|(at, _)| *at < end) {
            if at > from {
                pieces.extend((kind != Cut::Data).then(|| part(stretch, from, at)).flatten());
                from = at;
            }
            // A function's name may stand before data too: what the assembler says counts.
            if next != Cut::Function {
                kind = next;
            }
        }
        pieces.extend((kind != Cut::Data).then(|| part(stretch, from, end)).flatten());
    }
    pieces
}

fn part(stretch: Stretch<'_>, from: Address, to: Address) -> Option<Stretch<'_>> {
    let offset = |address: Address| usize::try_from(address.wrapping_offset_from(stretch.address)).ok();
    let bytes = stretch.bytes.get(offset(from)?..offset(to)?)?;
    (!bytes.is_empty()).then_some(Stretch { address: from, bytes })
}

fn cuts(subject: &Subject<'_>) -> Vec<(Address, Cut)> {
    let functions = subject.symbols().all().iter().filter(|symbol| symbol.function == Function::Yes);
    let mapped = subject.symbols().mapping().iter();
    let mut cuts: Vec<_> = functions
        .map(|symbol| (symbol.address, Cut::Function))
        .chain(mapped.map(|&(at, mapping)| match mapping {
            Mapping::Code => (at, Cut::Code),
            Mapping::Data => (at, Cut::Data),
        }))
        .chain(header(subject).into_iter().flatten())
        .collect();
    cuts.sort_unstable();
    cuts
}

/// Returns the boot header behind its two instructions, with the landfall record and the PE header
/// if present. All of it is data.
fn header(subject: &Subject<'_>) -> Option<[(Address, Cut); 2]> {
    let start = subject.link_range().start;
    let half = |offset: u64| {
        let bytes = subject.bytes(start.wrapping_add(offset), 4)?;
        bytes.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
    };
    let header = if subject.kind().is_landfall() {
        (record::OFFSET + record::SIZE) as u64
    } else {
        // magic2, the only field that all loaders look at.
        (half(0x38)? == header::MAGIC2).then_some(header::SIZE as u64)?
    };
    let pe = half(0x3c).map(u64::from).filter(|&pe| pe >= header && half(pe) == Some(PE_MAGIC));
    // SizeOfHeaders (PE format, "Optional Header"): behind the COFF header's 24 bytes.
    let size = pe.and_then(|pe| half(pe + 24 + 60)).map_or(header, u64::from).max(header);
    // Landfall's own first page holds nothing else, whatever its PE header says.
    let enter = subject.symbols().find("landfall_enter").filter(|_| subject.kind().is_landfall());
    let size = enter.map_or(size, |enter| enter.address.wrapping_offset_from(start).max(size));
    Some([(start.wrapping_add(8), Cut::Data), (start.wrapping_add(size), Cut::Code)])
}
