//! The built book stands alone: each link of each page leads to a file and an anchor of the book.

mod frames;
mod page;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use landfall_prose::links::normal;
use mdbook_driver::MDBook;
use page::Page;
use walkdir::WalkDir;

/// The only page with addresses of other sites.
const REFERENCES: &str = "references.html";

/// Builds the book, and returns the folder of its pages.
fn build() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book");
    let mut book = MDBook::load(source).expect("the book loads");
    book.config.build.build_dir.clone_from(&built);
    book.config.set("output.html.search.enable", false).expect("a setting");
    book.config.set("output.html.print.enable", false).expect("a setting");
    book.build().expect("the book builds");
    built
}

/// Returns the pages by their path in the book.
fn pages(built: &Path) -> BTreeMap<PathBuf, Page> {
    let mut pages = BTreeMap::new();
    for entry in WalkDir::new(built) {
        let path = entry.expect("the built book is readable").into_path();
        if path.extension().is_some_and(|extension| extension == "html") {
            let text = fs::read_to_string(&path).expect("a page is readable");
            pages.insert(path.strip_prefix(built).expect("a page of the book").to_owned(), Page::read(&text));
        }
    }
    pages
}

fn fault(built: &Path, pages: &BTreeMap<PathBuf, Page>, page: &Path, link: &str) -> Option<&'static str> {
    if link.contains("://") || link.starts_with("mailto:") {
        return (page != Path::new(REFERENCES)).then_some("leads to another site");
    }
    if link.starts_with("data:") || link.starts_with("javascript:") {
        return None;
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let found = if path.is_empty() { Some(page.to_owned()) } else { normal(page, path) };
    let Some(found) = found else { return Some("leads out of the book") };
    if !built.join(&found).is_file() {
        return Some("does not exist");
    }
    if found == Path::new(frames::EXPLORER) && found != page {
        // The explorer's anchor is its state.
        return frames::fault(anchor);
    }
    let has = |page: &Page| page.anchors.contains(anchor);
    let is_known = anchor.is_empty() || pages.get(&found).is_some_and(has);
    (!is_known).then_some("names no anchor of its page")
}

#[test]
fn every_link_of_the_built_book_leads_to_a_page_of_it() {
    let built = build();
    let pages = pages(&built);
    assert!(pages.len() > 40, "{} pages", pages.len());
    let has = |page: &str, anchor: &str| pages[Path::new(page)].anchors.contains(anchor);
    assert!(has("explorer.html", "explore-a-layout") && has(frames::EXPLORER, "landfall-engine"));
    // The introduction's picture, the chapter on the address space, and each choice of a policy.
    let frames = |name: &str| {
        let links = &pages[Path::new(name)].links;
        links.iter().filter(|link| link.starts_with(frames::EXPLORER)).count()
    };
    assert!(
        frames("introduction.html") == 1 && frames("address-space.html") == 1 && frames("policy.html") == 17
    );
    let mut faults = Vec::new();
    // The page for unknown addresses has links from the root of a site.
    for (path, page) in pages.iter().filter(|(path, _)| *path != Path::new("404.html")) {
        for link in &page.links {
            if let Some(fault) = fault(&built, &pages, path, link) {
                faults.push(format!("{}: `{link}` {fault}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}
