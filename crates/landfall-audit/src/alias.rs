//! Aliases: frames that are mapped at several addresses, and by conflicting rules.
//!
//! All runs are sorted by their physical addresses, once. One pass keeps, for each class of
//! mappings, the run that reaches furthest. A later run that begins before its end has memory in
//! common with it. So each run that begins within another one is reported, whatever their number.

use crate::address::{Phys, Span};
use crate::attributes::MemoryType;
use crate::finding::{Code, Finding, Findings};
use crate::run::Run;

/// A run of a root.
#[derive(Clone, Copy)]
struct Of<'a> {
    root: usize,
    run: &'a Run,
}

/// The run of a class that reaches furthest.
#[derive(Clone, Copy, Default)]
struct Furthest<'a>(Option<Of<'a>>);

impl<'a> Furthest<'a> {
    fn add(&mut self, of: Of<'a>) {
        if self.0.is_none_or(|own| own.run.phys_end() < of.run.phys_end()) {
            self.0 = Some(of);
        }
    }

    fn reaching(self, phys: Phys) -> Option<Of<'a>> {
        self.0.filter(|own| own.run.phys_end() > phys.0)
    }
}

/// Writable or executable mappings, by the mode that uses them.
#[derive(Clone, Copy, Default)]
struct Class<'a> {
    any: Furthest<'a>,
    user: Furthest<'a>,
    kernel: Furthest<'a>,
}

impl<'a> Class<'a> {
    fn add(&mut self, of: Of<'a>) {
        self.any.add(of);
        if of.run.attributes.user() { self.user.add(of) } else { self.kernel.add(of) }
    }
}

/// Adds the findings about frames with several addresses.
pub(crate) fn check(roots: &[&[Run]], findings: &mut Findings) {
    // A run is named by two numbers, because there may be millions.
    let named =
        |(root, runs): (usize, &&[Run])| (0..runs.len()).map(move |index| (number(root), number(index)));
    let mut order: Vec<(u32, u32)> = roots.iter().enumerate().flat_map(named).collect();
    let run =
        |(root, index): (u32, u32)| Of { root: root as usize, run: &roots[root as usize][index as usize] };
    order.sort_unstable_by_key(|name| (run(*name).run.phys, *name));

    let (mut writable, mut executable) = (Class::default(), Class::default());
    let mut types: Vec<(MemoryType, Furthest<'_>)> = Vec::new();
    for of in order.into_iter().map(run) {
        let Run { phys, attributes, .. } = *of.run;
        if attributes.writable() {
            // Code of user mode is written by the kernel, through its linear map.
            let class = if attributes.user() { executable.any } else { executable.kernel };
            if let Some(other) = class.reaching(phys) {
                findings.add(Code::AliasWx, || alias(Code::AliasWx, of, other, &words(of, other)));
            }
            writable.add(of);
        } else if attributes.executable() {
            let class = if attributes.user() { writable.user } else { writable.any };
            if let Some(other) = class.reaching(phys) {
                findings.add(Code::AliasWx, || alias(Code::AliasWx, of, other, &words(of, other)));
            }
            executable.add(of);
        }
        let memory = attributes.memory();
        let conflict =
            types.iter().filter(|(own, _)| *own != memory).find_map(|(_, other)| other.reaching(phys));
        if let Some(other) = conflict {
            let found = |of: Of<'_>| format!("type {}", of.run.attributes.memory());
            let words = (found(of), found(other));
            findings.add(Code::AliasType, || alias(Code::AliasType, of, other, &words));
        }
        match types.iter_mut().find(|(own, _)| *own == memory) {
            Some((_, own)) => own.add(of),
            None => types.push((memory, Furthest(Some(of)))),
        }
    }
}

fn words(of: Of<'_>, other: Of<'_>) -> (String, String) {
    (of.run.attributes.access(), other.run.attributes.access())
}

/// The finding that `of` begins within the memory of `other`.
fn alias(code: Code, of: Of<'_>, other: Of<'_>, (own, others): &(String, String)) -> Finding {
    let Run { virt, phys, size, .. } = *of.run;
    let size = size.min(other.run.phys_end() - phys.0);
    let there = other.run.virt.wrapping_add(phys.0 - other.run.phys.0);
    let root = if other.root == of.root { String::new() } else { format!(" of root {}", other.root) };
    Finding {
        code,
        root: of.root,
        span: Span::new(virt, size),
        phys: Some(phys),
        entry: None,
        found: format!("{own} here, and {others} at {there}{root}"),
    }
}

/// A number of a root or of a run. Limits keep both far below 2^32.
fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
