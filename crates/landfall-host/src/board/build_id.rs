//! Build IDs in a flat image, which has no table that names its notes.
//!
//! A note begins with the sizes of its name and content, its type, and its name (System V ABI,
//! "Note Section"). `NT_GNU_BUILD_ID` is 3.

use std::fmt::Write;

const NAME_SIZE: [u8; 4] = 4_u32.to_le_bytes();
const TYPE_AND_NAME: [u8; 8] = *b"\x03\0\0\0GNU\0";
const HEADER: usize = 16;
/// GNU's linker and LLD write 8 to 20 bytes, or what the user states.
const LONGEST: usize = 64;

/// Returns the build IDs in an image, in hexadecimal. An image that has another kernel in its data
/// has several.
pub(super) fn ids(image: &[u8]) -> impl Iterator<Item = String> {
    let places = (0..image.len()).step_by(4);
    places.filter_map(|place| {
        let (header, rest) = image.get(place..)?.split_at_checked(HEADER)?;
        let (name_size, rest_of_header) = header.split_first_chunk::<4>()?;
        let (size, type_and_name) = rest_of_header.split_first_chunk::<4>()?;
        let size = usize::try_from(u32::from_le_bytes(*size)).ok()?;
        let is_note = *name_size == NAME_SIZE && *type_and_name == TYPE_AND_NAME;
        let id = rest.get(..size).filter(|_| is_note && (1..=LONGEST).contains(&size))?;
        Some(hexadecimal(id))
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // A string takes every text.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a note as linkers write it.
    fn note(id: &[u8]) -> Vec<u8> {
        let size = u8::try_from(id.len()).expect("a short ID");
        [&[4, 0, 0, 0, size, 0, 0, 0, 3, 0, 0, 0, b'G', b'N', b'U', 0][..], id].concat()
    }

    #[test]
    fn each_note_of_an_image_has_its_build_id() {
        let image = [vec![0; 8], note(&[0xab, 0x01]), vec![0; 6], note(&[0xcd; 20])].concat();
        assert_eq!(ids(&image).collect::<Vec<_>>(), ["ab01".to_owned(), "cd".repeat(20)]);
    }

    #[test]
    fn only_a_whole_note_has_a_build_id() {
        let whole = note(&[1, 2, 3, 4]);
        for size in 0..whole.len() {
            assert_eq!(ids(&whole[..size]).count(), 0, "{size}");
        }
        for place in 0..HEADER {
            let mut damaged = whole.clone();
            damaged[place] ^= 0x80;
            assert_eq!(ids(&damaged).count(), 0, "{place}");
        }
        assert_eq!(ids(&note(&[])).count(), 0);
        assert_eq!(ids(&[vec![0; 2], whole].concat()).count(), 0, "notes are aligned");
    }
}
