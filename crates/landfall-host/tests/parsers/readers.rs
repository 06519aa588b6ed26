//! Published parsers. Each gives the nodes and properties of a tree as lines, in the tree's order.

use device_tree_parser::{DeviceTreeNode, DeviceTreeParser};
use dtoolkit::{Node as _, Property as _};

/// A parser.
pub(crate) struct Reader {
    pub(crate) name: &'static str,
    pub(crate) read: fn(&[u8]) -> Vec<String>,
}

pub(crate) const READERS: [Reader; 8] = [
    Reader { name: "device_tree", read: device_tree },
    Reader { name: "device_tree_parser", read: device_tree_parser },
    Reader { name: "dtoolkit", read: dtoolkit },
    Reader { name: "fdt", read: fdt },
    Reader { name: "fdt-parser", read: fdt_parser },
    Reader { name: "fdt-raw", read: fdt_raw },
    Reader { name: "flat_device_tree", read: flat_device_tree },
    Reader { name: "hermit-dtb", read: hermit_dtb },
];

/// The line of a node begins with this.
pub(crate) const NODE: &str = "node ";

fn node(name: &str) -> String {
    format!("{NODE}{name}")
}

fn property(name: &str, value: &[u8]) -> String {
    format!("{name} = {value:02x?}")
}

fn device_tree(tree: &[u8]) -> Vec<String> {
    fn visit(at: &device_tree::Node, lines: &mut Vec<String>) {
        lines.push(node(&at.name));
        lines.extend(at.props.iter().map(|(name, value)| property(name, value)));
        at.children.iter().for_each(|child| visit(child, lines));
    }
    let mut lines = Vec::new();
    visit(&device_tree::DeviceTree::load(tree).expect("device_tree reads it").root, &mut lines);
    lines
}

fn device_tree_parser(tree: &[u8]) -> Vec<String> {
    fn visit(at: &DeviceTreeNode<'_>, lines: &mut Vec<String>) {
        lines.push(node(at.name));
        lines.extend(at.iter_properties().map(|own| format!("{} = {:?}", own.name, own.value)));
        at.iter_children().for_each(|child| visit(child, lines));
    }
    let mut lines = Vec::new();
    visit(&DeviceTreeParser::new(tree).parse_tree().expect("device_tree_parser reads it"), &mut lines);
    lines
}

fn dtoolkit(tree: &[u8]) -> Vec<String> {
    fn visit(at: &dtoolkit::fdt::FdtNode<'_>, lines: &mut Vec<String>) {
        lines.push(node(at.name()));
        lines.extend(at.properties().map(|own| property(own.name(), own.value())));
        at.children().for_each(|child| visit(&child, lines));
    }
    let mut lines = Vec::new();
    visit(&dtoolkit::fdt::Fdt::new(tree).expect("dtoolkit reads it").root(), &mut lines);
    lines
}

fn fdt(tree: &[u8]) -> Vec<String> {
    let tree = fdt::Fdt::new(tree).expect("fdt reads it");
    let own = |at: fdt::node::FdtNode<'_, '_>| {
        std::iter::once(node(at.name))
            .chain(at.properties().map(|own| property(own.name, own.value)))
            .collect::<Vec<_>>()
    };
    tree.all_nodes().flat_map(own).collect()
}

fn fdt_parser(tree: &[u8]) -> Vec<String> {
    let tree = fdt_parser::Fdt::from_bytes(tree).expect("fdt-parser reads it");
    let own = |at: fdt_parser::Node<'_>| {
        let properties = at.propertys().map(|own| property(own.name, own.raw_value()));
        std::iter::once(node(at.name)).chain(properties).collect::<Vec<_>>()
    };
    tree.all_nodes().flat_map(own).collect()
}

fn fdt_raw(tree: &[u8]) -> Vec<String> {
    let tree = fdt_raw::Fdt::from_bytes(tree).expect("fdt-raw reads it");
    let own = |at: fdt_raw::Node<'_>| {
        let properties = at.properties().map(|own| property(own.name(), own.as_slice()));
        std::iter::once(node(at.name())).chain(properties).collect::<Vec<_>>()
    };
    tree.all_nodes().flat_map(own).collect()
}

fn flat_device_tree(tree: &[u8]) -> Vec<String> {
    let tree = flat_device_tree::Fdt::new(tree).expect("flat_device_tree reads it");
    let own = |at: flat_device_tree::node::FdtNode<'_, '_>| {
        std::iter::once(node(at.name))
            .chain(at.properties().map(|own| property(own.name, own.value)))
            .collect::<Vec<_>>()
    };
    tree.all_nodes().flat_map(own).collect()
}

/// It knows nodes by their paths alone.
fn hermit_dtb(tree: &[u8]) -> Vec<String> {
    fn visit(tree: &hermit_dtb::Dtb<'_>, path: &str, lines: &mut Vec<String>) {
        lines.push(node(path));
        for name in tree.enum_properties(path) {
            lines.push(property(name, tree.get_property(path, name).unwrap_or_default()));
        }
        let inside = path.trim_end_matches('/');
        tree.enum_subnodes(path).for_each(|child| visit(tree, &format!("{inside}/{child}"), lines));
    }
    assert!(tree.as_ptr().addr().is_multiple_of(4), "hermit-dtb reads aligned trees");
    // SAFETY: these are the bytes of a whole tree, whose header states their number, and they are
    // aligned.
    let tree = unsafe { hermit_dtb::Dtb::from_raw(tree.as_ptr()) }.expect("hermit-dtb reads it");
    let mut lines = Vec::new();
    visit(&tree, "/", &mut lines);
    lines
}
