//! Features of harts that a running kernel asks for, and no landing. The landing does not look for
//! them: each name that it compares costs instructions at every boot.

use super::cells::number;
use super::isa;
use super::text::{base_name, is_okay, text};
use super::tokens::Tokens;
use super::tree::Tree;

/// Features for live address spaces that all of some harts have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HartFeatures {
    /// Leaves can state a memory type: Svpbmt.
    pub svpbmt: bool,
    /// Bytes of a block that the instructions of Zicbom manage, the least of all harts. `None` if a
    /// hart lacks Zicbom, or its size (`riscv,cbom-block-size`).
    pub cache_block: Option<u32>,
}

impl HartFeatures {
    const NONE: Self = Self { svpbmt: false, cache_block: None };

    /// Returns the features that both have.
    fn and(self, other: Self) -> Self {
        let cache_block = self.cache_block.zip(other.cache_block).map(|(one, other)| one.min(other));
        Self { svpbmt: self.svpbmt && other.svpbmt, cache_block }
    }
}

impl Tree<'_> {
    /// Returns the features of the enabled harts for whose id `is_asked` returns true. Without such
    /// a hart, no feature is present.
    #[must_use]
    pub fn hart_features(self, is_asked: impl Fn(u64) -> bool) -> HartFeatures {
        let children = Tokens::root(self).children();
        let cpus = children.filter(|(name, _)| base_name(name) == "cpus");
        let harts = cpus.flat_map(|(_, cpus)| cpus.children());
        let asked = harts.filter_map(|(_, hart)| features_of(&hart)).filter(|(id, _)| is_asked(*id));
        asked.map(|(_, features)| features).reduce(HartFeatures::and).unwrap_or(HartFeatures::NONE)
    }
}

/// Returns the id and the features of the hart that a child of `/cpus` describes.
fn features_of(node: &Tokens<'_>) -> Option<(u64, HartFeatures)> {
    let (mut id, mut block, mut list, mut string) = (None, None, None, None);
    for (name, value) in node.properties() {
        match name {
            "reg" => id = number(value),
            "riscv,cbom-block-size" => block = number(value),
            "riscv,isa-extensions" => list = Some(value),
            "riscv,isa" => string = Some(text(value)),
            "status" if !is_okay(value) => return None,
            _ => {}
        }
    }
    // As for the landing, the list replaces the string.
    let has = |name: &[u8]| match (list, string) {
        (Some(list), _) => isa::list_has(list, name),
        (None, Some(string)) => isa::string_has(string, name),
        (None, None) => false,
    };
    let block = block.and_then(|block| u32::try_from(block).ok()).filter(|block| block.is_power_of_two());
    let features = HartFeatures { svpbmt: has(b"svpbmt"), cache_block: block.filter(|_| has(b"zicbom")) };
    Some((id?, features))
}
