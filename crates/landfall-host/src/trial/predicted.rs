//! A landing against its plan: every word of the tables, and the numbers of the report.

use std::collections::BTreeMap;

use landfall_judge::tables::Tables;
use landfall_paging::{Entry, LeafCount, LeafSize, Mapper, PhysAddr, TableMemory};
use landfall_plan::plan::{Movement, StayReason};
use landfall_plan::{Facts, Plan};
use serde_json::Value;

use crate::report::Report;

/// The most findings of one kind that are reported.
const FEW: usize = 5;

/// The tables of a plan, word by word.
#[derive(Clone, Debug, Default)]
pub struct TableWords(BTreeMap<u64, u64>);

impl TableMemory for &mut TableWords {
    fn write_run(&mut self, at: PhysAddr, first: Entry, step: u64, count: usize) {
        let entries = (0..count as u64).map(|index| first.bits().wrapping_add(index * step));
        self.0.extend((at.get()..).step_by(8).zip(entries));
    }
}

impl TableWords {
    /// Builds the tables of a plan in the host's memory.
    ///
    /// # Errors
    /// Returns the mapper's reason if it cannot build them.
    pub fn of(plan: &Plan, facts: &Facts) -> Result<Self, String> {
        let mut words = Self::default();
        let (first, pages) = (plan.block.start(), plan.table_pages);
        let mapper = Mapper::new(plan.mode, plan.format, &mut words, first, pages);
        let mut mapper = mapper.map_err(|error| error.to_string())?;
        let mut mappings = plan.mappings(facts);
        mappings.try_for_each(|mapping| mapper.map(mapping)).map_err(|error| error.to_string())?;
        mapper.finish();
        Ok(words)
    }

    /// Compares the place and every word of a machine's tables with those of the plan.
    #[must_use]
    pub fn check(&self, plan: &Plan, tables: &Tables) -> Vec<String> {
        let mut findings = Vec::new();
        let (root, first) = (tables.root.table, plan.block.start().get());
        if root != first {
            findings.push(format!("the root table is at {root:#x}, and the plan has it at {first:#x}"));
        }
        let planned: Vec<_> = (0..plan.table_pages).map(|page| first + page * 4096).collect();
        let found: Vec<_> = tables.pages.keys().copied().collect();
        if found != planned {
            findings.push(format!("tables are at {found:x?}, and the plan has them at {planned:x?}"));
        }
        for (page, bytes) in &tables.pages {
            for (word, address) in bytes.as_chunks().0.iter().zip((*page..).step_by(8)) {
                let found = u64::from_le_bytes(*word);
                let planned = self.0.get(&address).copied().unwrap_or_default();
                if found != planned {
                    findings.push(format!(
                        "the entry at {address:#x} is {found:#018x}, and {planned:#018x} in the plan"
                    ));
                }
            }
        }
        findings.truncate(FEW);
        findings
    }
}

/// Returns a number of the report, which an address states in hexadecimal.
#[must_use]
pub fn number(report: &Report, key: &str) -> Option<u64> {
    match report.get(key)? {
        Value::String(text) => u64::from_str_radix(text.strip_prefix("0x")?, 16).ok(),
        value => value.as_u64(),
    }
}

/// Compares the numbers of a report with those of the plan. Addresses that the policy withholds are
/// not compared.
#[must_use]
pub fn check_report(plan: &Plan, facts: &Facts, report: &Report) -> Vec<String> {
    let mut findings = Vec::new();
    for (key, planned) in numbers(plan, facts) {
        let found = number(report, &key);
        if found != Some(planned) && !report.get(&key).is_some_and(Value::is_null) {
            findings.push(format!("the report has {found:x?} for {key}, and the plan {planned:#x}"));
        }
    }
    if report.get("/kaslr/reason").is_none_or(|reason| *reason != plan.kaslr.to_string()) {
        findings.push(format!("the report's reason is not \"{}\", as in the plan", plan.kaslr));
    }
    if let Movement::Stays(reason) = plan.physical.movement
        && reason != StayReason::NotWanted
        && !report.get("/notes").is_some_and(|notes| notes.to_string().contains(&reason.to_string()))
    {
        findings.push(format!("the report does not state that the image stayed because {reason}"));
    }
    findings
}

fn numbers(plan: &Plan, facts: &Facts) -> Vec<(String, u64)> {
    let span = plan.linear.span.start();
    let mut numbers: Vec<(String, u64)> = [
        ("/kernel/physical", plan.image.phys.base.get()),
        ("/kernel/loaded", plan.physical.loaded.get()),
        ("/kernel/virtual", plan.image.virt.get()),
        ("/kernel/size", plan.image.phys.size()),
        ("/linear_map/virtual", plan.linear.virt(span).get()),
        ("/linear_map/physical", span.get()),
        ("/linear_map/size", plan.linear.size),
        ("/table_pages", plan.table_pages),
        ("/near/virtual", plan.near.start().get()),
        ("/near/size", plan.near.size()),
        ("/dynamic/virtual", plan.dynamic.start().get()),
        ("/dynamic/size", plan.dynamic.size()),
        ("/stacks/virtual", plan.stacks.virt.get()),
        ("/stacks/size", plan.stacks.range().size()),
        ("/kaslr/near_bits", plan.near_bits().into()),
        ("/kaslr/dynamic_bits", plan.dynamic_bits().into()),
        ("/kaslr/stacks_bits", plan.stacks_bits().into()),
        ("/kaslr/tables_bits", plan.tables_bits().into()),
        ("/kaslr/seed_bits", plan.seed.map_or(0, |seed| seed.bits).into()),
        ("/kaslr/kernel_bits", plan.kernel_bits().into()),
        ("/kaslr/linear_map_bits", plan.linear_map_bits().into()),
        ("/kaslr/physical_bits", plan.physical_bits().into()),
        ("/harts/boot", facts.boot_hart),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    if !facts.crash.is_empty() {
        numbers.push(("/crash_memory/physical".to_owned(), facts.crash.start().get()));
        numbers.push(("/crash_memory/size".to_owned(), facts.crash.size()));
    }
    numbers.extend(leaves("/linear_map", &plan.linear_leaves));
    numbers.extend(leaves("/kernel", &plan.kernel_leaves));
    numbers
}

fn leaves(part: &str, count: &LeafCount) -> Vec<(String, u64)> {
    LeafSize::ALL.map(|size| (format!("{part}/leaves/{size}"), count[size].into())).into()
}
