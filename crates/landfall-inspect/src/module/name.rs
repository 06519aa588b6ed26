//! Names of modules.

/// The longest name in bytes: the kernel's table has 56 for it, with a NUL.
const LONGEST: usize = 55;

/// Returns true if a module can have this name.
pub(super) fn is_valid(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    (1..=LONGEST).contains(&name.len()) && name.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_into_the_table_and_into_a_file_name() {
        for name in ["a", "net_e1000-2", &"x".repeat(LONGEST)] {
            assert!(is_valid(name), "{name}");
        }
        for name in ["", "A", "a.b", "../a", "ä", &"x".repeat(LONGEST + 1)] {
            assert!(!is_valid(name), "{name}");
        }
    }
}
