//! Types of parameters.

/// The prefix of a parameter's variable.
pub(super) const VARIABLE: &str = "landfall_param_";

/// Returns the bytes of a parameter's value: as many for `text:N`, as the type has for others.
pub(super) fn size(kind: &str) -> Option<u64> {
    Some(match kind {
        "bool" | "u8" | "i8" => 1,
        "u16" | "i16" => 2,
        "u32" | "i32" => 4,
        "u64" | "i64" => 8,
        _ => kind
            .strip_prefix("text:")
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?
            .parse()
            .ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_one_of_a_list() {
        for (kind, bytes) in [("bool", 1), ("i16", 2), ("u32", 4), ("i64", 8), ("text:12", 12)] {
            assert_eq!(size(kind), Some(bytes), "{kind}");
        }
        for kind in ["", "u128", "text", "text:", "text:+1", "text:99999999999999999999", "U8"] {
            assert_eq!(size(kind), None, "{kind}");
        }
    }
}
