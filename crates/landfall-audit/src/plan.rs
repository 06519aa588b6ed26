//! A plan of Landfall, or the report of a landing, as JSON: the regions that a kernel has, and for
//! a plan its mappings.
//!
//! `cargo landfall plan --format json` and `run --format json` print them. Their keys are only
//! added to, so this reader takes plans of later versions.

use serde::Deserialize;
use serde::de::IgnoredAny;
use thiserror::Error;

use crate::address::{Phys, Span, Virt};
use crate::attributes::Attributes;
use crate::kind::Kind;
use crate::known::{Layout, Named};
use crate::leaf::LeafSize;
use crate::run::Run;

/// A plan or a report.
#[derive(Clone, Debug, Deserialize)]
pub struct Plan {
    kernel: Option<Extent>,
    linear_map: Option<Extent>,
    near: Option<Extent>,
    dynamic: Option<Extent>,
    stacks: Option<Extent>,
    #[serde(default)]
    regions: Vec<Region>,
    mappings: Option<Vec<Mapping>>,
    outcome: Option<IgnoredAny>,
    /// The key of an audit.
    audit_format: Option<IgnoredAny>,
}

/// Text that is no plan.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NoPlan {
    /// It is not JSON of the right shape.
    #[error("it is not a plan or a report: {0}")]
    Json(#[from] serde_json::Error),
    /// It has the keys of something else.
    #[error("it has neither of the keys outcome and kernel, so it is no plan or report")]
    Foreign,
    /// It is a saved audit.
    #[error("it is a saved audit, which states no layout; name a plan or a landing report")]
    Audit,
    /// It is the plan of a refusal, or the report of one.
    #[error("the plan has no address space: the kernel would refuse to land")]
    Refused,
    /// A mapping that no table can have.
    #[error("the plan's mapping at {0} is not valid")]
    Mapping(Virt),
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Extent {
    #[serde(rename = "virtual")]
    start: Option<Virt>,
    size: Option<u64>,
}

#[derive(Clone, Debug, Deserialize)]
struct Region {
    kind: String,
    #[serde(default)]
    parts: Vec<Part>,
}

#[derive(Clone, Debug, Deserialize)]
struct Part {
    #[serde(rename = "virtual")]
    start: Virt,
    size: u64,
    what: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Mapping {
    #[serde(rename = "virtual")]
    virt: Virt,
    #[serde(rename = "physical")]
    phys: Phys,
    size: u64,
    access: String,
    leaf: String,
}

impl Plan {
    /// Reads a plan or a report.
    ///
    /// # Errors
    /// [`NoPlan`] if the text is something else, or is that of a refusal.
    pub fn parse(text: &str) -> Result<Self, NoPlan> {
        let plan: Self = serde_json::from_str(text)?;
        if plan.audit_format.is_some() {
            return Err(NoPlan::Audit);
        }
        if plan.kernel.is_none() && plan.outcome.is_none() {
            return Err(NoPlan::Foreign);
        }
        if plan.kernel.is_none() || plan.linear_map.is_none() { Err(NoPlan::Refused) } else { Ok(plan) }
    }

    /// Returns the regions. Addresses that the policy hides are left out.
    #[must_use]
    pub fn layout(&self) -> Layout {
        let regions = [
            (self.linear_map, Kind::LinearMap, "linear map"),
            (self.kernel, Kind::Image, "kernel"),
            (self.near, Kind::Modules, "near region"),
            (self.dynamic, Kind::Dynamic, "dynamic region"),
            (self.stacks, Kind::Stacks, "stacks"),
        ];
        Layout::new(regions.into_iter().filter_map(|(extent, kind, name)| {
            let Extent { start, size } = extent?;
            Some(Named { span: Span::new(start?, size?), kind, name: name.to_owned() })
        }))
    }

    /// Returns the stacks, without their guards. A report does not list them.
    #[must_use]
    pub fn stacks(&self) -> Vec<Span<Virt>> {
        let stacks = self.regions.iter().filter(|region| region.kind == "stacks");
        let mapped = stacks.flat_map(|region| &region.parts).filter(|part| part.what.is_some());
        mapped.map(|part| Span::new(part.start, part.size)).collect()
    }

    /// Returns the planned mappings in ascending order; `None` for a report, which has none.
    ///
    /// # Errors
    /// [`NoPlan::Mapping`] if one is not valid.
    pub fn runs(&self) -> Result<Option<Vec<Run>>, NoPlan> {
        let Some(mappings) = &self.mappings else { return Ok(None) };
        let run = |mapping: &Mapping| {
            let Mapping { virt, phys, size, ref access, ref leaf } = *mapping;
            let wrong = || NoPlan::Mapping(virt);
            // The landing sets G, A and D everywhere.
            let attributes = Attributes::from_text(access, "-GAD", "default").ok_or_else(wrong)?;
            let leaf = LeafSize::from_name(leaf).ok_or_else(wrong)?;
            Run::new(virt, phys, size, attributes, leaf).ok_or_else(wrong)
        };
        let mut runs = mappings.iter().map(run).collect::<Result<Vec<_>, _>>()?;
        runs.sort_by_key(|run| run.virt);
        Ok(Some(runs))
    }
}
