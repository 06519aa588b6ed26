//! Rules that hold at every moment, in the middle of an operation too.

use std::collections::BTreeSet;

use landfall_judge::Leaf;
use landfall_judge::intervals::Interval;
use landfall_judge::rules::{self, Violation};

use super::Roots;

/// Checks all address spaces.
pub(super) fn check(roots: &Roots) -> Vec<String> {
    let mut findings = Vec::new();
    for tables in roots.users.iter().chain([&roots.kernel]) {
        findings.extend(tables.walk.malformed.iter().map(ToString::to_string));
    }
    findings.extend(check_leaves(roots));
    findings.extend(check_aliases(roots));
    findings.extend(check_shared(roots));
    findings.extend(check_tables(roots));
    findings.extend(check_owners(roots));
    findings
}

/// Each leaf of the kernel's half is global and for the supervisor, and each of the lower half the
/// opposite.
fn check_leaves(roots: &Roots) -> Vec<String> {
    let mut findings = Vec::new();
    let users = roots.user_leaves().map(|(_, leaf)| leaf);
    for leaf in roots.kernel_leaves().iter().copied().chain(users) {
        let is_lower = leaf.virt >> 63 == 0;
        if leaf.flags.u() != is_lower || leaf.flags.g() == is_lower {
            findings.push(format!("U and G do not belong to this half: {leaf}"));
        }
        if leaf.flags.w() && leaf.flags.x() || !leaf.flags.r() {
            findings.push(format!("no permission of the editor's: {leaf}"));
        }
        if !leaf.flags.a() || !leaf.flags.d() {
            findings.push(format!("A or D is not preset: {leaf}"));
        }
        if leaf.virt.wrapping_add(leaf.size) == 0 {
            findings.push(format!("the last page is mapped: {leaf}"));
        }
    }
    if roots.kernel_leaves().iter().any(|leaf| leaf.virt >> 63 == 0) {
        findings.push("the kernel's own root maps the lower half".to_owned());
    }
    findings
}

/// No frame is writable at one address and executable at another. The supervisor alone may write to
/// code of user mode, at its linear address.
fn check_aliases(roots: &Roots) -> Vec<String> {
    let users: Vec<Leaf> = roots.user_leaves().map(|(_, leaf)| leaf).collect();
    let all: Vec<Leaf> = roots
        .kernel_leaves()
        .iter()
        .copied()
        .chain(users.iter().copied().filter(|leaf| !leaf.flags.x()))
        .collect();
    let violations = rules::check(&all).into_iter().chain(rules::check(&users));
    let aliases = violations.filter(|violation| matches!(violation, Violation::WritableElsewhere { .. }));
    aliases.map(|violation| violation.to_string()).collect()
}

/// Each root has the kernel's half.
fn check_shared(roots: &Roots) -> Vec<String> {
    let half = |root: u64| roots.pages.get(&root).and_then(|page| page.get(2048..));
    let kernel = half(roots.kernel.root.table);
    let differs = roots.users.iter().filter(|user| half(user.root.table) != kernel);
    differs.map(|user| format!("the kernel's half differs in the root {:#x}", user.root.table)).collect()
}

/// No table of the lower half serves two roots.
fn check_tables(roots: &Roots) -> Vec<String> {
    let mut met: BTreeSet<u64> = roots.kernel.walk.tables.iter().copied().collect();
    let shared = met.clone();
    let mut findings = Vec::new();
    for user in &roots.users {
        for table in user.walk.tables.iter().filter(|table| !shared.contains(table)) {
            if !met.insert(*table) {
                findings.push(format!("two roots share the table {table:#x}"));
            }
        }
    }
    findings
}

/// Memory of user mode is that of one address space, holds no table, and is mapped nowhere else but
/// at its linear address.
fn check_owners(roots: &Roots) -> Vec<String> {
    let mut owned: Vec<(Interval, usize)> =
        roots.user_leaves().map(|(user, leaf)| (Interval::new(leaf.phys, leaf.size), user)).collect();
    owned.sort_by_key(|(memory, _)| memory.start);
    let mut findings = Vec::new();
    for pair in owned.windows(2) {
        if let [(one, _), (other, _)] = pair
            && one.overlaps(*other)
        {
            findings.push(format!("memory of user mode is mapped twice: {one:x?}, {other:x?}"));
        }
    }
    for page in roots.pages.keys() {
        let table = Interval::new(*page, super::PAGE);
        if owned.iter().any(|(memory, _)| memory.overlaps(table)) {
            findings.push(format!("user mode reaches the table {page:#x}"));
        }
    }
    findings
}
