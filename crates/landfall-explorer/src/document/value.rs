//! The values of a document: `page/src/model/read.js` in Rust.

use serde_json::Value;

use super::NoDocument;

/// The names of leaves.
const LEAVES: [&str; 6] = ["4K", "64K", "2M", "1G", "512G", "256T"];
/// More letters of a value are not repeated.
const MOST: usize = 60;

/// Returns the first address at a key.
pub(super) fn address(of: &Value, key: &str) -> Result<u64, NoDocument> {
    let digits = of[key].as_str().map(|text| {
        let text = text.trim();
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
        digits.replace(['_', ' '], "")
    });
    let are_hex =
        |digits: &String| digits.len() <= 16 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let address = digits.filter(are_hex).and_then(|digits| u64::from_str_radix(&digits, 16).ok());
    address.ok_or_else(|| wrong(of, key, "an address in hex"))
}

/// Returns the bytes at a key.
pub(super) fn size(of: &Value, key: &str) -> Result<u64, NoDocument> {
    of[key].as_u64().ok_or_else(|| wrong(of, key, "a number of bytes"))
}

/// Returns the number at a key.
pub(super) fn number(of: &Value, key: &str) -> Result<u64, NoDocument> {
    of[key].as_u64().ok_or_else(|| wrong(of, key, "a number"))
}

/// Returns the text at a key.
pub(super) fn text<'a>(of: &'a Value, key: &str) -> Result<&'a str, NoDocument> {
    of[key].as_str().ok_or_else(|| wrong(of, key, "text"))
}

/// Returns the list at a key.
pub(super) fn list<'a>(of: &'a Value, key: &str) -> Result<&'a [Value], NoDocument> {
    of[key].as_array().map(Vec::as_slice).ok_or_else(|| wrong(of, key, "a list"))
}

/// Returns the list of objects at a key.
pub(super) fn objects<'a>(of: &'a Value, key: &str) -> Result<&'a [Value], NoDocument> {
    let all = list(of, key)?;
    // The page asks objects alone for a key, and a list has none.
    let are_objects = all.iter().all(|one| one.is_object() || one.is_array());
    if are_objects { Ok(all) } else { Err(wrong(of, key, "a list of objects")) }
}

/// Checks the permission at a key.
pub(super) fn access(of: &Value, key: &str) -> Result<(), NoDocument> {
    let is = |text: &str| match text.as_bytes() {
        [r, w, x] => b"R-".contains(r) && b"W-".contains(w) && b"X-".contains(x),
        _ => false,
    };
    if of[key].as_str().is_some_and(is) { Ok(()) } else { Err(wrong(of, key, "a permission such as R-X")) }
}

/// Checks the size of leaves at a key.
pub(super) fn leaf(of: &Value, key: &str) -> Result<(), NoDocument> {
    let is = of[key].as_str().is_some_and(|name| LEAVES.contains(&name));
    if is { Ok(()) } else { Err(wrong(of, key, "a size of leaves")) }
}

/// Returns the bits of the mode's addresses.
pub(super) fn bits(of: &Value) -> Result<u32, NoDocument> {
    match text(of, "mode")? {
        "sv39" => Ok(39),
        "sv48" => Ok(48),
        "sv57" => Ok(57),
        _ => Err(wrong(of, "mode", "sv39, sv48 or sv57")),
    }
}

fn wrong(of: &Value, key: &str, expected: &'static str) -> NoDocument {
    let found = of.get(key).map_or_else(|| "nothing".to_owned(), Value::to_string);
    NoDocument::Value { key: key.to_owned(), found: found.chars().take(MOST).collect(), expected }
}
