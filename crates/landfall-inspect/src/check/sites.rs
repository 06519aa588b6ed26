//! The table of patched constants. Module `code` judges the instructions at the sites.

use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::{Kind, Subject};

/// Checks the table.
pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    match subject.kind() {
        // Its table is found by symbols. A file without symbols is reported once.
        Kind::LandfallElf if !subject.symbols().is_empty() => {}
        _ => return,
    }
    let sites = match subject.sites() {
        Ok(sites) => sites,
        Err(error) => {
            inspection.add(Finding::new(Code::SiteTable, error.at, error.to_string()));
            return;
        }
    };
    let mut sorted: Vec<_> = sites.iter().collect();
    sorted.sort_by_key(|site| site.address);
    for pair in sorted.windows(2) {
        let [first, second] = pair else { continue };
        if second.address.wrapping_offset_from(first.address) < first.kind.size() {
            let found = format!(
                "the records at {} and {} name {} and {}",
                first.record, second.record, first.address, second.address
            );
            inspection.add(Finding::new(Code::SiteOverlap, second.address, found));
        }
    }
}
