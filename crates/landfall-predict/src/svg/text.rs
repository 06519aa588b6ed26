//! Words and numbers of the picture: escaped, shortened, wrapped.

use landfall_plan::planner::Bytes;

/// `text` as XML may hold it: its special characters escaped, those that no XML document may have
/// replaced.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            other if other.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Returns the first `limit` characters of `text`, the last of them an ellipsis if there are more.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

/// `text` in at most `lines` lines of `limit` characters; what is too long ends in an ellipsis.
pub(super) fn wrap(text: &str, limit: usize, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    for word in shorten(text, limit * lines).split_whitespace() {
        match wrapped.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= limit => {
                line.push(' ');
                line.push_str(word);
            }
            _ => wrapped.push(shorten(word, limit)),
        }
    }
    if wrapped.len() > lines {
        let rest = wrapped.split_off(lines.saturating_sub(1)).join(" ");
        wrapped.push(shorten(&rest, limit));
    }
    wrapped
}

/// Returns a number of bytes, as in the text.
pub(super) fn size(bytes: u128) -> String {
    Bytes(u64::try_from(bytes).unwrap_or(u64::MAX)).to_string()
}

/// Returns `part` in percent of `whole`.
pub(super) fn percent(part: u128, whole: u128) -> String {
    match part.saturating_mul(10_000).checked_div(whole).unwrap_or(0) {
        0 if part > 0 => "< 0.01 %".to_owned(),
        hundredths => format!("{} %", decimals(hundredths)),
    }
}

/// Hundredths as a decimal number without needless zeros.
fn decimals(hundredths: u128) -> String {
    let number = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    number.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Returns an address.
pub(super) fn address(address: u128) -> String {
    format!("{address:#x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_never_hide_that_there_is_something() {
        assert_eq!(percent(1, 1 << 40), "< 0.01 %");
        assert_eq!(percent(0, 1 << 40), "0 %");
        assert_eq!(percent(1, 3), "33.33 %");
        assert_eq!(percent(3, 3), "100 %");
        assert_eq!(percent(0, 0), "0 %");
    }

    #[test]
    fn long_text_is_wrapped_and_then_cut() {
        assert_eq!(shorten("abc", 3), "abc");
        assert_eq!(shorten("äbcd", 3), "äb…");
        assert_eq!(wrap("one two three", 7, 3), ["one two", "three"]);
        assert_eq!(wrap("one two three four", 7, 2), ["one two", "three…"]);
        assert_eq!(wrap("incomprehensibilities", 7, 1), ["incomp…"]);
        assert!(wrap("", 7, 2).is_empty());
    }

    #[test]
    fn nothing_leaves_its_element() {
        assert_eq!(
            escape("<a b=\"c\" d='e'>&\0\u{1b}\u{ffff}"),
            "&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;\u{fffd}\u{fffd}\u{fffd}"
        );
    }
}
