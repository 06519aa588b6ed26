//! The tree that a kernel gets.

use landfall_efi::{Boot, Efi, Framebuffer, LoadOptions, Masks, PixelFormat, Pixels, boot_hart, write_tree};
use landfall_paging::{PhysAddr, PhysRange};
use landfall_plan::Facts;
use landfall_tree::Tree;
use landfall_tree::tokens::WriteError;

use crate::made::{CACHED, bare, descriptor, tree};
use crate::{plain, value, written};

fn map() -> Vec<u8> {
    let parts = [
        (0, 0x8000_0000, 0x60),
        (7, 0x8006_0000, 0x1_0000),
        (9, 0x9006_0000, 0x10),
        (6, 0x9007_0000, 0x10),
        (4, 0x9008_0000, 0x10),
    ];
    parts.into_iter().flat_map(|(kind, start, pages)| descriptor(kind, start, pages, CACHED)).collect()
}

fn facts(bytes: &[u8]) -> Facts {
    let place = PhysRange::new(PhysAddr::new(0x9008_0000), bytes.len() as u64);
    let mut facts = Facts::UNKNOWN;
    (facts.tree, facts.boot_hart) = (place, 3);
    Tree::read(bytes, &mut facts).expect("facts");
    facts
}

fn range(start: u64, end: u64) -> PhysRange {
    PhysRange::between(PhysAddr::new(start), PhysAddr::new(end))
}

#[test]
fn memory_is_that_of_the_memory_map_alone() {
    let map = map();
    let bytes = written(&tree(&[]), &plain(&map));
    let facts = facts(&bytes);
    assert_eq!(facts.ram.as_slice(), [range(0x8006_0000, 0x9007_0000), range(0x9008_0000, 0x9009_0000)]);
    assert_eq!(facts.reserved.as_slice(), [range(0x9006_0000, 0x9007_0000)]);
    assert_eq!(value(&bytes, &["memory@80000000"], "reg"), None);
}

#[test]
fn what_is_not_told_anew_stays() {
    let map = map();
    let old = tree(&[("stdout-path", b"/soc/serial\0".to_vec()), ("bootargs", b"quiet\0".to_vec())]);
    let bytes = written(&old, &plain(&map));
    assert_eq!(value(&bytes, &["chosen"], "stdout-path"), Some(b"/soc/serial\0".to_vec()));
    assert_eq!(value(&bytes, &["chosen"], "bootargs"), Some(b"quiet\0".to_vec()));
    assert_eq!(value(&bytes, &["soc"], "compatible"), Some(b"simple-bus\0".to_vec()));
}

#[test]
fn what_a_loader_tells_takes_the_place_of_what_stood_there() {
    let map = map();
    let old = tree(&[
        ("bootargs", b"quiet\0".to_vec()),
        ("linux,initrd-start", vec![0; 8]),
        ("linux,initrd-end", vec![0; 8]),
        ("linux,uefi-system-table", vec![1; 8]),
        ("boot-hartid", vec![0, 0, 0, 9]),
    ]);
    let line: Vec<u8> = "nokaslr ü 🦀".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let initrd = Some(range(0x8100_0000, 0x8100_1234));
    let bytes = written(&old, &Boot { command_line: LoadOptions::new(&line), initrd, ..plain(&map) });
    assert_eq!(value(&bytes, &["chosen"], "bootargs"), Some("nokaslr ü 🦀\0".as_bytes().to_vec()));
    let facts = facts(&bytes);
    assert_eq!(facts.initrd, initrd);
    assert!(facts.options.nokaslr);
    assert_eq!(boot_hart(Tree::new(&bytes).expect("a tree")), Some(3));
    assert_eq!(
        value(&bytes, &["chosen"], "linux,uefi-system-table"),
        Some(0xbfe0_1018_u64.to_be_bytes().to_vec())
    );
}

#[test]
fn a_command_line_ends_at_its_zero_or_where_its_bytes_do() {
    let units = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let text = |bytes: &[u8]| LoadOptions::new(bytes).map(|line| line.chars().collect::<String>());
    assert_eq!(text(&units("a b\0c")), Some("a b".to_owned()));
    assert_eq!(text(&units("a b")), Some("a b".to_owned()));
    assert_eq!(text(&[units("a"), vec![7]].concat()), Some("a".to_owned()));
    assert_eq!(text(&[0x41, 0, 0, 0xd8, 0x42, 0]), Some("A\u{fffd}B".to_owned()));
    for none in [vec![], vec![0, 0], vec![1]] {
        assert_eq!(text(&none), None);
    }
}

#[test]
fn entropy_is_added_to_what_is_there() {
    let map = map();
    let entropy = [7; 32];
    let bytes =
        written(&tree(&[("rng-seed", vec![1, 2, 3])]), &Boot { entropy: Some(&entropy), ..plain(&map) });
    let seed = value(&bytes, &["chosen"], "rng-seed");
    assert_eq!(seed, Some([vec![1, 2, 3], entropy.to_vec()].concat()));
}

#[test]
fn the_seeds_of_the_firmwares_tree_are_found_and_can_be_deleted() {
    let mut old = tree(&[("rng-seed", vec![5; 40]), ("kaslr-seed", vec![6; 8])]);
    let found = Tree::new(&old).and_then(Tree::seeds).expect("a tree");
    assert!(!found.is_empty());
    found.delete(&mut old);
    assert_eq!((value(&old, &["chosen"], "rng-seed"), value(&old, &["chosen"], "kaslr-seed")), (None, None));
}

#[test]
fn the_screen_is_a_simple_framebuffer() {
    let map = map();
    let format = PixelFormat::of(Masks { red: 0xff_0000, green: 0xff00, blue: 0xff }).expect("a name");
    let screen = Framebuffer {
        range: range(0xfd00_0000, 0xfd30_0000),
        width: 1024,
        height: 768,
        stride: 4096,
        format,
    };
    let bytes = written(&tree(&[]), &Boot { framebuffer: Some(screen), ..plain(&map) });
    let path = ["chosen", "framebuffer@fd000000"];
    let is = |name, right: &[u8]| assert_eq!(value(&bytes, &path, name), Some(right.to_vec()), "{name}");
    is("compatible", b"simple-framebuffer\0");
    is("reg", &[0xfd00_0000_u64, 0x30_0000].map(u64::to_be_bytes).concat());
    is("width", &1024_u32.to_be_bytes());
    is("stride", &4096_u32.to_be_bytes());
    is("format", b"x8r8g8b8\0");
    assert_eq!(Framebuffer::of(Tree::new(&bytes).expect("a tree")), Some(screen));
}

#[test]
fn a_framebuffer_whose_node_says_something_else_is_not_read() {
    let map = map();
    let bytes = written(&tree(&[]), &Boot { framebuffer: Some(screen()), ..plain(&map) });
    let read = |bytes: &[u8]| Framebuffer::of(Tree::new(bytes).expect("a tree"));
    assert_eq!(read(&bytes), Some(screen()));
    for (old, new) in [
        (&b"simple-framebuffer\0"[..], &b"simple-framebuffet\0"[..]),
        (b"okay\0", b"fail\0"),
        (b"x8r8g8b8\0", b"x8r8g8b9\0"),
    ] {
        let at = bytes.windows(old.len()).position(|part| part == old).expect("the value");
        let mut changed = bytes.clone();
        changed[at..at + old.len()].copy_from_slice(new);
        assert_eq!(read(&changed), None, "{}", String::from_utf8_lossy(new));
    }
    // Half a pixel, rows beyond the memory, no row.
    let good = screen();
    let (half, tall) = (good.stride + 1, 0x10_0000);
    for screen in [
        Framebuffer { stride: half, ..good },
        Framebuffer { height: tall, ..good },
        Framebuffer { height: 0, ..good },
    ] {
        let bytes = written(&tree(&[]), &Boot { framebuffer: Some(screen), ..plain(&map) });
        assert_eq!(read(&bytes), None, "{screen:?}");
    }
    assert_eq!(read(&tree(&[])), None);
}

#[test]
fn pixels_that_do_not_lie_in_their_memory_are_no_screen() {
    let memory = range(0xfd00_0000, 0xfd30_0000);
    let good = Pixels { width: 1000, height: 768, per_row: 1024, format: PixelFormat::BGR };
    assert_eq!(Framebuffer::new(memory, good).map(|screen| screen.stride), Some(4096));
    for bad in [
        Pixels { width: 0, ..good },
        Pixels { width: 1025, ..good },
        Pixels { height: 0, ..good },
        Pixels { height: 769, ..good },
        Pixels { height: u32::MAX, ..good },
        Pixels { per_row: 0, ..good },
        Pixels { per_row: 1 << 30, ..good },
        Pixels { per_row: u32::MAX, ..good },
    ] {
        assert_eq!(Framebuffer::new(memory, bad), None, "{bad:?}");
    }
    assert_eq!(Framebuffer::new(PhysRange::EMPTY, good), None);
}

#[test]
fn options_without_an_end_make_a_tree_that_is_refused() {
    let (map, options) = (map(), b"a\0".repeat(LoadOptions::MOST / 2));
    let line = LoadOptions::new(&options);
    let Err(WriteError::TooSmall { wanted }) = write_tree(
        Tree::new(&tree(&[])).expect("a tree"),
        &Boot { command_line: line, ..plain(&map) },
        &mut [],
    ) else {
        panic!("no tree takes no bytes")
    };
    assert!(wanted > Tree::MAX_SIZE);
}

#[test]
fn memory_that_narrow_cells_cannot_say_in_a_tree_is_refused_at_once() {
    let narrow = bare(1);
    let wanted = |pages: u64| {
        let map = descriptor(7, 0x8000_0000, pages, CACHED);
        let tree = Tree::new(&narrow).expect("a tree");
        let mut room = vec![0; 2 * Tree::MAX_SIZE];
        write_tree(tree, &plain(&map), &mut room)
    };
    // 64 GiB take 17 pieces below 4 GiB each.
    let size = |pages| wanted(pages).expect("a tree");
    assert_eq!(size(1 << 24) - size(1), 16 * 12);
    for pages in [1 << 38, 1 << 51, u64::MAX] {
        let Err(WriteError::TooSmall { wanted }) = wanted(pages) else { panic!("{pages:#x} pages fit") };
        assert!(wanted > Tree::MAX_SIZE);
    }
}

#[test]
fn the_kernel_reads_what_firmware_gave() {
    let map = map();
    let bytes = written(&tree(&[]), &plain(&map));
    let efi = Efi::of(&bytes).expect("booted by EFI");
    assert_eq!((efi.system_table.get(), efi.memory_map.bytes()), (0xbfe0_1018, map.as_slice()));
    assert_eq!(Efi::of(&tree(&[])), None);
}

#[test]
fn a_tree_without_chosen_gets_one() {
    let map = map();
    let old = dtoolkit::model::DeviceTree::new().to_dtb();
    let bytes = written(&old, &plain(&map));
    assert!(Efi::of(&bytes).is_some());
    // A root that says nothing of cells counts sizes in one: four GiB at most, and the map has
    // less.
    assert!(value(&bytes, &["memory"], "reg").is_some_and(|reg| reg.len() == 2 * 12));
}

#[test]
fn a_tree_that_does_not_fit_is_measured_in_any_memory() {
    let (map, old) = (map(), tree(&[]));
    let whole = written(&old, &plain(&map)).len();
    for room in 0..whole {
        let error = write_tree(Tree::new(&old).expect("a tree"), &plain(&map), &mut vec![0; room]);
        assert_eq!(error.map_err(WriteError::wanted), Err(whole));
    }
}

#[test]
fn tokens_that_mean_nothing_do_not_hide_what_follows() {
    let mut old = tree(&[("boot-hartid", vec![0, 0, 0, 9])]);
    let start = u32::from_be_bytes(*old[8..].first_chunk().expect("a header")) as usize;
    old.splice(start..start, 4_u32.to_be_bytes());
    // The struct block is longer, and what lies behind it lies further on.
    for (at, more) in [(4, 4), (12, 4), (36, 4)] {
        let word = u32::from_be_bytes(*old[at..].first_chunk().expect("a header"));
        let moved = if at == 12 && (word as usize) < start { word } else { word + more };
        old[at..at + 4].copy_from_slice(&moved.to_be_bytes());
    }
    assert_eq!(boot_hart(Tree::new(&old).expect("a sound tree")), Some(9));
}

#[test]
fn the_boot_hart_takes_one_cell_or_two() {
    let hart = |value: &[u8]| {
        let bytes = tree(&[("boot-hartid", value.to_vec())]);
        boot_hart(Tree::new(&bytes).expect("a tree"))
    };
    assert_eq!(hart(&[1, 2, 3, 4]), Some(0x0102_0304));
    assert_eq!(hart(&[1, 2, 3, 4, 5, 6, 7, 8]), Some(0x0102_0304_0506_0708));
    for size in [0, 1, 3, 5, 7, 9, 16] {
        assert_eq!(hart(&vec![0; size]), None, "{size} bytes");
    }
}

fn screen() -> Framebuffer {
    let format = PixelFormat::of(Masks { red: 0xff_0000, green: 0xff00, blue: 0xff }).expect("a name");
    let range = range(0xfd00_0000, 0xfd30_0000);
    Framebuffer { range, width: 1024, height: 768, stride: 4096, format }
}

/// Returns how often a property stands in `/chosen`.
fn count(bytes: &[u8], name: &str) -> usize {
    use dtoolkit::{Node, Property};
    let fdt = dtoolkit::fdt::Fdt::new(bytes).expect("a valid tree");
    let chosen = fdt.root().children().find(|child| child.name() == "chosen").expect("the node");
    chosen.properties().filter(|property| property.name() == name).count()
}

#[test]
fn a_loader_replaces_its_own_properties_alone() {
    let map = map();
    let names = ["linux,initrd-start", "linux,initrd-end", "rng-seed", "bootargs", "ranges", "#size-cells"];
    let mut properties = names.map(|name| (name, vec![0x5a; 8])).to_vec();
    properties.push(("stdout-path", b"/soc/serial\0".to_vec()));
    let old = tree(&properties);
    let bytes = written(&old, &plain(&map));
    for (name, before) in &properties {
        assert_eq!(value(&bytes, &["chosen"], name), Some(before.clone()), "{name} is not replaced");
    }
    let line: Vec<u8> = "quiet".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let all = [
        Boot { command_line: LoadOptions::new(&line), ..plain(&map) },
        Boot { initrd: Some(range(0x8100_0000, 0x8100_1000)), ..plain(&map) },
        Boot { entropy: Some(&[7; 32]), ..plain(&map) },
        Boot { framebuffer: Some(screen()), ..plain(&map) },
    ];
    let replaced = [&["bootargs"][..], &names[..2], &["rng-seed"], &names[4..]];
    for (boot, replaced) in all.iter().zip(replaced) {
        let bytes = written(&old, boot);
        for (name, before) in &properties {
            let stays = value(&bytes, &["chosen"], name) == Some(before.clone());
            assert_eq!(stays, !replaced.contains(name), "{name} of {replaced:?}");
            assert_eq!(count(&bytes, name), 1, "{name} of {replaced:?}");
        }
    }
}

#[test]
fn a_framebuffer_that_the_tree_has_already_stays_the_only_one() {
    let map = map();
    let boot = Boot { framebuffer: Some(screen()), ..plain(&map) };
    let nodes = |name: &str| {
        let mut old = dtoolkit::model::DeviceTree::new();
        let mut chosen = dtoolkit::model::DeviceTreeNode::new("chosen").expect("a name");
        chosen.add_child(dtoolkit::model::DeviceTreeNode::new(name).expect("a name"));
        old.root.add_child(chosen);
        let bytes = written(&old.to_dtb(), &boot);
        value(&bytes, &["chosen", "framebuffer@fd000000"], "width").is_some()
    };
    assert!(!nodes("framebuffer@1"), "the tree has one");
    assert!(nodes("module@1"), "another node is no framebuffer");
    // Properties come before nodes, and one of that name is no node.
    let bytes = written(&tree(&[("framebuffer", vec![1])]), &boot);
    assert!(value(&bytes, &["chosen", "framebuffer@fd000000"], "width").is_some());
}

#[test]
fn no_text_of_a_boot_holds_its_entropy() {
    let map = map();
    let text = format!("{:?}", Boot { entropy: Some(&[0xa7; 32]), ..plain(&map) });
    assert!(text.contains("hart: 3") && !text.contains("167") && !text.contains("a7"), "{text}");
}
