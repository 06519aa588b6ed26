//! A prediction as JSON: the keys of a landing report, and the address space itself.
//!
//! ```
//! use landfall_predict::case::Outcome;
//! use landfall_predict::facts_file::FactsFile;
//! use landfall_predict::{json, view};
//!
//! let facts = include_bytes!("../tests/records/facts-2.json");
//! let Outcome::Lands(prediction) = FactsFile::parse(facts)?.case(None).predict() else {
//!     panic!("the kernel of these facts has landed")
//! };
//! let object = json::object(&prediction, &view::address_space(&prediction));
//! assert_eq!(object["mode"], "sv57");
//! assert_eq!(object["kernel"]["slots"], 499);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use landfall_paging::{LeafCount, LeafSize, PhysAddr, PhysRange, VirtAddr, VirtRange};
use landfall_plan::Plan;
use landfall_plan::plan::Movement;
use landfall_plan::randomness::KaslrState;
use landfall_wrap::Places;
use serde_json::{Map, Value, json};

use super::case::Prediction;
use super::inner::{InnerPrediction, InnerStart};
use super::leaves::runs;
use super::notes::absent_harts;
use super::space::{AddressSpace, Content, Kind, Part, Region};

/// Returns the object.
#[must_use]
pub fn object(prediction: &Prediction, space: &AddressSpace) -> Value {
    let Prediction { facts, policy, plan, .. } = prediction;
    let failed = absent_harts(facts, policy, plan);
    let failed = failed.map(|(hart, why)| json!({ "hart": hart, "reason": why.to_string() }));
    let notes = prediction.notes.iter().map(|note| json!({ "code": note.code(), "text": note.to_string() }));
    let refusal = prediction.inner.as_ref().and_then(refusal);
    let image = plan.image.phys;
    let span = plan.linear.span.start();
    json!({
        "outcome": if refusal.is_none() { "landed" } else { "refused" },
        "refusal": refusal,
        "mode": plan.mode.name(),
        "kernel": {
            "physical": physical(image.base),
            "virtual": address(plan.image.virt),
            "size": image.size(),
            "slots": prediction.slots,
            "leaves": leaves(&plan.kernel_leaves),
            "loaded": physical(plan.physical.loaded),
            "placement": plan.placement.to_string(),
            "pinned": policy.kernel_pin(plan.mode).is_some(),
        },
        "linear_map": {
            "virtual": address(plan.linear.virt(span)),
            "physical": physical(span),
            "size": plan.linear.size,
            "leaves": leaves(&plan.linear_leaves),
            "alias": policy.alias().to_string(),
            "pinned": policy.linear_pin(plan.mode).is_some(),
        },
        "memory_types": facts.memory_types.to_string(),
        "near": virtual_range(plan.near),
        "dynamic": virtual_range(plan.dynamic),
        "stacks": virtual_range(plan.stacks.range()),
        "table_pages": plan.table_pages,
        "crash_memory": Some(facts.crash).filter(|crash| !crash.is_empty()).map(range),
        "kaslr": kaslr(plan),
        "harts": { "boot": facts.boot_hart, "online": plan.stacks.count, "failed": failed.collect::<Vec<_>>() },
        "instructions": null,
        "notes": notes.collect::<Vec<_>>(),
        "plan_version": Plan::VERSION,
        "movement": movement(plan),
        "inner": prediction.inner.as_ref().map(inner),
        "memory": {
            "tables": range(plan.tables()),
            "all": range(plan.block),
        },
        "regions": space.regions.iter().map(region).collect::<Vec<_>>(),
        "mappings": mappings(prediction),
        "splits": space.regions.iter().flat_map(splits).collect::<Vec<_>>(),
    })
}

/// Returns the object of a landing that is refused: the keys of a landing report, without values.
#[must_use]
pub fn refused(rule: &str, message: &str) -> Value {
    json!({
        "outcome": "refused",
        "refusal": { "rule": rule, "message": message },
        "mode": null,
        "kernel": null,
        "linear_map": null,
        "table_pages": null,
        "kaslr": null,
        "harts": null,
        "instructions": null,
        "notes": [],
    })
}

fn address(address: VirtAddr) -> String {
    format!("{:#x}", address.get())
}

fn physical(address: PhysAddr) -> String {
    format!("{:#x}", address.get())
}

fn range(range: PhysRange) -> Value {
    json!({ "physical": physical(range.start()), "size": range.size() })
}

fn virtual_range(range: VirtRange) -> Value {
    json!({ "virtual": address(range.start()), "size": range.size() })
}

fn leaves(count: &LeafCount) -> Value {
    let entry = |size: LeafSize| (size.name().to_owned(), count[size].into());
    Value::Object(LeafSize::ALL.into_iter().map(entry).collect::<Map<_, _>>())
}

fn kaslr(plan: &Plan) -> Value {
    let source = match plan.kaslr {
        KaslrState::Random(seed) => Some(seed.source.to_string()),
        _ => None,
    };
    json!({
        "enabled": source.is_some(),
        "source": source,
        "seed_bits": plan.seed.map_or(0, |seed| seed.bits),
        "kernel_bits": plan.kernel_bits(),
        "linear_map_bits": plan.linear_map_bits(),
        "physical_bits": plan.physical_bits(),
        "near_bits": plan.near_bits(),
        "dynamic_bits": plan.dynamic_bits(),
        "stacks_bits": plan.stacks_bits(),
        "tables_bits": plan.tables_bits(),
        "reason": plan.kaslr.to_string(),
    })
}

fn movement(plan: &Plan) -> Value {
    let loaded = physical(plan.physical.loaded);
    match plan.physical.movement {
        Movement::Stays(reason) => json!({ "from": loaded, "to": null, "reason": reason.to_string() }),
        Movement::Moves { to, .. } => json!({ "from": loaded, "to": physical(to), "reason": null }),
    }
}

fn inner(inner: &InnerPrediction) -> Value {
    match inner {
        InnerPrediction::Starts(InnerStart { places: Places { virt, phys }, entry }) => json!({
            "outcome": "starts",
            "entry": address(*entry),
            "virtual": address(virt.start),
            "virtual_bits": virt.places.bits(),
            "physical": physical(phys.range.start()),
            "physical_bits": phys.places.bits(),
            "size": phys.range.size(),
        }),
        InnerPrediction::Refused { rule, message } => {
            json!({ "outcome": "refused", "rule": rule, "message": message })
        }
        InnerPrediction::Replaced => json!({ "outcome": "replaced" }),
    }
}

/// Returns the reason against the inner kernel.
fn refusal(inner: &InnerPrediction) -> Option<Value> {
    match inner {
        InnerPrediction::Refused { rule, message } => Some(json!({ "rule": rule, "message": message })),
        _ => None,
    }
}

/// Returns the stable name of a region's kind.
#[must_use]
pub const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::LinearMap => "linear-map",
        Kind::Near => "near",
        Kind::Kernel => "kernel",
        Kind::Stacks => "stacks",
        Kind::Dynamic => "dynamic",
        Kind::Window => "window",
        Kind::Guard => "guard",
        Kind::Unused => "unused",
    }
}

fn region(region: &Region) -> Value {
    json!({
        "kind": kind(region.kind),
        "virtual": format!("{:#x}", region.start),
        "size": region.size,
        "parts": region.parts.iter().map(part).collect::<Vec<_>>(),
    })
}

fn part(part: &Part) -> Value {
    let start = format!("{:#x}", part.start);
    match &part.content {
        Content::Mapped { what, physical, access, leaves: count } => json!({
            "virtual": start,
            "size": part.size,
            "what": what,
            "physical": format!("{physical:#x}"),
            "access": access.name(),
            "leaves": leaves(count),
        }),
        Content::Hole { why } => json!({ "virtual": start, "size": part.size, "unmapped": why }),
    }
}

fn mappings(prediction: &Prediction) -> Vec<Value> {
    let plan = &prediction.plan;
    let all = plan.mappings(&prediction.facts).flat_map(|mapping| runs(plan.mode, plan.format, mapping));
    let entry = |run: super::leaves::Run| {
        json!({
            "virtual": address(run.mapping.virt),
            "physical": physical(run.mapping.phys),
            "size": run.mapping.size,
            "access": run.mapping.access.name(),
            "leaf": run.leaf.name(),
        })
    };
    all.map(entry).collect()
}

fn splits(region: &Region) -> impl Iterator<Item = Value> {
    region.splits.iter().map(|split| {
        json!({
            "virtual": format!("{:#x}", split.start),
            "physical": format!("{:#x}", split.physical),
            "leaf": split.leaf.name(),
            "causes": split.causes,
        })
    })
}
