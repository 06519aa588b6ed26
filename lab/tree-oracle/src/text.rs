//! Texts in properties. They are bytes: nothing promises UTF-8. One copy of each function keeps
//! kernels small.

/// Returns a text without its final zero and what follows that.
#[inline(never)]
pub(super) fn text(value: &[u8]) -> &[u8] {
    value.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Absent counts as okay (devicetree specification, 2.3.4).
#[inline(never)]
pub(super) fn is_okay(status: &[u8]) -> bool {
    matches!(text(status), b"okay" | b"ok")
}

/// A node's name without its unit address.
pub(super) fn base_name(name: &str) -> &str {
    name.split_once('@').map_or(name, |(base, _)| base)
}
