//! The new address space: linear map, inner kernel, stacks, and the page by which harts leave. The
//! wrapper has no part in it but this page.

use landfall::Landing;
use landfall::address::PhysRange;
use landfall::plan::{STACK_GUARD, Stacks};
use landfall_paging::{Access, LeafSize, MapError, Mapping, TableCount};
use landfall_wrap::Inner;

use super::framebuffer::Framebuffer;
use super::leave;
use super::linear;
use super::placed::Placed;
use super::refusal::Refused;

/// The new address space.
#[derive(Clone, Copy)]
pub(super) struct Space<'a> {
    pub(super) landing: &'a Landing,
    inner: &'a Inner<'a>,
    pub(super) placed: Placed,
    /// A stack for each stack of the landing. Their memory is that of the block.
    pub(super) stacks: Stacks,
    /// A framebuffer for the kernel.
    pub(super) framebuffer: Option<Framebuffer>,
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
    ///
    /// # Errors
    /// [`Refused`] if the region for them is too small.
    pub(super) fn new(
        landing: &'a Landing,
        inner: &'a Inner<'a>,
        placed: Placed,
        stack_size: u64,
    ) -> Result<Self, Refused> {
        let plan = landing.plan();
        let none = Refused::NoRoom { size: stack_size };
        let size = stack_size.checked_next_multiple_of(plan.stacks.alignment).ok_or(none)?;
        let size = size.max(plan.stacks.size);
        // The landing keeps nothing in the dynamic region, whose place is random.
        let virt = plan.dynamic.start();
        let stacks = Stacks { virt, size, ..plan.stacks };
        let each = size.checked_add(STACK_GUARD + plan.stacks.alignment);
        let all = each.and_then(|each| each.checked_mul(stacks.count)).ok_or(none)?;
        if all > plan.dynamic.size() {
            return Err(none);
        }
        Ok(Self { landing, inner, placed, stacks, framebuffer: None })
    }

    /// Returns the number of pages that its tables take at most.
    pub(super) fn table_pages(&self) -> Result<u64, MapError> {
        let plan = self.landing.plan();
        let mut count = TableCount::new(plan.mode, plan.format);
        self.for_each(|mapping| count.add(mapping))?;
        // The stacks have no memory yet: by its place they may need smaller leaves.
        let smaller = self.stacks.count * (self.stacks.size / LeafSize::M2.bytes());
        Ok(count.pages() + smaller)
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
        let unmapped = self.framebuffer.and_then(|framebuffer| framebuffer.unmapped);
        linear::for_each(self.landing, cuts, unmapped, each)
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
