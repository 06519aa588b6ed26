//! The new address space: linear map, inner kernel, stacks, and the page by which harts leave. The
//! wrapper has no part in it but this page.

use landfall::address::PhysRange;
use landfall::plan::Stacks;
use landfall::Landing;
use landfall_paging::{Access, MapError, Mapping, TableCount};
use landfall_wrap::Inner;

use super::leave;
use super::linear;
use super::placed::Placed;

/// The new address space.
#[derive(Clone, Copy)]
pub(super) struct Space<'a> {
    pub(super) landing: &'a Landing,
    inner: &'a Inner<'a>,
    pub(super) placed: Placed,
    /// A stack for each stack of the landing. Their memory is that of the block.
    pub(super) stacks: Stacks,
}

/// Parts of the space that lie apart from each other.
#[derive(Clone, Copy)]
enum Group {
    Linear,
    Inner,
    Stacks,
    Page,
}

impl<'a> Space<'a> {
    /// Returns the space, in which the stacks have no memory yet.
    pub(super) fn new(landing: &'a Landing, inner: &'a Inner<'a>, placed: Placed) -> Self {
        let plan = landing.plan();
        // The landing keeps nothing in the dynamic region, whose place is random.
        let virt = plan.dynamic.start();
        Self { landing, inner, placed, stacks: Stacks { virt, ..plan.stacks } }
    }

    /// Returns the number of pages that its tables take.
    pub(super) fn table_pages(&self) -> Result<u64, MapError> {
        let plan = self.landing.plan();
        let mut count = TableCount::new(plan.mode, plan.format);
        self.for_each(|mapping| count.add(mapping))?;
        Ok(count.pages())
    }

    /// Passes all mappings to `each`, in ascending order.
    pub(super) fn for_each(
        &self,
        mut each: impl FnMut(Mapping) -> Result<(), MapError>,
    ) -> Result<(), MapError> {
        let plan = self.landing.plan();
        let page = leave::page();
        let mut groups = [
            (plan.linear.virt(plan.linear.span.start()), Group::Linear),
            (self.placed.virt, Group::Inner),
            (self.stacks.virt, Group::Stacks),
            (page.virt, Group::Page),
        ];
        groups.sort_unstable_by_key(|(start, _)| *start);
        for (_, group) in groups {
            match group {
                Group::Linear => self.for_each_linear(page, &mut each)?,
                Group::Inner => self.placed.mappings(self.inner).try_for_each(&mut each)?,
                Group::Stacks => self.stack_mappings().try_for_each(&mut each)?,
                Group::Page => each(page)?,
            }
        }
        Ok(())
    }

    fn for_each_linear(
        &self,
        page: Mapping,
        each: impl FnMut(Mapping) -> Result<(), MapError>,
    ) -> Result<(), MapError> {
        let cuts = || {
            let read_only =
                self.placed.mappings(self.inner).filter(|mapping| mapping.access != Access::ReadWrite);
            read_only.chain([page]).map(|mapping| PhysRange::new(mapping.phys, mapping.size))
        };
        linear::for_each(self.landing, cuts, each)
    }

    fn stack_mappings(&self) -> impl Iterator<Item = Mapping> + use<> {
        let stacks = self.stacks;
        stacks.harts().map(move |hart| Mapping {
            virt: stacks.bottom(hart),
            phys: stacks.memory(hart),
            size: stacks.size,
            access: Access::ReadWrite,
        })
    }
}
