//! Memory as the log makes it up: the image as it was loaded, and every store since.

use std::collections::HashMap;

const WORD: u64 = 8;

/// Physical memory of a machine.
#[derive(Clone, Debug)]
pub struct Shadow<'a> {
    image: &'a [u8],
    at: u64,
    words: HashMap<u64, u64>,
}

impl<'a> Shadow<'a> {
    /// Returns memory that holds `image` at `at`, and zeros elsewhere.
    #[must_use]
    pub fn new(image: &'a [u8], at: u64) -> Self {
        Self { image, at, words: HashMap::new() }
    }

    /// Returns the word at an address, which is a multiple of 8.
    #[must_use]
    pub fn word(&self, address: u64) -> u64 {
        self.words.get(&address).copied().unwrap_or_else(|| self.loaded(address))
    }

    /// Stores the low `width` bytes of `value`, which may cross a word.
    pub fn store(&mut self, address: u64, value: u64, width: u8) {
        for (index, byte) in value.to_le_bytes().into_iter().take(width.into()).enumerate() {
            let address = address.wrapping_add(index as u64);
            let word = address & !(WORD - 1);
            let shift = (address - word) * 8;
            let old = self.word(word);
            self.words.insert(word, old & !(0xff << shift) | u64::from(byte) << shift);
        }
    }

    fn loaded(&self, address: u64) -> u64 {
        let byte = |index: u64| {
            let offset = address.checked_add(index)?.checked_sub(self.at)?;
            self.image.get(usize::try_from(offset).ok()?).copied()
        };
        let bytes: [u8; 8] = std::array::from_fn(|index| byte(index as u64).unwrap_or_default());
        u64::from_le_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_changes_its_bytes_alone_across_words_too() {
        let mut shadow = Shadow::new(&[0x11; 24], 0x1000);
        shadow.store(0x1006, 0xaabb_ccdd, 4);
        assert_eq!(shadow.word(0x1000), 0xccdd_1111_1111_1111);
        assert_eq!(shadow.word(0x1008), 0x1111_1111_1111_aabb);
        assert_eq!(shadow.word(0x1010), 0x1111_1111_1111_1111);
    }

    #[test]
    fn memory_around_the_image_is_zero() {
        let shadow = Shadow::new(&[0xff; 4], 0x1004);
        assert_eq!((shadow.word(0x1000), shadow.word(0x1008)), (0xffff_ffff_0000_0000, 0));
    }
}
