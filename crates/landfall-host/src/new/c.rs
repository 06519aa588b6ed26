//! A kernel in C.

use std::path::Path;

use super::{NewError, is_new, write};
use crate::library::Library;

const FILES: [(&str, &str); 4] = [
    ("main.c", include_str!("template/c/main.c")),
    ("Makefile", include_str!("template/c/Makefile")),
    ("README.md", include_str!("template/c/README.md")),
    (".gitignore", include_str!("template/c/gitignore")),
];

/// The folder of the library in that of the kernel; the Makefile names it.
const LIBRARY: &str = "landfall";

/// Makes a folder at `path`, with the library that `checkout` builds.
pub(super) fn make(path: &Path, name: &str, checkout: &Path) -> Result<(), NewError> {
    if let Some(reason) = objection(name) {
        return Err(NewError::Name { name: name.to_owned(), reason: reason.to_owned() });
    }
    is_new(path)?;
    // Nothing is made if the library does not build.
    let library = Library::build(checkout)?;
    library.write(&path.join(LIBRARY))?;
    for (file, text) in FILES {
        write(&path.join(file), &text.replace("{name}", name))?;
    }
    Ok(())
}

/// Returns the reason against a name, which becomes a word of the Makefile and the name of files.
fn objection(name: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if !name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        return Some("the first character must be an ASCII letter or `_`");
    }
    (!name.chars().all(plain)).then_some("Make needs ASCII letters, digits, `-` and `_`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_word_of_make_and_of_a_shell() {
        for name in ["kernel", "my-kernel", "_k2", "K"] {
            assert_eq!(objection(name), None, "{name}");
        }
        for name in ["", "2k", "-k", "a b", "a$b", "a#b", "a:b", "a%b", "a'b", "a\nb", "k.elf", "k\u{e4}"] {
            assert!(objection(name).is_some(), "{name:?}");
        }
    }
}
