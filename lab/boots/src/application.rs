//! Checks that a kernel is an EFI application: its PE header, as another reader reads it, against
//! the ELF.

use landfall_image::pe::PeHeader;
use object::LittleEndian as LE;
use object::pe::{
    IMAGE_SCN_MEM_EXECUTE, IMAGE_SCN_MEM_READ, IMAGE_SCN_MEM_WRITE, IMAGE_SUBSYSTEM_EFI_APPLICATION,
};
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader, PeFile64};

use super::image::{Image, Use, at};

/// Checks the header against the ELF.
pub(super) fn check(image: &Image) -> Result<(), String> {
    let flat = image.flat.as_slice();
    let file = PeFile64::parse(flat).map_err(|error| format!("no PE file: {error}"))?;
    let optional = file.nt_headers().optional_header();
    let text = image.segments.iter().find(|segment| segment.use_for == Use::Text).ok_or("no text")?;
    let (entry, text_end) = (image.symbol("landfall_efi_enter")?.offset, text.offset + text.size);
    let mut wrong = Vec::new();
    let mut holds = |right: bool, what: &'static str| {
        if !right {
            wrong.push(what);
        }
    };
    holds(
        file.nt_headers().file_header().machine.get(LE).0 == 0x5064,
        "its machine is not RISC-V with 64 bits",
    );
    holds(optional.subsystem() == IMAGE_SUBSYSTEM_EFI_APPLICATION, "it is no EFI application");
    holds(u64::from(optional.address_of_entry_point()) == entry, "it is entered elsewhere");
    holds(u64::from(optional.size_of_image()) == image.size, "its size is not the image's");
    let sections: Vec<_> = file.section_table().iter().collect();
    let mut end = 4096;
    for section in &sections {
        let (start, size) = (section.virtual_address.get(LE), section.virtual_size.get(LE));
        let (offset, in_file) = (section.pointer_to_raw_data.get(LE), section.size_of_raw_data.get(LE));
        let flags = section.characteristics.get(LE);
        let is = |flag| flags.contains(flag);
        holds(start == end, "there is a hole between sections");
        holds(start == offset && in_file <= size, "a section lies elsewhere in the file than in memory");
        holds(flat.len() >= at(u64::from(offset) + u64::from(in_file)), "a section reaches out of the file");
        holds(is(IMAGE_SCN_MEM_READ), "a section cannot be read");
        let is_text = u64::from(start) < text_end;
        let right = is(IMAGE_SCN_MEM_EXECUTE) == is_text && is(IMAGE_SCN_MEM_WRITE) != is_text;
        holds(right, "a section's permissions are not those of code or data");
        end = start + size;
    }
    holds(u64::from(end) == image.size, "the sections do not make up the image");
    holds((4096..text_end).contains(&entry), "it is entered in what is not executable");
    holds(image.slots.iter().all(|slot| *slot >= text_end), "there is a slot in what cannot be written");
    let own = PeHeader::read(flat).map_err(|error| error.to_string())?;
    let reads = |own: landfall_image::pe::Section, other: &object::pe::ImageSectionHeader| {
        (own.address, own.size) == (other.virtual_address.get(LE), other.virtual_size.get(LE))
            && (own.offset, own.file_size)
                == (other.pointer_to_raw_data.get(LE), other.size_of_raw_data.get(LE))
    };
    let same = matches!(sections.as_slice(), [code, data] if reads(own.code, code) && reads(own.data, data));
    holds(same && u64::from(own.entry) == entry, "landfall-image reads it otherwise");
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
}
