//! Tokens of trees, read and written. `dtoolkit` judges: it shares no code with them.

use dtoolkit::fdt::{Fdt, FdtNode};
use dtoolkit::{Node, Property};
use landfall_paging::{PhysAddr, PhysRange};
use landfall_tree::Tree;
use landfall_tree::tokens::{Token, Tokens, TreeWriter, WriteError};
use proptest::prelude::*;

use crate::writer::{Writer, root, whole};

/// A node, as a tree has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Model {
    name: String,
    properties: Vec<(String, Vec<u8>)>,
    children: Vec<Model>,
}

impl Model {
    /// Returns a node as `dtoolkit` finds it.
    fn read(node: &FdtNode<'_>) -> Self {
        let owned = |property: dtoolkit::fdt::FdtProperty<'_>| {
            (property.name().to_owned(), property.value().to_vec())
        };
        Self {
            name: node.name().to_owned(),
            properties: node.properties().map(owned).collect(),
            children: node.children().map(|child| Self::read(&child)).collect(),
        }
    }

    /// The tokens of a tree, as they come.
    fn tokens(&self) -> Vec<Token<'_>> {
        let properties = self.properties.iter().map(|(name, value)| Token::Property { name, value });
        let mut tokens = vec![Token::Begin { name: &self.name }];
        tokens.extend(properties);
        tokens.extend(self.children.iter().flat_map(Self::tokens));
        tokens.push(Token::End);
        tokens
    }

    /// The tree that the tests' own writer makes of it.
    fn write(&self, mut out: Writer) -> Writer {
        out = out.begin(&self.name);
        for (name, value) in &self.properties {
            out = out.word(4).bytes(name, value);
        }
        self.children.iter().fold(out, |out, child| child.write(out.word(4))).word(4).end()
    }
}

fn judged(bytes: &[u8]) -> Model {
    Model::read(&Fdt::new(bytes).expect("a valid tree").root())
}

fn reservations() -> [PhysRange; 2] {
    [(0x8000_0000, 0x1234), (u64::MAX - 1, 1)].map(|(start, size)| PhysRange::new(PhysAddr::new(start), size))
}

/// The tree that the writer under test makes of `model`, in memory that is just large enough.
fn written(model: &Model, names: &[u8]) -> Vec<u8> {
    let write = |into: &mut [u8]| {
        let mut out = TreeWriter::new(into, &[], names, reservations());
        model.tokens().into_iter().for_each(|token| out.copy(token));
        out.finish(7)
    };
    let size = write(&mut []).expect_err("no tree takes no bytes").wanted();
    let mut bytes = vec![0xa5; size];
    assert_eq!(write(&mut bytes), Ok(size));
    bytes
}

const NAMES: &[u8] = b"reg\0a\0compatible\0b\0#size-cells\0";

fn model() -> impl Strategy<Value = Model> {
    let name = prop::sample::select(vec!["reg", "a", "compatible", "b", "#size-cells"]);
    let property = (name, prop::collection::vec(any::<u8>(), 0..12));
    let properties = prop::collection::vec(property, 0..4).prop_map(|mut all| {
        all.sort();
        all.dedup_by(|one, other| one.0 == other.0);
        all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Vec<_>>()
    });
    let node = (prop::sample::select(vec!["n", "cpu@0", "memory@80000000", "chosen"]), properties);
    let leaf = node.clone().prop_map(|(name, properties)| Model {
        name: name.to_owned(),
        properties,
        children: vec![],
    });
    let inner =
        leaf.prop_recursive(5, 40, 4, move |inner| {
            (node.clone(), prop::collection::vec(inner, 0..4)).prop_map(|((name, properties), children)| {
                Model { name: name.to_owned(), properties, children }
            })
        });
    inner.prop_map(|root| Model { name: String::new(), ..root })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_written_tree_is_what_dtoolkit_reads(model in model()) {
        let bytes = written(&model, NAMES);
        prop_assert!(Tree::new(&bytes).is_ok());
        prop_assert_eq!(judged(&bytes), model);
    }

    #[test]
    fn the_tokens_of_a_tree_are_its_nodes_and_properties(model in model()) {
        let bytes = model.write(Writer::default()).word(4).word(9).finish();
        let tokens: Vec<_> = Tokens::of(Tree::new(&bytes).expect("a sound tree")).collect();
        prop_assert_eq!(tokens, model.tokens());
    }

    #[test]
    fn a_copy_of_all_tokens_is_the_same_tree(model in model()) {
        let old = model.write(Writer::default()).word(9).finish();
        let tokens = Tokens::of(Tree::new(&old).expect("a sound tree"));
        let mut bytes = vec![0; old.len() + 64];
        let mut out = TreeWriter::new(&mut bytes, tokens.strings(), &[], []);
        tokens.for_each(|token| out.copy(token));
        let size = out.finish(0).expect("room");
        prop_assert_eq!(judged(&bytes[..size]), model);
    }

    #[test]
    fn children_and_properties_are_found_by_name(model in model()) {
        let bytes = model.write(Writer::default()).word(9).finish();
        let root = Tokens::root(Tree::new(&bytes).expect("a sound tree"));
        prop_assert_eq!(
            root.children().map(|(name, _)| name.to_owned()).collect::<Vec<_>>(),
            model.children.iter().map(|child| child.name.clone()).collect::<Vec<_>>()
        );
        for ((_, inside), child) in root.children().zip(&model.children) {
            for name in ["reg", "a", "compatible", "b", "#size-cells", "none"] {
                let right = child.properties.iter().find(|(found, _)| found == name);
                prop_assert_eq!(inside.property(name), right.map(|(_, value)| value.as_slice()));
            }
            for name in ["n", "chosen", "none"] {
                let right = child.children.iter().find(|inner| inner.name == name);
                let found = inside.child(name).map(|inner| inner.property("reg").map(<[u8]>::to_vec));
                let reg = |inner: &Model| {
                    inner.properties.iter().find(|(name, _)| name == "reg").map(|(_, value)| value.clone())
                };
                prop_assert_eq!(found, right.map(reg));
            }
        }
    }

    #[test]
    fn any_memory_measures_a_tree(model in model(), room in 0..400_usize) {
        let whole = written(&model, NAMES).len();
        let mut small = vec![0; room.min(whole - 1)];
        let mut out = TreeWriter::new(&mut small, &[], NAMES, reservations());
        model.tokens().into_iter().for_each(|token| out.copy(token));
        prop_assert_eq!(out.finish(7), Err(WriteError::TooSmall { wanted: whole }));
    }
}

#[test]
fn a_written_header_has_its_reservations_and_the_boot_hart() {
    let bytes = written(&Model::default(), NAMES);
    let found = Tokens::reservations(Tree::new(&bytes).expect("a sound tree"));
    assert_eq!(found.collect::<Vec<_>>(), reservations());
    let fdt = Fdt::new(&bytes).expect("a valid tree");
    let judged = fdt.memory_reservations().map(|found| (found.address(), found.size()));
    assert_eq!(judged.collect::<Vec<_>>(), reservations().map(|range| (range.start().get(), range.size())));
    assert_eq!(bytes[28..32], [0, 0, 0, 7], "boot_cpuid_phys");
}

#[test]
fn an_empty_reservation_does_not_end_the_others() {
    let mut bytes = [0; 256];
    let ranges = [PhysRange::EMPTY, reservations()[0]];
    let mut out = TreeWriter::new(&mut bytes, &[], &[], ranges);
    out.begin("");
    let size = out.finish(0).expect("room");
    let found = Tokens::reservations(Tree::new(&bytes[..size]).expect("a sound tree"));
    assert_eq!(found.collect::<Vec<_>>(), ranges[1..]);
}

#[test]
fn a_name_that_is_in_no_list_is_an_error() {
    let written = |name: &str| {
        let mut bytes = [0; 256];
        let mut out = TreeWriter::new(&mut bytes, &[], NAMES, []);
        out.begin("");
        out.property(name, &[1]);
        out.finish(0).map(|size| judged(&bytes[..size]).properties)
    };
    for name in ["reg", "a", "b", "#size-cells"] {
        assert_eq!(written(name), Ok(vec![(name.to_owned(), vec![1])]));
    }
    // Ends and beginnings of names, and what another tree has.
    for name in ["re", "eg", "", "c", "regs", "reg\0a", "size-cells"] {
        assert_eq!(written(name), Err(WriteError::UnlistedName), "{name:?}");
    }
}

#[test]
fn a_writer_closes_what_is_open_and_no_more() {
    let mut bytes = [0; 256];
    let mut out = TreeWriter::new(&mut bytes, &[], NAMES, []);
    out.begin("");
    out.begin_at("n", 0x8000_00a0);
    out.end();
    out.begin_at("n", 0);
    let size = out.finish(0).expect("room");
    let names: Vec<_> = judged(&bytes[..size]).children.into_iter().map(|node| node.name).collect();
    assert_eq!(names, ["n@800000a0", "n@0"]);
    let mut out = TreeWriter::new(&mut bytes, &[], NAMES, []);
    out.begin("");
    out.end();
    out.end();
    let size = out.finish(0).expect("room");
    assert!(Tree::new(&bytes[..size]).is_ok());
}

#[test]
fn a_property_is_as_long_as_what_is_written_of_it() {
    let mut bytes = [0; 512];
    let mut out = TreeWriter::new(&mut bytes, &[], NAMES, []);
    out.begin("");
    out.begin_property("reg");
    out.double(0x8000_0000_1234_5678);
    out.word(9);
    out.bytes(b"abc");
    out.end_property();
    out.text("a", "quiet");
    out.cell("b", 1);
    out.cells("#size-cells", 2);
    let size = out.finish(0).expect("room");
    let reg = [&0x8000_0000_1234_5678_u64.to_be_bytes()[..], &9_u32.to_be_bytes(), b"abc"].concat();
    let right = [
        ("reg", reg),
        ("a", b"quiet\0".to_vec()),
        ("b", vec![0, 0, 0, 1]),
        ("#size-cells", vec![0, 0, 0, 0, 0, 0, 0, 2]),
    ];
    assert_eq!(judged(&bytes[..size]).properties, right.map(|(name, value)| (name.to_owned(), value)));
}

#[test]
fn a_tree_above_2_mib_is_too_large_for_any_memory() {
    let mut bytes = vec![0; 2 * Tree::MAX_SIZE];
    let mut of = |size: usize| {
        let mut out = TreeWriter::new(&mut bytes, &[], NAMES, []);
        out.begin("");
        out.begin_property("reg");
        out.skip(size);
        out.end_property();
        out.finish(0)
    };
    let others = of(0).expect("room");
    let most = (Tree::MAX_SIZE - others) / 4 * 4;
    assert_eq!(of(most), Ok(others + most));
    assert_eq!(of(most + 4), Err(WriteError::TooSmall { wanted: others + most + 4 }));
    for size in [usize::MAX, usize::MAX - 100] {
        assert!(matches!(of(size), Err(WriteError::TooSmall { wanted }) if wanted > Tree::MAX_SIZE));
    }
}

#[test]
fn a_node_is_skipped_with_all_that_is_in_it() {
    let tree = root().begin("a").begin("b").end().begin("c").end().end().begin("d").end();
    let bytes = whole(tree);
    let mut tokens = Tokens::root(Tree::new(&bytes).expect("a sound tree"));
    assert_eq!(tokens.find(|token| matches!(token, Token::Begin { .. })), Some(Token::Begin { name: "a" }));
    tokens.skip_node();
    assert_eq!(tokens.next(), Some(Token::Begin { name: "d" }));
    tokens.skip_node();
    assert_eq!(tokens.next(), Some(Token::End));
    assert_eq!((tokens.next(), tokens.next()), (None, None));
    tokens.skip_node();
    assert_eq!(tokens.next(), None);
}
