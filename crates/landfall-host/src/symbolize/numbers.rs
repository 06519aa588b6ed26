//! Addresses in a line of text.

use std::borrow::Cow;

/// At most so many of one line are looked at.
const MOST: usize = 16;

/// The numbers in `line` that are written as addresses are: `0x` and hex digits, or 16 hex digits.
/// Each once, in their order.
pub(super) fn in_line(line: &str) -> Vec<u64> {
    let line = without_colors(line);
    let words = line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let mut found = Vec::new();
    for number in words.filter_map(number) {
        if found.len() == MOST {
            break;
        }
        if !found.contains(&number) {
            found.push(number);
        }
    }
    found
}

/// A color may stand directly before a number (ECMA-48, 5.4: control sequences end with a byte from
/// 0x40 to 0x7e).
fn without_colors(line: &str) -> Cow<'_, str> {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default();
    parts.fold(Cow::Borrowed(first), |mut text, part| {
        let rest = part.split_once(|letter| matches!(letter, '@'..='~')).map_or("", |(_, rest)| rest);
        text.to_mut().push(' ');
        text.to_mut().push_str(rest);
        text
    })
}

fn number(word: &str) -> Option<u64> {
    let digits = match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(digits) if digits.len() <= 16 => digits,
        None if word.len() == 16 => word,
        _ => return None,
    };
    // A word contains no sign, so only digits pass.
    u64::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_as_people_write_addresses() {
        for (line, numbers) in [
            ("sepc 0xffffffff00003016 as linked, stval 0x8", &[0xffff_ffff_0000_3016, 8][..]),
            ("[<ffffffff00000010>] main+0x4/0x10", &[0xffff_ffff_0000_0010, 4, 0x10]),
            ("(0XAB),0xab;x0xab,_0xab", &[0xab]),
            ("0x 0xg 0x11112222333344445 ffffffff000000100 fffffff", &[]),
            ("0xffff_0000", &[]),
            ("\u{1b}[0;31m0x10\u{1b}[0m\u{7} \u{1b}[", &[0x10]),
            ("", &[]),
        ] {
            assert_eq!(in_line(line), numbers, "{line}");
        }
    }

    #[test]
    fn a_line_full_of_numbers_takes_no_time() {
        let words: Vec<_> = (0..100_000).map(|number| format!("{number:#x}")).collect();
        let line = words.join(" ");
        assert_eq!(in_line(&line).len(), MOST);
    }
}
