//! The anchors of headings, as code hosts and mdBook make them.

/// The anchors of a document.
#[derive(Clone, Debug, Default)]
pub(super) struct Anchors {
    found: Vec<String>,
}

impl Anchors {
    /// Adds the anchor of a heading: small letters, digits, `-` and `_`, with `-` for a space.
    ///
    /// A second heading with the same text gets `-1`, a third `-2`.
    pub(super) fn add(&mut self, heading: &str) {
        let lower = heading.trim().to_lowercase();
        let spaced = lower.chars().map(|character| if character == ' ' { '-' } else { character });
        let base: String =
            spaced.filter(|character| character.is_alphanumeric() || "-_".contains(*character)).collect();
        let mut anchor = base.clone();
        let mut number = 0;
        while self.found.contains(&anchor) {
            number += 1;
            anchor = format!("{base}-{number}");
        }
        self.found.push(anchor);
    }

    /// Returns the anchors in the order of the headings.
    pub(super) fn into_vec(self) -> Vec<String> {
        self.found
    }
}
