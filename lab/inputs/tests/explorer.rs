//! The built page is that of the sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use landfall_inputs::{LIST, list};

#[test]
fn the_explorer_is_built_from_these_sources() {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let built = fs::read_to_string(checkout.join(LIST)).expect("the list");
    let sources = list(&checkout).expect("the sources");
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (built, sources) = (lines(&built), lines(&sources));
    let changed: BTreeSet<_> = built
        .symmetric_difference(&sources)
        .filter_map(|line| line.split_once(' ').map(|line| line.1))
        .collect();
    assert!(
        changed.is_empty(),
        "the explorer was built from other sources; run `cargo run` in lab/explorer and commit its result; these differ: {changed:#?}"
    );
}
