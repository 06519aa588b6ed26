//! Sections of text: strings of the form `key=value`, each with a NUL behind it.

/// The name of a module, and what it was built for.
pub(crate) const MODULE: &[u8] = b".landfall.module";
/// The stable imports, with their signatures.
pub(crate) const IMPORTS: &[u8] = b".landfall.imports";
/// The parameters, with their types.
pub(crate) const PARAMETERS: &[u8] = b".landfall.params";
/// The exports.
pub(crate) const EXPORTS: &[u8] = b".landfall.exports";

/// Returns the pairs of a section, in order. Padding is skipped.
pub fn pairs(section: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> + Clone {
    section.split(|byte| *byte == 0).filter(|text| !text.is_empty()).map(split)
}

/// Returns the value of a key.
pub(crate) fn value<'a>(section: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    pairs(section).find(|(name, _)| *name == key).map(|(_, value)| value)
}

/// Splits a text at the first `=`.
pub(crate) fn split(text: &[u8]) -> (&[u8], &[u8]) {
    match text.iter().position(|byte| *byte == b'=') {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[]),
    }
}
