//! Rules that hold while no hart changes tables.

use landfall_judge::Leaf;
use landfall_judge::intervals::Interval;
use landfall_judge::tables::Tables;

use super::{PAGE, Roots};
use crate::judge::own::pages;

/// The labels of leaves, in bits 9:8.
const STACK: u64 = 1;
const CODE: u64 = 3;

/// Pages of the guard below a stack.
const STACK_GUARD: u64 = 16;

/// A mapping of the live address space: leaves that follow each other.
struct Area {
    virt: Interval,
    phys: u64,
    label: u64,
    first: Leaf,
}

/// Checks guards and labels, and that the landing's mappings are there.
pub(super) fn check(roots: &Roots, landed: &Tables) -> Vec<String> {
    let mut findings = Vec::new();
    for area in areas(roots, landed, &mut findings) {
        let below = if area.label == STACK { STACK_GUARD } else { 1 };
        let guards = (1..=below).map(|page| area.virt.start - page * PAGE).chain([area.virt.end]);
        for at in guards {
            let (bits, _) = deciding(roots, at);
            if bits & 0b1100_0001 != 0b0100_0000 || bits >> 8 & 3 != area.label {
                findings.push(format!(
                    "the page {at:#x} beside {:x?} is no guard of label {}: {bits:#x}",
                    area.virt, area.label
                ));
            }
        }
    }
    findings.extend(check_landed(roots, landed));
    findings
}

/// Checks that nothing is left: the mappings are the landing's, and no address is reserved.
pub(super) fn check_end(roots: &Roots, landed: &Tables) -> Vec<String> {
    let mut findings = Vec::new();
    if pages(&roots.kernel) != pages(landed) {
        findings.push("at the end, the mappings are not those of the landing".to_owned());
    }
    if !roots.users.is_empty() {
        findings.push("at the end, address spaces are left".to_owned());
    }
    for table in &roots.kernel.walk.tables {
        let entries = (0..512).map(|index| roots.entry(table + index * 8));
        if let Some(left) = entries.into_iter().find(|bits| bits & 1 == 0 && *bits != 0) {
            findings.push(format!("at the end, addresses are still in use: entry {left:#x} in {table:#x}"));
        }
    }
    findings
}

/// Returns the mappings that the landing did not make.
fn areas(roots: &Roots, landed: &Tables, findings: &mut Vec<String>) -> Vec<Area> {
    let landed: Vec<Interval> =
        pages(landed).iter().map(|(virt, size, ..)| Interval::new(*virt, *size)).collect();
    let mut areas: Vec<Area> = Vec::new();
    for leaf in roots.kernel_leaves() {
        let virt = Interval::new(leaf.virt, leaf.size);
        if landed.iter().any(|landed| landed.holds(virt)) {
            continue;
        }
        let label = roots.entry(leaf.entry) >> 8 & 3;
        match areas.last_mut() {
            Some(area) if area.virt.end == virt.start => {
                if area.label != label || area.phys + area.virt.size() != leaf.phys {
                    findings.push(format!("no guard is between {:x?} and {leaf}", area.virt));
                }
                area.virt.end = virt.end;
            }
            _ => areas.push(Area { virt, phys: leaf.phys, label, first: *leaf }),
        }
    }
    areas
}

/// Checks that each mapping of the landing leads to the same memory, with the same access. Memory
/// of code, and of constants that came with it, has lost W.
fn check_landed(roots: &Roots, landed: &Tables) -> Vec<String> {
    let now = &roots.kernel.walk.leaves;
    let code: Vec<Interval> = now
        .iter()
        .filter(|leaf| roots.entry(leaf.entry) >> 8 & 3 == CODE)
        .map(|leaf| Interval::new(leaf.phys, leaf.size))
        .collect();
    let mut findings = Vec::new();
    for (virt, size, phys, access) in pages(landed) {
        let mut at = virt;
        while at != virt.wrapping_add(size) {
            let index = now.partition_point(|leaf| leaf.virt <= at);
            let Some(leaf) =
                index.checked_sub(1).map(|index| now[index]).filter(|leaf| at - leaf.virt < leaf.size)
            else {
                findings.push(format!("the landing's mapping of {at:#x} is gone"));
                break;
            };
            let found = [leaf.flags.r(), leaf.flags.w(), leaf.flags.x()];
            let memory = Interval::new(leaf.phys, leaf.size);
            let lost_write =
                found == [access[0], false, access[2]] && code.iter().any(|code| code.overlaps(memory));
            if leaf.phys + (at - leaf.virt) != phys + (at - virt) || found != access && !lost_write {
                findings.push(format!("the landing's mapping of {at:#x} has changed: {leaf}"));
            }
            at = leaf.virt.wrapping_add(leaf.size).min(virt.wrapping_add(size));
        }
    }
    findings
}

/// Returns the entry that decides about an address, and its place.
fn deciding(roots: &Roots, virt: u64) -> (u64, u64) {
    let mut table = roots.kernel.root.table;
    let mut level = roots.kernel.root.levels - 1;
    loop {
        let at = table + (virt >> (12 + 9 * level) & 511) * 8;
        let bits = roots.entry(at);
        if bits & 1 == 0 || bits & 0b1110 != 0 || level == 0 {
            return (bits, at);
        }
        (table, level) = ((bits >> 10 & ((1 << 44) - 1)) << 12, level - 1);
    }
}

/// The number of kinds of damage.
pub(super) const DAMAGES: usize = 6;

/// A kind of damage: its name, the place of an entry, the entry, and the words of the judge.
type Damage = (&'static str, u64, u64, &'static str);

/// Returns each kind of damage that these mappings permit.
pub(super) fn damage(roots: &Roots, landed: &Tables) -> Vec<Damage> {
    let areas = areas(roots, landed, &mut Vec::new());
    let mut damage: Vec<Damage> = Vec::new();
    if let Some(area) = areas.first() {
        let (_, guard) = deciding(roots, area.virt.end);
        damage.push(("a guard that is free", guard, 0, "is no guard"));
        let other = if area.label == 0 { 1 << 8 } else { 0 };
        damage.push(("a guard of another label", guard, 0b0100_0000 | other, "is no guard"));
    }
    if let Some(code) = areas.iter().find(|area| area.label == CODE) {
        let at = code.first.entry;
        damage.push(("code that is writable", at, roots.entry(at) | 0b100, "no permission"));
        let linear = roots.kernel_leaves().iter().find(|leaf| {
            leaf.phys == code.phys && leaf.entry != at && !leaf.flags.x() && leaf.size <= 2 << 20
        });
        if let Some(linear) = linear {
            let bits = roots.entry(linear.entry) | 0b100;
            damage.push(("code whose alias is writable", linear.entry, bits, "is executable"));
        }
    }
    let lower = |root: u64| (0..256).map(move |index| root + index * 8);
    if let [one, other, ..] = roots.users.as_slice()
        && let Some(full) = lower(one.root.table).find(|at| roots.entry(*at) & 1 != 0)
        && let Some(empty) = lower(other.root.table).find(|at| roots.entry(*at) & 1 == 0)
    {
        damage.push(("a table of another root", empty, roots.entry(full), "share the table"));
        let last = other.root.table + 511 * 8;
        damage.push(("another kernel's half", last, roots.entry(last) ^ 1 << 8, "kernel's half differs"));
    }
    damage
}
