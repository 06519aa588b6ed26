//! Features of harts that a running kernel asks for, and no landing.

use dtoolkit::fdt::{Fdt, FdtNode};
use dtoolkit::{Node, Property};

use super::cells::number;
use super::isa;
use super::text::{base_name, is_okay, text};
use super::validate::Tree;

/// Svpbmt, and the block of Zicbom.
pub(super) type Features = (bool, Option<u32>);

impl<'a> Tree<'a> {
    /// Returns the features that all enabled harts have.
    pub(super) fn hart_features(self) -> Features {
        let root = Fdt::new_unchecked(self.bytes).root();
        let cpus = root.children().filter(|node| base_name(node.name()) == "cpus");
        let mut found: Option<Features> = None;
        for child in cpus.flat_map(|cpus| cpus.children()) {
            if let Some((svpbmt, block)) = self.features_of(&child) {
                found = Some(found.map_or((svpbmt, block), |(all, least)| {
                    (all && svpbmt, least.zip(block).map(|(least, block)| least.min(block)))
                }));
            }
        }
        found.unwrap_or((false, None))
    }

    /// Returns the features of the hart that a child of `/cpus` describes.
    fn features_of(self, node: &FdtNode<'a>) -> Option<Features> {
        let (mut id, mut block, mut list, mut string) = (None, None, None, None);
        for property in node.properties() {
            let value = property.value();
            match property.name() {
                "reg" => id = number(value),
                "riscv,cbom-block-size" => block = number(value),
                "riscv,isa-extensions" => list = Some(self.own(value)),
                "riscv,isa" => string = Some(text(self.own(value))),
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
        id.map(|_| (has(b"svpbmt"), block.filter(|_| has(b"zicbom"))))
    }
}
