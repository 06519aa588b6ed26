//! The words of rule 2 about an image whose checksum differs, by the description of the seal (crate
//! `landfall-image`, module `seal`).

/// The multiplier of the seal, which is its first state too.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Returns the words with both checksums of `damaged`, which was `good`. The kernel finds its
/// tables by symbols, so they lie where the good image has them.
pub(super) fn words(good: &[u8], damaged: &[u8]) -> String {
    let word = |image: &[u8], at: usize| {
        image.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |word| u64::from_le_bytes(*word))
    };
    let extent = word(good, 0x60);
    let start = usize::try_from(extent & 0xffff_ffff).unwrap_or(usize::MAX);
    let size = usize::try_from(extent >> 32).unwrap_or_default();
    let covered = (0..0x58).chain(0x60..0x80).chain(start..start.saturating_add(size)).step_by(8);
    let computed = covered.fold(MULTIPLIER, |state, at| {
        let product = (state ^ word(damaged, at)).wrapping_mul(MULTIPLIER);
        product ^ (product >> 32)
    });
    format!(" has the checksum {computed:#x}, but its record states {:#x}; ", word(damaged, 0x58))
}

/// Returns true if the kernel compares the byte at `at` by itself, before the checksum: size, magic
/// numbers, state of the seal.
pub(super) fn is_compared_before(at: u64) -> bool {
    matches!(at, 0x10..0x18 | 0x30..0x3c | 0x40..0x48 | 0x50..0x58)
}
