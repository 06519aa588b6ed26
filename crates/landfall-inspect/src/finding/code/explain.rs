//! The whole story of each code.

mod file;
mod link;
mod run;

use super::{Area, Code};

/// What a finding of one code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// In one line, what is wrong.
    pub title: &'static str,
    /// Why that is wrong.
    pub why: &'static str,
    /// What to do about it, most likely cause first.
    pub fixes: &'static [&'static str],
}

impl Code {
    /// What a finding of this code means, and what to do about it.
    #[must_use]
    pub const fn explanation(self) -> &'static Explanation {
        match self.area() {
            Area::Header | Area::Record | Area::Policy => file::explanation(self),
            Area::Relocations | Area::Symbols | Area::Got | Area::Memory => link::explanation(self),
            Area::Code | Area::Early | Area::Sites => run::explanation(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_an_explanation_of_its_own() {
        let titles: std::collections::BTreeSet<_> = Code::ALL.map(|code| code.explanation().title).into();
        assert_eq!(titles.len(), Code::ALL.len(), "two codes have one title");
        for code in Code::ALL {
            let Explanation { title, why, fixes } = code.explanation();
            assert!(!title.is_empty() && why.len() > 20 && !fixes.is_empty(), "{code}");
        }
    }
}
