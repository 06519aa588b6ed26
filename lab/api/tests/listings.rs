//! The public API against the listings in `docs/api`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use landfall_api::listings;
use landfall_project::root;

#[test]
fn the_public_api_is_what_the_listings_show() {
    let listings = listings(Path::new(env!("CARGO_BIN_EXE_landfall-api"))).expect("each crate's items");
    let mut differences = Vec::new();
    for listing in &listings {
        assert!(!listing.items.is_empty(), "{} has no public item", listing.package);
        let of_this = |line| format!("{}: {line}", listing.package);
        differences.extend(listing.difference().into_iter().map(of_this));
    }
    assert!(
        differences.is_empty(),
        "\n{}\nthe public API is not what docs/api lists; undo the change, or run \
         `cargo run -p landfall-api` and commit the listings",
        differences.join("\n")
    );
    let kernel = listings.iter().find(|listing| listing.package == "landfall").expect("the kernel's crate");
    assert!(kernel.items.contains("landfall::Landing"), "the kernel's half is listed, for its target");
    let files = fs::read_dir(root().join("docs/api")).expect("the listings");
    let files: BTreeSet<_> = files.map(|file| file.expect("a file").file_name()).collect();
    let names = listings.iter().map(|listing| listing.path().file_name().expect("a name").to_owned());
    assert_eq!(files, names.collect(), "docs/api has a file for each published library and no other");
}
