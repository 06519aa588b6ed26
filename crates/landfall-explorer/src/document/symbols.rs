//! The symbols of a kernel's ELF, for the search of a page.
//!
//! They are counted from the image's first byte: a page that plans anew moves them with the image.

use serde::{Serialize, Serializer};

/// The most bytes of symbols in a page. Those of a large kernel, such as Linux, are far more.
pub const MOST_BYTES: usize = 512 << 10;
/// The most bytes of a symbol's offset and size, with commas, brackets and quotes.
const NUMBERS: usize = 46;

/// A function or an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// The name for people.
    pub name: String,
    /// Bytes from the image's first byte.
    pub offset: u64,
    /// Bytes that it takes; 0 if the ELF does not state them.
    pub size: u64,
}

impl Symbol {
    /// Returns the most bytes that it takes in a page.
    fn bytes(&self) -> usize {
        let plain = |letter: char| (' '..='~').contains(&letter) && !"<>&\"\\".contains(letter);
        // A page has an escape of 6 letters for each unit of all others.
        let bytes = |letter: char| if plain(letter) { 1 } else { 6 * letter.len_utf16() };
        self.name.chars().map(bytes).sum::<usize>() + NUMBERS
    }
}

impl Serialize for Symbol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.name, self.offset, self.size).serialize(serializer)
    }
}

/// The place of the image's first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// That of the kernel in the plan.
    Plan,
    /// A virtual address.
    At(u64),
}

impl Serialize for Base {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plan => serializer.serialize_none(),
            Self::At(address) => serializer.collect_str(&format_args!("{address:#x}")),
        }
    }
}

/// The symbols of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Symbols {
    /// The place of the image.
    base: Base,
    /// In ascending order.
    list: Vec<Symbol>,
    /// The number of all symbols, also of those that are not listed.
    count: usize,
}

impl Symbols {
    /// Takes the largest symbols that fit into [`MOST_BYTES`].
    #[must_use]
    pub fn of(base: Base, mut all: Vec<Symbol>) -> Self {
        let count = all.len();
        all.sort_by(|a, b| b.size.cmp(&a.size).then(a.offset.cmp(&b.offset)));
        let mut left = MOST_BYTES;
        let fits = |symbol: &Symbol| {
            let rest = left.checked_sub(symbol.bytes());
            left = rest.unwrap_or(0);
            rest.is_some()
        };
        let mut list: Vec<_> = all.into_iter().take_while(fits).collect();
        list.sort_by_key(|symbol| symbol.offset);
        Self { base, list, count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbol(name: &str, offset: u64, size: u64) -> Symbol {
        Symbol { name: name.to_owned(), offset, size }
    }

    #[test]
    fn symbols_are_rows_from_the_image_s_first_byte() {
        let all = vec![symbol("main", 0x2000, 16), symbol("_start", 0, 0)];
        let json = serde_json::to_value(Symbols::of(Base::At(0xffff_ffff_8000_0000), all.clone()));
        let list = serde_json::json!([["_start", 0, 0], ["main", 0x2000, 16]]);
        let right = serde_json::json!({ "base": "0xffffffff80000000", "list": list, "count": 2 });
        assert_eq!(json.expect("JSON"), right);
        assert_eq!(
            serde_json::to_value(Symbols::of(Base::Plan, all)).expect("JSON")["base"],
            serde_json::Value::Null
        );
    }

    #[test]
    fn the_largest_symbols_of_a_large_kernel_are_kept() {
        let all: Vec<_> = (0..200_000_u64).map(|at| symbol("a::<é>", at, at % 1000)).collect();
        let symbols = Symbols::of(Base::Plan, all);
        assert_eq!(symbols.count, 200_000);
        let least = symbols.list.iter().map(|symbol| symbol.size).min();
        assert!(least > Some(900) && symbols.list.is_sorted_by_key(|symbol| symbol.offset), "{least:?}");
        let bytes: usize = symbols.list.iter().map(Symbol::bytes).sum();
        assert!(bytes <= MOST_BYTES && bytes > MOST_BYTES - 100, "{bytes}");
    }
}
