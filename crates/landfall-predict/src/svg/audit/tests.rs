//! Pictures of audits.

use landfall_audit::memory::{Memory, Missing, Page};
use landfall_audit::{
    Audit, Kind, Known, LeafSize, Mode, Named, Origin, PAGE, Phys, Request, Root, Span, Virt, audit,
};
use proptest::prelude::*;
use roxmltree::Document;

use super::draw;
use crate::svg::tests::{check_source, words};

/// Tables in memory, from address 0 on.
struct Tables(Vec<[u64; 512]>);

impl Memory for Tables {
    fn read(&mut self, at: Phys, page: &mut Page) -> Result<(), Missing> {
        let index = usize::try_from(at.0 / PAGE).map_err(|_| Missing::Hole)?;
        let words = self.0.get(index).ok_or(Missing::Hole)?;
        for (bytes, word) in page.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *bytes = word.to_le_bytes();
        }
        Ok(())
    }

    fn spans(&self) -> Vec<Span<Phys>> {
        vec![Span::new(Phys(0), self.0.len() as u64 * PAGE)]
    }
}

fn audited(mut tables: Tables, roots: Vec<Root>, known: Known) -> Audit {
    let roots = roots.into_iter().map(|root| (root, Origin::Given)).collect();
    audit(&mut tables, &Request { roots, known, ..Request::default() })
}

const ROOT: Root = Root { mode: Mode::Sv39, table: Phys(0) };

/// V, R, W, X, G, A and D.
const RWX: u64 = 0xef;

/// A linear map of two gigabytes, and three pages of code of which one is writable too.
fn sample() -> Audit {
    let mut root = [0; 512];
    let (mut middle, mut last) = ([0; 512], [0; 512]);
    root[256] = 2 << 28 | 0xe7;
    root[257] = 3 << 28 | 0xe7;
    root[511] = 1 << 10 | 1;
    middle[0] = 2 << 10 | 1;
    last[..3].copy_from_slice(&[0x8_0000 << 10 | 0xeb, 0x8_0001 << 10 | RWX, 0x8_0002 << 10 | 0xeb]);
    audited(Tables(vec![root, middle, last]), vec![ROOT], Known::default())
}

fn words_of(audit: &Audit) -> Vec<String> {
    let source = draw(audit);
    check_source(&source);
    assert_eq!(source, draw(audit));
    words(&Document::parse(&source).expect("well-formed"))
}

#[test]
fn regions_parts_and_findings_are_in_words() {
    let words = words_of(&sample());
    for word in [
        "Mappings in sv39",
        "Root 0, sv39, at 0x0",
        "linear-map",
        "image",
        "0xffffffc000000000",
        "0xffffffffc0001000",
        "→ 0x80001000  -GAD",
        "2×1G",
        "3×4K",
        "RWX",
        "leaf-wx",
        "A leaf that is both writable and executable",
    ] {
        assert!(words.iter().any(|own| own == word), "{word} is not in {words:?}");
    }
}

#[test]
fn a_finding_is_marked_by_its_number_and_its_code() {
    let audit = sample();
    let words = words_of(&audit);
    let codes: Vec<_> = audit.findings.codes().map(|code| code.name().to_owned()).collect();
    assert!(codes.contains(&"leaf-wx".to_owned()));
    for (index, code) in codes.iter().enumerate() {
        // In the list, and beside the part.
        let marks = words.windows(2).filter(|pair| pair[0] == (index + 1).to_string() && pair[1] == *code);
        assert!(marks.count() >= 2, "{code}: {words:?}");
    }
    let description = draw(&audit);
    assert!(description.contains("1 leaf-wx"), "the description names the findings");
}

#[test]
fn no_mapping_and_no_root_are_pictures_too() {
    let empty = audited(Tables(vec![[0; 512]]), vec![ROOT], Known::default());
    assert!(words_of(&empty).contains(&"No findings".to_owned()));
    words_of(&audited(Tables(Vec::new()), Vec::new(), Known::default()));
}

#[test]
fn no_name_becomes_markup_and_no_audit_is_large() {
    let hostile = "</text><script>alert('1')</script>&amp;\"\0\u{ffff}".repeat(50);
    // Each page of a table has another permission than its neighbors, and another region.
    let flags = [0xe3, 0xe7, 0xeb, RWX];
    let table: [u64; 512] = std::array::from_fn(|page| (page as u64) << 10 | flags[page % 4]);
    let (mut root, middle) = ([0; 512], [2 << 10 | 1; 512]);
    root[256..].fill(1 << 10 | 1);
    let region = |page: u64| {
        let start = Virt(0xffff_ffc0_0000_0000 + page * 2 * PAGE);
        Named { span: Span::new(start, PAGE), kind: Kind::Image, name: hostile.clone() + &page.to_string() }
    };
    let names = (0..512).map(|page| (Virt(0xffff_ffc0_0000_0000 + page * PAGE), hostile.clone())).collect();
    let layout = landfall_audit::Layout::new((0..256).map(region));
    let roots = vec![ROOT; 9];
    let audit =
        audited(Tables(vec![root, middle, table]), roots, Known { names, layout, ..Known::default() });
    assert!(audit.roots[0].regions.len() > 100 && audit.findings.codes().count() > 1);
    words_of(&audit);
}

/// Entries that lead to one of the tables, that are leaves, or anything.
fn entry() -> impl Strategy<Value = u64> {
    prop_oneof![
        (0_u64..6).prop_map(|table| table << 10 | 1),
        (0_u64..1 << 12, any::<u8>()).prop_map(|(page, flags)| page << 28 | u64::from(flags) | 3),
        any::<u64>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tables_are_a_picture(
        tables in prop::collection::vec(prop::collection::vec((0_usize..512, entry()), 1..60), 1..6),
        modes in prop::collection::vec(prop::sample::select(Mode::ALL.to_vec()), 1..6),
    ) {
        let page = |entries: Vec<(usize, u64)>| {
            let mut page = [0; 512];
            for (index, bits) in entries {
                page[index] = bits;
            }
            page
        };
        let roots = modes.into_iter().zip(0..).map(|(mode, table)| Root { mode, table: Phys(table * PAGE) });
        let tables = Tables(tables.into_iter().map(page).collect());
        words_of(&audited(tables, roots.collect(), Known::default()));
    }
}

#[test]
fn sizes_of_leaves_have_the_same_bytes() {
    for size in landfall_paging::LeafSize::ALL {
        assert!(LeafSize::ALL.iter().any(|own| own.bytes() == size.bytes() && own.name() == size.name()));
    }
}
