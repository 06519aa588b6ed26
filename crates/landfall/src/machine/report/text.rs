//! The report as text for people.

use core::fmt::{self, Display};

use landfall_paging::{LeafCount, LeafSize, VirtRange};
use landfall_plan::Plan;
use landfall_plan::planner::Bytes;
use landfall_plan::policy::Placement;
use landfall_plan::randomness::KaslrState;

use super::Report;
use super::notes::notes;
use crate::machine::harts::LandingHart;

struct Leaves(LeafCount);

impl Display for Leaves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = LeafSize::ALL.into_iter().rev().filter(|size| self.0[*size] != 0);
        for (index, size) in sizes.enumerate() {
            let plus = if index == 0 { "" } else { " + " };
            write!(f, "{plus}{} x {size}", self.0[size])?;
        }
        Ok(())
    }
}

/// The bits of what is drawn beside the kernel. They depend on the kernel's place.
struct Bits<'a>(&'a Plan);

impl Display for Bits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (dynamic, stacks, tables) = (self.0.dynamic_bits(), self.0.stacks_bits(), self.0.tables_bits());
        if self.0.near.size() != 0 {
            write!(f, "near region {} bits, ", self.0.near_bits())?;
        }
        write!(f, "dynamic region {dynamic} bits, stacks {stacks} bits, page tables {tables} bits")
    }
}

/// So many of something.
struct Count(usize, &'static str);

impl Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.0, self.1, if self.0 == 1 { "" } else { "s" })
    }
}

/// An address, or that it is withheld.
struct Address<T>(Option<T>);

impl<T: Display> Display for Address<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(address) => write!(f, "{address}"),
            None => f.write_str("(withheld)"),
        }
    }
}

impl Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (landing, plan) = (self.landing, self.landing.plan());
        let facts = landing.facts();
        writeln!(f, "landed in {}", plan.mode)?;
        writeln!(
            f,
            "  machine     {}, {} of RAM in {}",
            Count(facts.harts.len(), "hart"),
            Bytes(facts.ram.size()),
            Count(facts.ram.as_slice().len(), "range")
        )?;
        let image = plan.image.phys;
        write!(f, "  kernel      {} at {}", Address(self.secret(plan.image.virt)), Address(self.physical()))?;
        let pinned = |pin: bool| if pin { ", pinned" } else { "" };
        let policy = landing.policy();
        if plan.placement == Placement::LinearMap {
            writeln!(f, ", in the linear map")?;
        } else {
            writeln!(f, "{}", pinned(policy.kernel_pin(plan.mode).is_some()))?;
        }
        writeln!(
            f,
            "              {}, {} slots, {}",
            Bytes(image.size()),
            Self::slots(),
            Leaves(plan.kernel_leaves)
        )?;
        let span = self.linear_span();
        let linear = Address(self.secret(plan.linear.virt(span.start())));
        let is_pinned = pinned(policy.linear_pin(plan.mode).is_some());
        writeln!(f, "  linear map  {linear} at {}{is_pinned}", span.start())?;
        writeln!(f, "              {}, {}", Bytes(plan.linear.size), Leaves(plan.linear_leaves))?;
        if plan.near.size() != 0 {
            self.write_region(f, "near      ", plan.near)?;
        }
        self.write_region(f, "dynamic   ", plan.dynamic)?;
        self.write_region(f, "stacks    ", plan.stacks.range())?;
        writeln!(f, "  tables      {} pages", plan.table_pages)?;
        if let Some(crash) = landing.crash_memory() {
            writeln!(f, "  crash       {} at {}", Bytes(crash.size()), crash.start())?;
        }
        write!(f, "  KASLR       {}", plan.kaslr)?;
        if let KaslrState::Random(_) = plan.kaslr {
            let (kernel, linear) = (plan.kernel_bits(), plan.linear_map_bits());
            write!(f, "; kernel {kernel} bits, linear map {linear} bits")?;
            if plan.physical_bits() != 0 {
                write!(f, ", physical memory {} bits", plan.physical_bits())?;
            }
            if self.secret(()).is_some() {
                write!(f, ", {}", Bits(plan))?;
            }
        }
        writeln!(f)?;
        self.write_harts(f)?;
        notes(landing).try_for_each(|note| writeln!(f, "  note        {note} [{}]", note.code()))
    }
}

impl Report<'_> {
    fn write_region(self, f: &mut fmt::Formatter<'_>, name: &str, region: VirtRange) -> fmt::Result {
        writeln!(f, "  {name}  {}, {}", Address(self.secret(region.start())), Bytes(region.size()))
    }

    fn write_harts(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let online = self.landing.harts().filter(LandingHart::is_online).count();
        writeln!(f, "  harts       {online} online; hart {} booted", self.landing.facts().boot_hart)?;
        let others = self.landing.harts().filter(|known| !known.is_online());
        for LandingHart { hart, state, .. } in others {
            writeln!(f, "              hart {}: {state}", hart.id)?;
        }
        Ok(())
    }
}
