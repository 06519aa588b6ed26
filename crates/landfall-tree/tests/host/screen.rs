//! Damage wherever the walk reads: in each kind of node, and behind values that are refused.

use landfall_plan::{Facts, Refusal, Rule};
use landfall_tree::Tree;

use crate::read;
use crate::writer::{Writer, root, whole};

/// The places at which a node is open: each kind that a landing reads, and others.
const PLACES: [&[&str]; 10] = [
    &[],
    &["cpus"],
    &["cpus", "cpu@1"],
    &["cpus", "cpu@1", "interrupt-controller"],
    &["reserved-memory"],
    &["reserved-memory", "r@0"],
    &["chosen"],
    &["chosen", "framebuffer"],
    &["memory@0"],
    &["soc", "bus", "device"],
];

fn why(tree: &[u8]) -> &'static str {
    let refused = read(tree).expect_err("nobody should take this tree");
    assert_eq!(Tree::new(tree).err(), Some(refused), "validated alone");
    match refused {
        Refusal::BadTree { what, .. } => what,
        other => panic!("{other}"),
    }
}

/// A tree with the nodes of `place` open, with a property each.
fn open(place: &[&str]) -> Writer {
    place.iter().fold(root(), |tree, name| tree.begin(name).text("device_type", "memory"))
}

fn closed(place: &[&str], tree: Writer) -> Vec<u8> {
    whole(place.iter().fold(tree, |tree, _| tree.end()))
}

#[test]
fn a_tree_is_sound_in_each_place() {
    for place in PLACES {
        assert!(read(&closed(place, open(place))).is_ok(), "{place:?}");
    }
}

#[test]
fn damage_is_found_in_each_place() {
    let huge = u32::MAX;
    for place in PLACES {
        let misplaced = |tree: Writer| why(&closed(place, tree));
        for token in [0, 5, 8, 10, 0x0100_0003, 0x0001_0001, 0x0000_0101, huge] {
            let what = misplaced(open(place).word(token));
            assert_eq!(what, "this token is invalid; tokens are 1 to 4 and 9", "{token:#x} in {place:?}");
        }
        assert_eq!(misplaced(open(place).word(9)), "the structure block ends too early", "{place:?}");
        let late = open(place).begin("n").end().bytes("late", &[]);
        assert_eq!(
            misplaced(late),
            "a property is outside a node, or follows a node's children",
            "{place:?}"
        );
        let value = open(place).word(3).word(0x1000).word(0);
        assert_eq!(misplaced(value), "a property's value is truncated", "{place:?}");
        let name = open(place).word(3).word(0).word(0x1000);
        assert_eq!(misplaced(name), "a property's name is outside the strings block", "{place:?}");
        let name = open(place).begin("\u{e9}").end();
        assert_eq!(misplaced(name), "a node's name is not ASCII, or has no terminating zero", "{place:?}");
    }
}

#[test]
fn a_tree_that_ends_in_each_place_is_refused() {
    for place in PLACES {
        let cut = |tree: Writer| why(&tree.finish());
        assert_eq!(cut(open(place)), "the structure block is truncated", "{place:?}");
        assert_eq!(cut(open(place).word(4)), "the structure block is truncated", "{place:?}");
        assert_eq!(cut(open(place).word(3)), "a property is truncated", "{place:?}");
        assert_eq!(cut(open(place).word(3).word(0)), "a property is truncated", "{place:?}");
        assert_eq!(
            cut(open(place).word(1).word(0x6e6e_6e6e)),
            "a node's name is not ASCII, or has no terminating zero",
            "{place:?}"
        );
    }
}

#[test]
fn nesting_ends_in_each_place() {
    for place in PLACES {
        let nested = |depth: usize| {
            let levels = depth - 1 - place.len();
            let tree = (0..levels).fold(open(place), |tree, _| tree.begin("n"));
            closed(place, (0..levels).fold(tree, |tree, _| tree.end()))
        };
        assert!(read(&nested(Tree::MAX_DEPTH)).is_ok(), "{place:?}");
        let what = why(&nested(Tree::MAX_DEPTH + 1));
        assert_eq!(what, "nodes are nested more than 32 levels deep", "{place:?}");
    }
}

#[test]
fn a_tree_has_one_root_and_an_end_behind_it() {
    let missing = "the end token after the root node is missing";
    assert_eq!(why(&root().end().begin("").end().word(9).finish()), missing);
    assert_eq!(why(&root().end().end().word(9).finish()), missing);
    assert_eq!(why(&root().end().word(3).word(0).word(0).word(9).finish()), missing);
    assert_eq!(why(&root().end().word(4).finish()), missing);
    assert_eq!(why(&Writer::default().end().finish()), "the structure block ends too early");
    let early = Writer::default().bytes("p", &[]).begin("").end().word(9);
    assert_eq!(why(&early.finish()), "a property is outside a node, or follows a node's children");
    // Nothing behind the end is read.
    assert!(read(&root().end().word(4).word(9).word(5).word(1).finish()).is_ok());
}

#[test]
fn a_root_may_follow_nops() {
    assert!(read(&Writer::default().word(4).word(4).begin("").end().word(9).finish()).is_ok());
}

#[test]
fn the_padding_of_a_name_is_ascii_and_that_of_a_value_is_any() {
    let padded = |word: u32| whole(root().word(1).word(word).end());
    assert!(read(&padded(0x6e00_7f7f)).is_ok());
    for word in [0x6e00_8000, 0x6e00_0080, 0x0000_0080, 0x8000_0000] {
        assert_eq!(why(&padded(word)), "a node's name is not ASCII, or has no terminating zero", "{word:#x}");
    }
    assert!(read(&whole(root().word(3).word(1).word(0).word(0x01ff_ffff))).is_ok());
}

/// A value counts only in a tree that is sound to its end.
#[test]
fn damage_comes_before_a_refused_value_in_front_of_it() {
    let memory = |tree: Writer| tree.begin("m").text("device_type", "memory").bytes("reg", &[1; 3]).end();
    let refused = "the length of this reg is not a multiple of its entries";
    let sound = whole(memory(root()));
    let Err(Refusal::BadTree { what, .. }) = read(&sound) else { panic!("a reg of 3 bytes") };
    assert_eq!(what, refused);
    assert!(Tree::new(&sound).is_ok(), "the walk is sound");
    assert_eq!(why(&whole(memory(root()).word(5))), "this token is invalid; tokens are 1 to 4 and 9");
    assert_eq!(why(&memory(root()).end().finish()), "the end token after the root node is missing");
}

#[test]
fn of_refused_values_the_first_one_is_named() {
    let reg = |tree: Writer| tree.begin("m").text("device_type", "memory").bytes("reg", &[1; 3]).end();
    let many = |tree: Writer| {
        (0..65)
            .fold(tree, |tree, index| tree.node("m", index << 24, 0x1000).text("device_type", "memory").end())
    };
    let seeds = |tree: Writer| {
        (0..9).fold(tree.begin("chosen"), |tree, seed| tree.bytes("rng-seed", &[seed + 1])).end()
    };
    let header = |tree: Writer| Writer { reservations: (1..66).map(|at| (at << 24, 1)).collect(), ..tree };
    let rule = |tree: Writer| read(&whole(tree)).expect_err("a refusal");
    let what = |tree: Writer| match rule(tree) {
        Refusal::BadTree { what, .. } | Refusal::TooManyRanges { what, .. } => what,
        other => panic!("{other}"),
    };
    assert_eq!(rule(many(reg(seeds(root())))).rule(), Rule::BadTree);
    assert_eq!(what(many(reg(seeds(root())))), "it has more than 8 seeds");
    assert_eq!(what(seeds(many(reg(root())))), "the length of this reg is not a multiple of its entries");
    assert_eq!(what(reg(seeds(many(root())))), "memory");
    assert_eq!(what(header(reg(many(root())))), "reserved memory");
}

#[test]
fn each_kind_of_range_is_limited_to_64() {
    let pairs = |count: u64| -> Vec<u8> {
        (0..count).flat_map(|at| [(at << 24).to_be_bytes(), 0x1000_u64.to_be_bytes()].concat()).collect()
    };
    let memory = |count| root().begin("m").text("device_type", "memory").bytes("reg", &pairs(count)).end();
    let reserved = |count| {
        let tree = root().begin("reserved-memory").cells("#address-cells", &[2]).cells("#size-cells", &[2]);
        tree.begin("r").bytes("reg", &pairs(count)).end().end()
    };
    let no_map = |count| {
        let tree = root().begin("reserved-memory").cells("#address-cells", &[2]).cells("#size-cells", &[2]);
        tree.begin("r").bytes("no-map", &[]).bytes("reg", &pairs(count)).end().end()
    };
    let chosen = |name: &str, count| root().begin("chosen").bytes(name, &pairs(count)).end();
    let core = |count| chosen("linux,elfcorehdr", count);
    let usable = |count| chosen("linux,usable-memory-range", count);
    let kinds: [(&dyn Fn(u64) -> Writer, &str); 5] = [
        (&memory, "memory"),
        (&reserved, "reserved memory"),
        (&no_map, "reserved memory"),
        (&core, "reserved memory"),
        (&usable, "usable memory"),
    ];
    for (tree, kind) in kinds {
        assert!(read(&whole(tree(64))).is_ok(), "{kind}");
        let Err(Refusal::TooManyRanges { what, .. }) = read(&whole(tree(65))) else { panic!("{kind}") };
        assert_eq!(what, kind);
    }
}

#[test]
fn memory_without_a_reg_is_refused_for_its_cells_at_its_own_place() {
    let tree = Writer::default().begin("").cells("#address-cells", &[3]).begin("m");
    let tree = whole(tree.text("device_type", "memory").end());
    let Err(Refusal::BadTree { offset, .. }) = read(&tree) else { panic!("three cells") };
    assert_eq!(tree[offset..offset + 7], *b"memory\0");
}

#[test]
fn a_refused_tree_leaves_no_facts() {
    let tree = root().node("m", 0x8000_0000, 0x1000).text("device_type", "memory").end();
    let tree =
        tree.begin("cpus").cells("timebase-frequency", &[1]).begin("cpu").cells("reg", &[1]).end().end();
    let tree = tree.begin("chosen").text("bootargs", "nokaslr").bytes("linux,booted-from-kexec", &[]);
    let damaged = whole(tree.clone().bytes("linux,elfcorehdr", &[1]).end());
    let cut = tree.end().finish();
    for tree in [damaged, cut] {
        let mut facts = Facts::UNKNOWN;
        facts.boot_hart = 1;
        assert!(Tree::read(&tree, &mut facts).is_err());
        assert_eq!(format!("{:?}", visible(&facts)), format!("{:?}", visible(&Facts::UNKNOWN)));
    }
}

fn visible(facts: &Facts) -> impl std::fmt::Debug {
    let Facts { ram, reserved, kexec, command_line, options, harts, boot_hart, timebase, .. } = facts;
    let harts: Vec<_> = harts.iter().collect();
    (ram.clone(), reserved.clone(), *kexec, *command_line, *options, harts, *boot_hart, *timebase)
}
