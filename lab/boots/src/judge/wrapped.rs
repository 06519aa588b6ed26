//! The departure of a wrapper: the address space of its inner kernel.

use landfall_judge::inner::Departure;
use landfall_judge::intervals::Interval;
use landfall_judge::tables::Tables;

use super::Landed;
use crate::image::Image;
use crate::session::{Session, as_text};

/// The places of an inner kernel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places {
    pub(crate) virt: u64,
    pub(crate) phys: u64,
}

/// The address space of an inner kernel, at the jump to it.
#[derive(Debug)]
pub(crate) struct Departed {
    tables: Tables,
    /// The address of the inner kernel's first page.
    start: u64,
}

impl Landed {
    /// Runs from `main` until every hart uses the tables for the inner kernel `elf`, and then to
    /// the boot hart's jump to it. Checks the departure there.
    pub(crate) fn depart(
        &mut self,
        session: &mut Session,
        image: &Image,
        elf: &[u8],
    ) -> Result<Departed, String> {
        let tables = self.go_to_switch(session, image)?;
        let jump = self.expected.kernel + image.symbol("landfall_wrapper_enter")?.offset;
        session.set_breakpoint(jump)?;
        session.go()?.ok_or("the machine ended before the jump to the inner kernel")?;
        session.remove_breakpoint(jump)?;
        let [pc, entry, stack] = ["pc", "t0", "sp"].map(|name| as_text(session.gdb.register(name)));
        let (pc, entry, stack) = (pc?, entry?, stack?);
        let wrapper = Interval::new(self.expected.kernel, image.size);
        let departure = Departure { kernel: elf, pc, entry, stack, wrapper };
        let mut read = |at, size| Ok(session.read(at, size)?);
        self.findings.extend(departure.check(&tables.walk.leaves, &mut read)?);
        let start = departure.place(&tables.walk.leaves, &mut read)?.start;
        Ok(Departed { tables, start })
    }
}

impl Departed {
    /// Returns the difference between these places and those in the tables.
    pub(crate) fn check_places(&self, places: Places) -> Option<String> {
        let leaves = &self.tables.walk.leaves;
        let leaf = leaves.iter().find(|leaf| self.start.wrapping_sub(leaf.virt) < leaf.size);
        let phys = leaf.map(|leaf| self.start - leaf.virt + leaf.phys);
        (self.start != places.virt || phys != Some(places.phys)).then(|| {
            format!("the inner kernel is at {:#x} in memory at {phys:x?}, and not {places:x?}", self.start)
        })
    }
}
