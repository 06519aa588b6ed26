//! Records of imports, exports and parameters.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use object::elf;

use super::symbol::{self, Value};
use crate::finding::{Code, Finding};
use crate::hints::Hints;
use crate::inspection::Inspection;
use crate::module::{exports, parameter, text};
use crate::subject::Subject;

/// The sections of text.
const IMPORTS: &str = ".landfall.imports";
const PARAMETERS: &str = ".landfall.params";

/// The signature of each stable import.
pub(super) type Imports<'data> = BTreeMap<&'data str, &'data str>;

pub(super) fn check<'data>(
    subject: &Subject<'data>,
    hints: &Hints,
    inspection: &mut Inspection,
) -> Imports<'data> {
    exports(subject, hints, inspection);
    parameters(subject, inspection);
    imports(subject, inspection)
}

fn imports<'data>(subject: &Subject<'data>, inspection: &mut Inspection) -> Imports<'data> {
    let mut imports = Imports::new();
    for line in text::lines(subject, IMPORTS) {
        let pair = line.pair().filter(|(_, signature)| !signature.is_empty());
        let Some((symbol, signature)) = pair else {
            let found = || "an import that is no `symbol=signature` with a NUL at its end".to_owned();
            inspection.add_at(Code::ModuleRecord, line.at, found);
            continue;
        };
        match imports.entry(symbol) {
            Entry::Vacant(entry) => drop(entry.insert(signature)),
            // Two object files may import the same.
            Entry::Occupied(entry) if *entry.get() == signature => {}
            Entry::Occupied(entry) => {
                let found =
                    || format!("an import of `{symbol}` as `{signature}`, and before as `{}`", entry.get());
                inspection.add_at(Code::ModuleDuplicate, line.at, found);
            }
        }
    }
    imports
}

fn exports(subject: &Subject<'_>, hints: &Hints, inspection: &mut Inspection) {
    let Some(section) = subject.section(exports::SECTION) else { return };
    let size = usize::try_from(section.size).unwrap_or(usize::MAX);
    let (records, fault) =
        exports::read(subject.bytes(section.address, size).unwrap_or_default(), section.address);
    if let Some(fault) = fault {
        inspection.add(Finding::new(Code::ModuleRecord, fault.at, format!("an export with {}", fault.found)));
    }
    let mut addresses: Vec<_> = subject
        .relocations()
        .iter()
        .filter(|relocation| relocation.kind.0 == elf::R_RISCV_64 && section.holds(relocation.place))
        .map(|relocation| relocation.place)
        .collect();
    addresses.sort_unstable();
    let mut names = BTreeSet::new();
    for record in &records {
        if addresses.binary_search(&record.at).is_err() {
            let found = || format!("an export of `{}` without an address (R_RISCV_64)", record.symbol);
            inspection.add_at(Code::ModuleRecord, record.at, found);
        }
        let others = hints.kernel.iter().chain(&hints.loaded);
        if !names.insert(record.symbol) {
            let found = || format!("an export of `{}` once more", record.symbol);
            inspection.add_at(Code::ModuleDuplicate, record.at, found);
        } else if others.clone().any(|other| other.signature(record.symbol).is_some()) {
            let found =
                || format!("an export of `{}`, which the kernel or another module exports", record.symbol);
            inspection.add_at(Code::ModuleDuplicate, record.at, found);
        }
    }
}

fn parameters(subject: &Subject<'_>, inspection: &mut Inspection) {
    let lines = text::lines(subject, PARAMETERS);
    if lines.is_empty() {
        return;
    }
    let variables: BTreeMap<_, _> = symbol::global(subject)
        .filter_map(|symbol| Some((symbol.name.strip_prefix(parameter::VARIABLE)?, symbol)))
        .collect();
    let mut names = BTreeSet::new();
    for line in lines {
        let mut fault = |code, found: String| inspection.add_at(code, line.at, || found);
        let Some((name, kind)) = line.pair() else {
            fault(Code::ModuleRecord, "a parameter that is no `name=type` with a NUL at its end".to_owned());
            continue;
        };
        let Some(size) = parameter::size(kind) else {
            fault(Code::ModuleRecord, format!("the parameter `{name}` has the unknown type `{kind}`"));
            continue;
        };
        if !names.insert(name) {
            fault(Code::ModuleDuplicate, format!("the parameter `{name}` once more"));
            continue;
        }
        let variable = variables.get(name);
        let section = variable.and_then(|variable| match variable.value {
            Value::At(at) => symbol::section_at(subject, at),
            _ => None,
        });
        match (variable, section) {
            (None, _) => fault(
                Code::ModuleRecord,
                format!("the parameter `{name}` has no variable {}{name}", parameter::VARIABLE),
            ),
            (_, Some(section)) if !section.is_writable() => fault(
                Code::ModuleRecord,
                format!(
                    "the variable of the parameter `{name}` is in {}, which is not writable",
                    section.name
                ),
            ),
            (_, None) => {
                fault(Code::ModuleRecord, format!("the variable of the parameter `{name}` has no place"));
            }
            (Some(variable), _) if variable.size != 0 && variable.size < size => fault(
                Code::ModuleRecord,
                format!(
                    "the variable of the parameter `{name}` has {} bytes, and its type {size}",
                    variable.size
                ),
            ),
            _ => {}
        }
    }
}
