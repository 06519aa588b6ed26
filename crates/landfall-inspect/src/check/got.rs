//! The global offset table.

use crate::finding::Code;
use crate::inspection::Inspection;
use crate::subject::{Section, Subject};
use crate::units::Address;

/// Reports each entry that holds an address, by the symbol that it stands for.
pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    if subject.sections().is_empty() {
        inspection.skip("global offset table", "the file has no sections to find it by");
        return;
    }
    for section in subject.sections().iter().filter(|section| is_got(section)) {
        // Only the bytes in the file can be read, for any size in the header.
        let size = usize::try_from(section.size).unwrap_or(usize::MAX);
        let Some(bytes) = subject.bytes(section.address, size) else { continue };
        for (index, word) in bytes.as_chunks().0.iter().enumerate() {
            let place = section.address.wrapping_add(index as u64 * 8);
            let value = Address(u64::from_le_bytes(*word));
            // The first words of .got.plt are the dynamic linker's: 0 and -1 as linked.
            let empty = value.0 == 0 || value.0 == u64::MAX;
            if (empty || is_dynamic(subject, section, index, value)) && !subject.slots().contains(place) {
                continue;
            }
            inspection.add_at(Code::GotEntry, place, || {
                let target = relocated(subject, place).unwrap_or(value);
                let name = subject.symbols().describe(target).unwrap_or_else(|| target.to_string());
                format!("an entry for {name}")
            });
        }
    }
}

/// GNU's linker puts the address of the dynamic section into the first word of .got, for a dynamic
/// linker to find itself by.
fn is_dynamic(subject: &Subject<'_>, section: &Section<'_>, index: usize, value: Address) -> bool {
    let dynamic = subject.section(".dynamic").map(|dynamic| dynamic.address);
    index == 0 && section.name == ".got" && dynamic == Some(value)
}

fn is_got(section: &Section<'_>) -> bool {
    section.name == ".got" || section.name == ".got.plt"
}

/// Returns the value that a relocation with an addend will write there.
fn relocated(subject: &Subject<'_>, place: Address) -> Option<Address> {
    let index = subject.relocations().partition_point(|relocation| relocation.place < place);
    let relocation = subject.relocations().get(index)?;
    (relocation.place == place && relocation.symbol.is_none()).then_some(Address(relocation.addend))
}
