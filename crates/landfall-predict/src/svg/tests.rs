//! The picture as a whole.

use landfall_paging::{Access, LeafCount, LeafSize, Mode};
use roxmltree::{Document, Node};

use super::canvas::WIDTH;
use super::{draw, draw_small, samples, style};
use crate::space::{AddressSpace, Content, Kind, Memory, Part, Region, Split};

/// No picture may be larger.
const LARGEST: usize = 1 << 20;

/// Everything that can be read in a picture, and only that.
pub(super) fn words(picture: &Document<'_>) -> Vec<String> {
    let texts = picture.descendants().filter(|node| node.has_tag_name((SVG, "text")));
    texts.map(|node| node.text().unwrap_or("").to_owned()).collect()
}

const SVG: &str = "http://www.w3.org/2000/svg";

/// Checks that a picture is XML, stands for itself, keeps to its paper, and is the same each time.
pub(super) fn check(space: &AddressSpace) -> String {
    check_picture(space, draw)
}

fn check_picture(space: &AddressSpace, draw: fn(&AddressSpace) -> String) -> String {
    let source = draw(space);
    assert_eq!(source, draw(space));
    check_source(&source);
    source
}

/// Checks all but that it is the same each time.
pub(super) fn check_source(source: &str) {
    assert!(source.len() < LARGEST, "{} bytes", source.len());
    let picture = Document::parse(source).expect("well-formed");
    let view = picture.root_element().attribute("viewBox").expect("a view box");
    let height: u32 =
        view.strip_prefix(&format!("0 0 {WIDTH} ")).expect("the width").parse().expect("a height");
    // Without a height, a viewer shrinks the whole column to the height of its window.
    let size = |name| picture.root_element().attribute(name).and_then(|size| size.parse().ok());
    assert_eq!((size("width"), size("height")), (Some(WIDTH), Some(height)));
    let style = picture.descendants().find(|node| node.has_tag_name((SVG, "style"))).expect("a style sheet");
    let style = style.text().unwrap_or_default();
    assert!(style.contains("width:100%;height:auto;max-width:760px"), "fits narrow and wide windows");
    for node in picture.descendants().filter(Node::is_element) {
        let known = ["svg", "title", "desc", "style", "defs", "pattern", "rect", "path", "text"];
        assert!(known.contains(&node.tag_name().name()), "{}", node.tag_name().name());
        assert!(node.attributes().all(|attribute| !attribute.name().contains("href")));
        let number =
            |name| node.attribute(name).map_or(0, |number| number.parse::<u32>().expect("a whole number"));
        if node.has_tag_name((SVG, "rect")) || node.has_tag_name((SVG, "text")) {
            assert!(number("x") + number("width") <= WIDTH, "{node:?}");
            assert!(number("y") + number("height") <= height, "{node:?}");
        }
    }
}

#[test]
fn every_region_is_named_with_its_place_and_its_size() {
    for space in samples::all() {
        let source = check(&space);
        let words = words(&Document::parse(&source).expect("well-formed"));
        for region in &space.regions {
            for word in [
                style::name(region.kind).to_owned(),
                format!("{:#x}", region.start),
                super::text::size(region.size.into()),
            ] {
                assert!(words.contains(&word), "{word} is not in the picture of {}", space.mode);
            }
        }
    }
}

#[test]
fn a_small_picture_names_every_region_but_guards() {
    for space in samples::all() {
        let source = check_picture(&space, draw_small);
        let words = words(&Document::parse(&source).expect("well-formed"));
        for region in space.regions.iter().filter(|region| region.kind != Kind::Guard) {
            assert!(words.contains(&style::name(region.kind).to_owned()), "{:?}", region.kind);
            assert!(words.contains(&super::text::size(region.size.into())), "{:?}", region.kind);
        }
        assert!(!words.contains(&"guard".to_owned()));
    }
}

#[test]
fn small_and_large_can_be_read() {
    let source = check(&samples::large());
    let words = words(&Document::parse(&source).expect("well-formed"));
    for word in [
        "4K",
        "2M",
        "1G",
        "512G",
        "256T",
        "2 MiB",
        "15.71 PiB",
        "64 KiB",
        "A cell is 512 GiB.",
        "A cell is 4 KiB.",
    ] {
        assert!(words.iter().any(|other| other == word), "{word} is not in the picture");
    }
}

#[test]
fn a_split_shows_what_is_in_its_way_and_what_stands_in_its_place() {
    let source = check(&samples::small());
    let words = words(&Document::parse(&source).expect("well-formed"));
    for word in [
        "no-map memory (firmware) 0x80000000..0x80060000",
        "the kernel's text and constants, which are read-only",
        "alias of text and constants",
        "510×2M",
        "outside of the linear map",
    ] {
        assert!(words.iter().any(|other| other == word), "{word} is not in the picture");
    }
    // The alias is the first 25 pages of its 2 MiB: one stretch of cells in one row.
    assert!(source.contains("to 0xffffffd200218fff: 25 cells, 4K leaves, R--"));
    // Firmware's memory is three rows of 32 pages.
    assert!(source.contains("to 0xffffffd20005ffff: 96 cells, not mapped"));
}

#[test]
fn what_does_not_fit_is_counted() {
    let source = check(&samples::holes());
    assert!(source.len() < LARGEST / 8, "{} bytes", source.len());
    let words = words(&Document::parse(&source).expect("well-formed"));
    for word in [
        "… and 246 more like these, 7872 KiB mapped",
        "… and 62 more like these of 1 GiB",
        "… and 62 more causes",
    ] {
        assert!(words.iter().any(|other| other == word), "{word} is not in {words:?}");
    }
}

#[test]
fn no_word_of_the_model_becomes_markup() {
    let hostile = "</text><script>alert('1')</script>&amp;\"\0\u{ffff}";
    let mut space = samples::small();
    for region in &mut space.regions {
        for part in &mut region.parts {
            match &mut part.content {
                Content::Mapped { what: name, .. } | Content::Hole { why: name } => hostile.clone_into(name),
            }
        }
        for split in &mut region.splits {
            split.causes = vec![hostile.repeat(100); 100];
        }
    }
    check(&space);
}

#[test]
fn the_worst_of_models_stays_small() {
    let leaf = |index: u64| {
        let access = if index.is_multiple_of(4) { Access::ReadWrite } else { Access::ReadOnly };
        let content = Content::Mapped {
            what: "\u{1}<".repeat(1000),
            physical: index << 12,
            access,
            leaves: LeafCount::NONE,
        };
        Part { start: 0xffff_ffc0_0000_0000 + (index << 12), size: 4096, content }
    };
    let split = |(index, leaf): (u64, LeafSize)| Split {
        start: 0xffff_ffc0_0000_0000 + (index << 16),
        physical: index << 16,
        leaf,
        causes: vec!["&".repeat(10_000); 10],
    };
    let parts: Vec<Part> = (0..4000).map(|index| leaf(index * 2)).collect();
    let region = |kind| Region {
        kind,
        start: 0xffff_ffc0_0000_0000,
        size: 1 << 30,
        parts: parts.clone(),
        splits: (0..100).zip(LeafSize::ALL.into_iter().cycle()).map(split).collect(),
    };
    let regions =
        [Kind::LinearMap, Kind::Kernel, Kind::Near, Kind::Stacks].into_iter().cycle().take(60).map(region);
    check(&AddressSpace {
        mode: Mode::Sv39,
        regions: regions.collect(),
        tables: Memory { physical: 0, size: 0 },
    });
}

#[test]
fn nothing_at_all_is_a_picture_too() {
    check(&AddressSpace { mode: Mode::Sv57, regions: Vec::new(), tables: Memory { physical: 0, size: 0 } });
}
