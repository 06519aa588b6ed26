//! Trees with which no kernel can land: rules 6, 7 and 8. OpenSBI reads the tree before the kernel,
//! so the debugger damages it between the two.

use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};

use super::case::{Case, Expect, Load};
use super::devicetree::{self, Mapped};
use super::matrix::machine;
use landfall_host::machine::Mode;
use landfall_judge::intervals::Interval;

const RAM: u64 = 0x8000_0000;
const AT: u64 = 0x8412_3000;

fn case(rule: &'static str, name: &str) -> Case {
    let machine = machine(Mode::Sv48, 1, 128 << 20);
    let mut case =
        Case::new(format!("refusal/{rule}/{name}"), "hello", machine).expecting(Expect::Refusal(rule));
    case.load = Load::At(AT);
    case.on("refusals", rule)
}

/// Returns a case with changed bytes of the tree.
fn bytes(rule: &'static str, name: &str, change: impl Fn(&mut Vec<u8>) + Send + Sync + 'static) -> Case {
    case(rule, name).with_change(move |session, entry, _| {
        let mut tree = session.tree(entry.tree_at)?;
        change(&mut tree);
        session.put_tree(entry, &tree)
    })
}

/// Returns a case with changed nodes of the tree.
fn nodes(rule: &'static str, name: &str, change: impl Fn(&mut DeviceTree) + Send + Sync + 'static) -> Case {
    case(rule, name).with_change(move |session, entry, _| session.edit_tree(entry, &change))
}

/// Returns a case with another value of a header's field.
fn field(name: &str, offset: usize, value: u32) -> Case {
    bytes("R6", name, move |tree| tree[offset..offset + 4].copy_from_slice(&value.to_be_bytes()))
}

fn word(tree: &[u8], offset: usize) -> usize {
    tree.get(offset..).and_then(<[u8]>::first_chunk).map_or(0, |word| u32::from_be_bytes(*word) as usize)
}

/// Returns a case with another word of the structure block, such as a token, by its offset.
fn token(name: &str, offset: usize, value: u32) -> Case {
    bytes("R6", name, move |tree| {
        let at = word(tree, 8) + offset;
        tree[at..at + 4].copy_from_slice(&value.to_be_bytes());
    })
}

/// Returns all of these cases.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = headers();
    cases.extend(structures());
    cases.extend(values());
    let memories = |count: u64| (0..count).map(|index| Interval::new(RAM + index * 0x10_0000, 0x8_0000));
    let mut all: Vec<_> = memories(65).collect();
    cases.push(nodes("R7", "65-memories", move |tree| devicetree::set_memory(tree, &all)));
    all = memories(65).collect();
    for mapped in [Mapped::Yes, Mapped::No] {
        let all = all.clone();
        cases.push(nodes("R7", &format!("65-reservations-mapped-{mapped:?}"), move |tree| {
            for range in &all {
                devicetree::reserve(tree, *range, mapped);
            }
        }));
    }
    cases.push(nodes("R8", "no-memory", |tree| devicetree::set_memory(tree, &[])));
    cases.push(nodes("R8", "empty-memory", |tree| devicetree::set_memory(tree, &[Interval::new(RAM, 0)])));
    cases.push(nodes("R8", "less-than-a-page", |tree| {
        devicetree::set_memory(tree, &[Interval::new(RAM + 1, 0x1ffe)]);
    }));
    cases.push(nodes("R8", "no-nodes", |tree| *tree = DeviceTree::new()));
    cases
}

fn headers() -> Vec<Case> {
    vec![
        field("totalsize-0", 4, 0),
        field("totalsize-39", 4, 39),
        field("totalsize-above-2-MiB", 4, (2 << 20) + 1),
        field("structure-outside", 0x08, 0x7fff_ffff),
        field("structure-in-header", 0x08, 8),
        field("strings-outside", 0x0c, 0x7fff_ffff),
        field("reservations-outside", 0x10, 0x7fff_ffff),
        field("version-16", 0x14, 16),
        field("compatible-18", 0x18, 18),
        field("strings-too-long", 0x20, 0xffff_ffff),
        field("structure-too-long", 0x24, 0xffff_ffff),
        bytes("R6", "structure-misaligned", |tree| {
            let offset = u32::try_from(word(tree, 8) + 2).unwrap_or(0);
            tree[8..12].copy_from_slice(&offset.to_be_bytes());
        }),
        bytes("R6", "cut-off", |tree| {
            // Half of the structure block, with that size in the header.
            let half = u32::try_from(word(tree, 0x24) / 8 * 4).unwrap_or(0);
            tree[0x24..0x28].copy_from_slice(&half.to_be_bytes());
        }),
        bytes("R6", "reservations-without-end", |tree| {
            let start = word(tree, 0x10);
            tree[start..].chunks_mut(16).for_each(|entry| {
                if entry.iter().all(|byte| *byte == 0) {
                    entry.fill(0x11);
                }
            });
        }),
    ]
}

fn structures() -> Vec<Case> {
    vec![
        token("no-root", 0, 9),
        token("root-is-a-property", 0, 3),
        token("garbage", 8, 0xdead_beef),
        token("property-name-outside", 16, 0x00ff_ffff),
        token("property-too-long", 12, 0x7fff_ffff),
        token("name-without-end", 4, 0x4141_4141),
        bytes("R6", "no-end", |tree| {
            let last = word(tree, 8) + word(tree, 0x24) - 4;
            tree[last..last + 4].fill(0);
        }),
        nodes("R6", "nested-33-deep", |tree| {
            // The root is the first node.
            let deepest = DeviceTreeNode::new_unchecked("n");
            let nested = (1..32).fold(deepest, |child, _| {
                let mut node = DeviceTreeNode::new_unchecked("n");
                node.add_child(child);
                node
            });
            tree.root.add_child(nested);
        }),
    ]
}

fn values() -> Vec<Case> {
    let cells = |name: &'static str, property: &'static str, value: u32| {
        nodes("R6", name, move |tree| {
            tree.root.remove_property(property);
            tree.root.add_property(DeviceTreeProperty::new_unchecked(property, value));
        })
    };
    let reg = |name: &'static str, bytes: &'static [u8]| {
        nodes("R6", name, move |tree| {
            devicetree::set_memory(tree, &[Interval::new(RAM, 0x800_0000)]);
            if let Some(memory) =
                tree.root.children_mut().find(|node| dtoolkit::Node::name(&&**node).starts_with("memory"))
            {
                memory.remove_property("reg");
                memory.add_property(DeviceTreeProperty::new_unchecked("reg", bytes));
            }
        })
    };
    vec![
        cells("address-cells-0", "#address-cells", 0),
        cells("address-cells-3", "#address-cells", 3),
        cells("size-cells-0", "#size-cells", 0),
        cells("size-cells-huge", "#size-cells", u32::MAX),
        reg("reg-of-7-bytes", &[0; 7]),
        reg("reg-of-24-bytes", &[0; 24]),
    ]
}
