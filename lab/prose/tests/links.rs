//! Links and paths of this checkout lead somewhere, and none leaves the book.

use std::path::Path;

use landfall_prose::links::Documents;

fn documents() -> Documents {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Documents::of_checkout(&root).expect("the checkout is readable")
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_and_none_leaves_the_book() {
    let faults = documents().link_faults();
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_page_is_in_the_book_once() {
    let faults = documents().page_faults();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_path_in_code_font_exists() {
    let faults = documents().path_faults().expect("the checkout is readable");
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}
