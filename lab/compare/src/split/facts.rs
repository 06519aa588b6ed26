//! The parts' numbers, each with its source.

use landfall_hart::tlb::{PARTS, Source};

use crate::table::{Cell, Table};

/// The table of sources that users see.
#[must_use]
pub fn facts() -> Table {
    let rows = PARTS.iter().flat_map(|part| {
        part.facts.iter().map(|fact| {
            let source = match fact.source {
                Source::Published(place) => place.to_owned(),
                Source::Assumed(reason) => format!("**assumed**: {reason}"),
            };
            vec![part.name.into(), fact.what.into(), Cell::Text(source)]
        })
    });
    Table {
        title: "Translation caches: each number and its source",
        columns: vec!["caches", "property", "source"],
        rows: rows.collect(),
    }
}
