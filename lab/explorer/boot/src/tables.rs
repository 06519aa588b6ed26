//! The page tables of a machine, as they are now.

use landfall_audit::memory::{Memory, Missing, Page};
use landfall_audit::plan::Plan;
use landfall_audit::{Known, Origin, Phys, Request, Root, Span, audit};
use landfall_hart::Machine;

/// The physical memory of a machine that stands still.
struct Stopped<'a>(&'a mut Machine);

impl Memory for Stopped<'_> {
    fn read(&mut self, at: Phys, page: &mut Page) -> Result<(), Missing> {
        self.0.read_memory(at.0, page).ok_or(Missing::Hole)
    }

    fn spans(&self) -> Vec<Span<Phys>> {
        // A root is always given, so nothing searches for one.
        Vec::new()
    }
}

/// Returns an audit of a root as JSON. `report` is the landing report, which names the regions.
pub(crate) fn tables(machine: &mut Machine, satp: u64, report: Option<&str>) -> Result<String, String> {
    let root = Root::from_satp(satp).map_err(|error| error.to_string())?;
    let layout = report.and_then(|report| Plan::parse(report).ok()).map(|plan| plan.layout());
    let known = Known { layout: layout.unwrap_or_default(), ..Known::default() };
    let request = Request { roots: vec![(root, Origin::Given)], known, ..Request::default() };
    let mut json = Vec::new();
    audit(&mut Stopped(machine), &request).write_json(&mut json).map_err(|error| error.to_string())?;
    String::from_utf8(json).map_err(|error| error.to_string())
}
