//! Records of exports: a kernel's and a module's alike.
//!
//! Each is aligned to 8 bytes: the address, the size of the text, the text `symbol=signature`, and
//! zeros up to the next record. Zeros may follow the text within its size too. An export without a
//! signature is not stable.

use crate::units::Address;

/// The name of the section.
pub(super) const SECTION: &str = ".landfall.exports";

/// An export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Export<'data> {
    /// The place of its record, whose first word is the symbol's address.
    pub(super) at: Address,
    pub(super) symbol: &'data str,
    pub(super) signature: &'data str,
}

/// A record that is not valid. No later one can be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: Address,
    pub(super) found: String,
}

const HEAD: usize = 16;

/// Reads the records in `bytes`, which are at `start`.
pub(super) fn read(bytes: &[u8], start: Address) -> (Vec<Export<'_>>, Option<Fault>) {
    let mut exports = Vec::new();
    let mut offset = 0;
    while let Some(rest) = bytes.get(offset..).filter(|rest| !rest.is_empty()) {
        let at = start.wrapping_add(offset as u64);
        let fault = |found: String| Some(Fault { at, found });
        let Some(size) = rest.get(8..).and_then(<[u8]>::first_chunk).map(|size| u64::from_le_bytes(*size))
        else {
            return (exports, fault(format!("{} bytes, and a record has {HEAD} at least", rest.len())));
        };
        let end = usize::try_from(size).ok().and_then(|size| size.checked_add(HEAD));
        let Some(text) = end.and_then(|end| rest.get(HEAD..end)) else {
            return (exports, fault(format!("a text of {size:#x} bytes, which the section does not have")));
        };
        let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
        let pair = std::str::from_utf8(&text[..end]).map(|text| text.split_once('=').unwrap_or((text, "")));
        let Some((symbol, signature)) = pair.ok().filter(|(symbol, _)| !symbol.is_empty()) else {
            return (exports, fault("a text that is no `symbol=signature`".to_owned()));
        };
        exports.push(Export { at, symbol, signature });
        offset += (HEAD + text.len()).next_multiple_of(8);
    }
    (exports, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str) -> Vec<u8> {
        let mut record = [0x1234_u64, text.len() as u64].map(u64::to_le_bytes).concat();
        record.extend(text.bytes());
        record.resize(record.len().next_multiple_of(8), 0);
        record
    }

    #[test]
    fn records_follow_each_other_at_multiples_of_eight() {
        let bytes = [record("print=extern \"C\" fn(u8)"), record("ticks=\0\0"), record("more")].concat();
        let (exports, fault) = read(&bytes, Address(0x100));
        assert_eq!(fault, None);
        let found: Vec<_> = exports.iter().map(|export| (export.symbol, export.signature)).collect();
        assert_eq!(found, [("print", "extern \"C\" fn(u8)"), ("ticks", ""), ("more", "")]);
        assert_eq!(exports[1].at, Address(0x100 + 40));
    }

    #[test]
    fn a_record_that_is_not_valid_ends_the_table() {
        let huge = [0, u64::MAX].map(u64::to_le_bytes).concat();
        for wrong in [huge, vec![0; 8], record(""), record("=x")] {
            let bytes = [record("a="), wrong].concat();
            let (exports, fault) = read(&bytes, Address(0));
            assert_eq!(exports.len(), 1);
            assert_eq!(fault.map(|fault| fault.at), Some(Address(24)));
        }
    }
}
