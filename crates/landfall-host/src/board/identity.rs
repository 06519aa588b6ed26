//! The names of a board, by its device tree.

use std::fmt;

use dtoolkit::fdt::Fdt;
use dtoolkit::{Node, Property};
use landfall_inspect::Escaped;
use landfall_tree::Tree;

/// Names of a tree are cut after so many characters. Those of Linux's trees are shorter.
const LONGEST: usize = 120;

/// The names of a board, with which its tree begins (Devicetree Specification 0.4, 2.3.1, 2.3.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The model, for people.
    pub model: Option<String>,
    /// The compatible names, the most exact one first.
    pub compatible: Vec<String>,
    /// The bit rate of the console in `/chosen/stdout-path`, if it has one.
    pub baud: Option<u32>,
}

impl Identity {
    /// Returns the names in `tree`. A file that is no tree has none.
    #[must_use]
    pub fn of(tree: &[u8]) -> Self {
        let Ok(tree) = Tree::new(tree) else { return Self::default() };
        let tree = Fdt::new_unchecked(tree.bytes());
        let root = tree.root();
        let chosen = root.children().find(|node| node.name() == "chosen");
        let chosen = chosen.iter().flat_map(|chosen| strings(chosen, "stdout-path")).next();
        Self {
            model: strings(&root, "model").into_iter().next(),
            compatible: strings(&root, "compatible"),
            baud: chosen.as_deref().and_then(rate),
        }
    }

    /// Returns true if one of the compatible names is `name`.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.compatible.iter().any(|found| found == name)
    }
}

/// Returns the strings of a property, escaped and cut.
fn strings(node: &impl Node, name: &str) -> Vec<String> {
    let property = node.properties().find(|property| property.name() == name);
    let value = property.map(|property| property.value().to_vec()).unwrap_or_default();
    let strings = value.split(|byte| *byte == 0).filter(|string| !string.is_empty());
    strings.map(|string| Escaped::new(string).to_string().chars().take(LONGEST).collect()).collect()
}

/// Returns the bit rate in a path like `serial0:115200n8`.
fn rate(path: &str) -> Option<u32> {
    let (_, options) = path.split_once(':')?;
    let digits = options.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(options.len());
    options[..digits].parse().ok().filter(|rate| *rate != 0)
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.model, self.compatible.as_slice()) {
            (None, []) => f.write_str("a board without a name"),
            (Some(model), []) => f.write_str(model),
            (None, names) => f.write_str(&names.join(", ")),
            (Some(model), names) => write!(f, "{model} ({})", names.join(", ")),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};

    use super::*;

    /// Returns a tree with these properties of its root and of `/chosen`.
    pub(crate) fn tree(root: &[(&str, &[u8])], chosen: &[(&str, &[u8])]) -> Vec<u8> {
        let mut tree = DeviceTree::new();
        for (name, value) in root {
            tree.root.add_property(DeviceTreeProperty::new_unchecked(*name, value.to_vec()));
        }
        let mut node = DeviceTreeNode::new_unchecked("chosen");
        for (name, value) in chosen {
            node.add_property(DeviceTreeProperty::new_unchecked(*name, value.to_vec()));
        }
        tree.root.add_child(node);
        tree.to_dtb()
    }

    #[test]
    fn a_board_has_a_model_compatible_names_and_a_rate() {
        let root: [(&str, &[u8]); 2] = [("model", b"Board One\0"), ("compatible", b"a,board-1\0a,soc\0")];
        let identity = Identity::of(&tree(&root, &[("stdout-path", b"serial0:9600n8\0")]));
        assert_eq!(identity.to_string(), "Board One (a,board-1, a,soc)");
        assert!(identity.is("a,soc") && !identity.is("a"));
        assert_eq!(identity.baud, Some(9600));
        for path in
            [&b"serial0\0"[..], b"serial0:\0", b"serial0:n8\0", b"serial0:0\0", b"\xff:99999999999\0", b""]
        {
            assert_eq!(Identity::of(&tree(&[], &[("stdout-path", path)])).baud, None, "{path:?}");
        }
    }

    #[test]
    fn a_hostile_name_is_one_short_line_without_control_characters() {
        let model = [b"\x1b[2Jok\nlandfall: exit 0\xff".repeat(100), vec![0]].concat();
        let identity = Identity::of(&tree(&[("model", &model)], &[]));
        let name = identity.to_string();
        assert!(!name.contains(char::is_control) && name.chars().count() <= LONGEST, "{name}");
    }
}
