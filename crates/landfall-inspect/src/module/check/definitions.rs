//! Symbols that the module defines: duplicates, entry points, common ones.

use super::symbol::{self, Value};
use crate::finding::{Code, Finding};
use crate::inspection::Inspection;
use crate::subject::{Defined, Section, Subject};

/// The functions that the loader calls.
const ENTRIES: [&str; 2] = ["landfall_init", "landfall_exit"];

pub(super) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    let mut names = Vec::new();
    for symbol in symbol::global(subject) {
        let place = || format!("symbol {}", symbol.name);
        match symbol.value {
            Value::Common => {
                let found = format!("{} bytes without a place", symbol.size);
                inspection.add_with(Code::ModuleCommon, || Finding::new(Code::ModuleCommon, place(), found));
            }
            Value::Undefined => continue,
            Value::At(_) | Value::NotLoaded | Value::Absolute => {}
        }
        names.push(symbol.name);
        if !ENTRIES.contains(&symbol.name) {
            continue;
        }
        let is_code = match symbol.value {
            Value::At(at) => symbol::section_at(subject, at).is_some_and(Section::is_code),
            _ => false,
        };
        if !is_code {
            inspection.add(Finding::new(Code::ModuleEntry, place(), "it is not in code".to_owned()));
        }
    }
    names.sort_unstable();
    duplicates(&names, inspection);
    for name in ENTRIES {
        let local = subject.symbols().all().iter().find(|symbol| symbol.mangled == name);
        let local = local.filter(|symbol| symbol.defined == Defined::Section);
        if let Some(symbol) = local.filter(|_| names.binary_search(&name).is_err()) {
            inspection.add(Finding::new(Code::ModuleEntry, symbol.address, "it is a local symbol"));
        }
    }
}

fn duplicates(names: &[&str], inspection: &mut Inspection) {
    for pair in names.windows(2) {
        if let [first, second] = pair
            && first == second
        {
            inspection.add_with(Code::ModuleDuplicate, || {
                let place = format!("symbol {first}");
                Finding::new(Code::ModuleDuplicate, place, "the symbol table defines it twice")
            });
        }
    }
}
