//! The report as JSON. Nothing in it needs escaping: all texts are our own.

use core::fmt::{self, Display};

use landfall_paging::{LeafCount, LeafSize, VirtRange};
use landfall_plan::randomness::KaslrState;

use super::Report;
use super::notes::notes;
use crate::machine::harts::LandingHart;

/// A report whose `Display` is one line of JSON.
#[derive(Clone, Copy, Debug)]
pub struct Json<'a>(pub(super) Report<'a>);

/// An address, as a string; `null` where it is withheld.
struct Address<T>(Option<T>);

impl<T: Display> Display for Address<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(address) => write!(f, "\"{address}\""),
            None => f.write_str("null"),
        }
    }
}

/// The kernel's build ID in hexadecimal; `null` if it has none.
struct BuildId(&'static [u8]);

impl Display for BuildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("null");
        }
        f.write_str("\"")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("\"")
    }
}

struct Leaves(LeafCount);

impl Display for Leaves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |size: LeafSize| self.0[size];
        write!(
            f,
            "{{\"4K\":{},\"64K\":{},\"2M\":{},\"1G\":{},\"512G\":{},\"256T\":{}}}",
            count(LeafSize::K4),
            count(LeafSize::K64),
            count(LeafSize::M2),
            count(LeafSize::G1),
            count(LeafSize::G512),
            count(LeafSize::T256),
        )
    }
}

/// Writes `items`, separated by commas.
fn list<T>(
    f: &mut fmt::Formatter<'_>,
    items: impl Iterator<Item = T>,
    item: impl Fn(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    for (index, value) in items.enumerate() {
        if index != 0 {
            f.write_str(",")?;
        }
        item(f, value)?;
    }
    Ok(())
}

impl Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = self.0.landing.plan();
        write!(f, "{{\"outcome\":\"landed\",\"refusal\":null,\"mode\":\"{}\",", plan.mode)?;
        write!(f, "\"build_id\":{},", BuildId(self.0.landing.build_id()))?;
        self.write_places(f)?;
        write!(f, "\"table_pages\":{},", plan.table_pages)?;
        match self.0.landing.crash_memory() {
            Some(crash) => write!(
                f,
                "\"crash_memory\":{{\"physical\":\"{}\",\"size\":{}}},",
                crash.start(),
                crash.size()
            )?,
            None => f.write_str("\"crash_memory\":null,")?,
        }
        self.write_kaslr(f)?;
        self.write_harts(f)?;
        f.write_str("\"instructions\":null,\"notes\":[")?;
        list(f, notes(self.0.landing), |f, note| {
            write!(f, "{{\"code\":\"{}\",\"text\":\"{note}\"}}", note.code())
        })?;
        f.write_str("]}")
    }
}

impl Json<'_> {
    fn write_places(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (report, plan) = (self.0, self.0.landing.plan());
        let policy = report.landing.policy();
        write!(
            f,
            "\"kernel\":{{\"physical\":{},\"virtual\":{},\"size\":{},\"slots\":{},\"leaves\":{},",
            Address(report.physical()),
            Address(report.secret(plan.image.virt)),
            plan.image.phys.size(),
            Report::slots(),
            Leaves(plan.kernel_leaves),
        )?;
        write!(
            f,
            "\"loaded\":\"{}\",\"placement\":\"{}\",\"pinned\":{}}},",
            plan.physical.loaded,
            plan.placement,
            policy.kernel_pin(plan.mode).is_some(),
        )?;
        let span = report.linear_span();
        write!(
            f,
            "\"linear_map\":{{\"virtual\":{},\"physical\":\"{}\",\"size\":{},\"leaves\":{},\"alias\":\"{}\",\"pinned\":{}}},",
            Address(report.secret(plan.linear.virt(span.start()))),
            span.start(),
            plan.linear.size,
            Leaves(plan.linear_leaves),
            policy.alias(),
            policy.linear_pin(plan.mode).is_some(),
        )?;
        let region = |f: &mut fmt::Formatter<'_>, name, region: VirtRange| {
            let start = Address(report.secret(region.start()));
            write!(f, "\"{name}\":{{\"virtual\":{start},\"size\":{}}},", region.size())
        };
        write!(f, "\"memory_types\":\"{}\",", report.landing.facts().memory_types)?;
        region(f, "near", plan.near)?;
        region(f, "dynamic", plan.dynamic)?;
        region(f, "stacks", plan.stacks.range())
    }

    fn write_kaslr(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = self.0.landing.plan();
        let random = match plan.kaslr {
            KaslrState::Random(seed) => Some(seed.source),
            _ => None,
        };
        write!(f, "\"kaslr\":{{\"enabled\":{},\"source\":{},", random.is_some(), Address(random))?;
        write!(
            f,
            "\"seed_bits\":{},\"kernel_bits\":{},\"linear_map_bits\":{},\"physical_bits\":{},",
            plan.seed.map_or(0, |seed| seed.bits),
            plan.kernel_bits(),
            plan.linear_map_bits(),
            plan.physical_bits(),
        )?;
        let others = [
            ("near", plan.near_bits()),
            ("dynamic", plan.dynamic_bits()),
            ("stacks", plan.stacks_bits()),
            ("tables", plan.tables_bits()),
        ];
        others.into_iter().try_for_each(|(name, bits)| match self.0.secret(bits) {
            Some(bits) => write!(f, "\"{name}_bits\":{bits},"),
            None => write!(f, "\"{name}_bits\":null,"),
        })?;
        write!(f, "\"reason\":\"{}\"}},", plan.kaslr)
    }

    fn write_harts(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let landing = self.0.landing;
        let online = landing.harts().filter(LandingHart::is_online).count();
        write!(f, "\"harts\":{{\"boot\":{},\"online\":{online},\"failed\":[", landing.facts().boot_hart)?;
        let failed = landing.harts().filter(|known| !known.is_online());
        list(f, failed, |f, LandingHart { hart, state, .. }| {
            write!(f, "{{\"hart\":{},\"reason\":\"{state}\"}}", hart.id)
        })?;
        f.write_str("]},")
    }
}
