//! Facts to JSON.

use landfall_image::feature::Feature;
use landfall_paging::PhysRange;
use landfall_plan::Facts;
use landfall_plan::facts::{InitrdFault, OtherHarts};
use landfall_plan::harts::{Extension, Hart, Mmu};
use landfall_plan::memory::PhysRangeSet;
use serde_json::{Value, json};

use super::escape::escape;
use super::{FORMAT, FactsFile, Probe};
use crate::hex::hex;

impl FactsFile {
    /// Returns the file's content.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "format": FORMAT,
            "plan_version": self.plan_version,
            "mode": match self.probe {
                Probe::NotRun => None,
                Probe::TookNothing => Some("none"),
                Probe::Took(mode) => Some(mode.name()),
            },
            "policy": hex(&self.policy.record()),
            "compiled_out": self.missing.iter().map(Feature::name).collect::<Vec<_>>(),
            "slots": self.slots,
            "facts": facts(&self.facts, &self.command_line),
            "entropy": {
                "kaslr_seed": self.seeds.kaslr.as_deref().map(hex),
                "rng_seed": self.seeds.rng.as_deref().map(hex),
                "zkr": self.seeds.zkr.as_deref().map(hex),
            },
        })
    }
}

fn facts(facts: &Facts, command_line: &[u8]) -> Value {
    let image = facts.image;
    json!({
        "ram": ranges(&facts.ram),
        "no_map": ranges(&facts.no_map),
        "reserved": ranges(&facts.reserved),
        "unplaced_reservations": facts.unplaced_reservations,
        "image": {
            "base": address(facts.loaded.get()),
            "text": image.text,
            "constants": image.constants,
            "early": image.early,
            "data": image.data,
        },
        "tree": range(facts.tree),
        "initrd": facts.initrd.map(range),
        "initrd_fault": facts.initrd_fault.map(initrd_fault),
        "kexec": facts.kexec,
        "command_line": { "start": address(facts.command_line.start().get()), "text": escape(command_line) },
        "harts": facts.harts.iter().map(hart).collect::<Vec<_>>(),
        "harts_beyond": facts.harts.beyond(),
        "boot_hart": facts.boot_hart,
        "timebase": facts.timebase,
        "memory_types": facts.memory_types.to_string(),
        "other_harts": match facts.other_harts {
            OtherHarts::WithFirmware => "with-firmware",
            OtherHarts::InImage => "in-image",
        },
    })
}

fn address(address: u64) -> String {
    format!("{address:#x}")
}

fn range(range: PhysRange) -> Value {
    json!({ "start": address(range.start().get()), "size": range.size() })
}

fn ranges(set: &PhysRangeSet) -> Vec<Value> {
    set.iter().map(range).collect()
}

fn initrd_fault(fault: InitrdFault) -> Value {
    match fault {
        InitrdFault::Reversed { start, end } => {
            json!({ "start": address(start.get()), "end": address(end.get()) })
        }
        InitrdFault::NoEnd => json!("no-end"),
        InitrdFault::NoStart => json!("no-start"),
    }
}

fn hart(hart: Hart) -> Value {
    let mmu = match hart.mmu {
        Mmu::Unstated => None,
        Mmu::None => Some("none"),
        Mmu::Upto(mode) => Some(mode.name()),
    };
    let extensions: Vec<_> = hart.extensions.iter().map(Extension::name).collect();
    json!({ "id": hart.id, "mmu": mmu, "extensions": extensions })
}
