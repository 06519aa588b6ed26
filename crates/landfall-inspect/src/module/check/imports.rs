//! Symbols that others have to define, against the interface of the kernel and of other modules.

use object::elf;

use super::records::Imports;
use super::symbol::{self, Value};
use crate::finding::{At, Code, Finding};
use crate::hints::Hints;
use crate::inspection::Inspection;
use crate::module::about::{self, About, BuildId};
use crate::subject::Subject;

/// More names are counted and not listed.
const LISTED: usize = 20;

pub(super) fn check(
    subject: &Subject<'_>,
    about: &About<'_>,
    imports: &Imports<'_>,
    hints: &Hints,
    inspection: &mut Inspection,
) {
    let mut wanted: Vec<_> = symbol::global(subject)
        .filter(|symbol| symbol.value == Value::Undefined && symbol.bind != elf::STB_WEAK)
        .map(|symbol| symbol.name)
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let unstable = match &hints.kernel {
        None => {
            note(&wanted, inspection);
            let is_unstable = |name: &&&str| !imports.contains_key(**name) && !is_loaded(hints, name);
            wanted.iter().filter(is_unstable).copied().collect()
        }
        Some(_) => bind(&wanted, imports, hints, inspection),
    };
    identity(subject, about, &unstable, hints, inspection);
}

fn is_loaded(hints: &Hints, name: &str) -> bool {
    hints.loaded.iter().any(|module| module.signature(name).is_some())
}

/// Lists the symbols that no interface was checked for.
fn note(wanted: &[&str], inspection: &mut Inspection) {
    if !wanted.is_empty() {
        let because = format!("no kernel is named; the module uses {}; add --kernel", list(wanted));
        inspection.skip("symbols that the kernel has to export", because);
    }
}

/// Compares each wanted symbol with its export. Returns those that only a module of the kernel's
/// own build can bind.
fn bind<'a>(
    wanted: &[&'a str],
    imports: &Imports<'_>,
    hints: &Hints,
    inspection: &mut Inspection,
) -> Vec<&'a str> {
    let mut unstable = Vec::new();
    for &name in wanted {
        let import = imports.get(name).copied();
        let place = || At::File(format!("symbol {name}"));
        let kernel = hints.kernel.as_ref().and_then(|kernel| kernel.signature(name));
        let module = || hints.loaded.iter().find_map(|module| module.signature(name));
        let found = kernel.map(|export| (export, true)).or_else(|| Some((module()?, false)));
        let Some((export, is_kernel)) = found else {
            let found = "nothing exports it";
            inspection.add_with(Code::ModuleSymbol, || Finding::new(Code::ModuleSymbol, place(), found));
            continue;
        };
        match import {
            Some(import) if import != export => {
                let found = format!("`{import}`, and the export is {}", shown(export));
                inspection
                    .add_with(Code::ModuleSignature, || Finding::new(Code::ModuleSignature, place(), found));
            }
            Some(_) => {}
            None if is_kernel => unstable.push(name),
            None => {
                let found = format!(
                    "no signature, and another module's export binds by signature alone: {}",
                    shown(export)
                );
                inspection
                    .add_with(Code::ModuleSignature, || Finding::new(Code::ModuleSignature, place(), found));
            }
        }
    }
    unstable
}

fn shown(signature: &str) -> String {
    if signature.is_empty() { "not stable".to_owned() } else { format!("`{signature}`") }
}

/// Requires the kernel's build ID of a module that uses `unstable` symbols.
fn identity(
    subject: &Subject<'_>,
    about: &About<'_>,
    unstable: &[&str],
    hints: &Hints,
    inspection: &mut Inspection,
) {
    if unstable.is_empty() {
        return;
    }
    let place = match subject.section(about::SECTION) {
        Some(section) => At::Address(section.address),
        None => At::File("the file".to_owned()),
    };
    let uses = list(unstable);
    match (about.kernel, hints.kernel.as_ref().map(|kernel| kernel.build_id)) {
        (None, _) => {
            let found = format!("it states no kernel, and uses {uses}");
            inspection.add(Finding::new(Code::ModuleBuildId, place, found));
        }
        (Some(own), Some(kernel)) if Some(own) != kernel => {
            let kernel = kernel.as_ref().map_or("none".to_owned(), BuildId::to_string);
            let found =
                format!("it was built for {own}, and the kernel's build ID is {kernel}; it uses {uses}");
            inspection.add(Finding::new(Code::ModuleKernel, place, found));
        }
        (Some(_), _) => {}
    }
}

fn list(names: &[&str]) -> String {
    let listed: Vec<_> = names.iter().take(LISTED).copied().collect();
    let more = names.len() - listed.len();
    let rest = if more == 0 { String::new() } else { format!(", and {more} more") };
    format!("{}{rest}", listed.join(", "))
}
