//! The cost of loading and unloading, in instructions, for `cargo compare modules`.

use compare_count::{counted, nothing};
use landfall::Landing;
use landfall::address::PAGE_SIZE;
use landfall::space::Memory;
use landfall_modules::{ModuleId, Pages};

use crate::loader::Loader;
use crate::random::Random;
use crate::{files, store};

/// Memory that was taken before.
struct Ready([Option<Memory>; 8]);

impl Pages for Ready {
    fn take(&mut self, pages: u64) -> Option<Memory> {
        let fits = |memory: &&mut Option<Memory>| {
            memory.as_ref().is_some_and(|memory| memory.range().size() == pages * PAGE_SIZE)
        };
        self.0.iter_mut().find(fits)?.take()
    }

    fn give_back(&mut self, memory: Memory) {
        if let Some(place) = self.0.iter_mut().find(|place| place.is_none()) {
            *place = Some(memory);
        }
    }
}

/// A module that is loaded and unloaded.
struct Work<'a> {
    loader: &'a mut Loader,
    pages: &'a mut Ready,
    file: &'static [u8],
    parameters: &'static str,
    id: Option<ModuleId>,
}

/// Prints a line for each module.
pub(crate) fn print(landing: &'static Landing, loader: &mut Loader) {
    let mut random = Random::new(1);
    let mut pages = Ready([1, 1, 1, 1, 1, 1, 2, 2].map(|pages| store::take(&mut random, pages..=pages)));
    let pages = &mut pages;
    let mut base = Work { loader, pages, file: files::file(landing, 0), parameters: "", id: None };
    let base_load = counted(load, &mut base);
    let id = base.id;
    let mut unit = Work { loader, pages, file: files::file(landing, 1), parameters: "text=some", id: None };
    let unit_costs = [counted(load, &mut unit), counted(unload, &mut unit)];
    let mut base = Work { loader, pages, file: &[], parameters: "", id };
    let base_costs = [base_load, counted(unload, &mut base)];
    for (name, costs) in [("base", base_costs), ("unit", unit_costs)] {
        let result = if costs.iter().all(|cost| cost.result == 1) { "right" } else { "wrong" };
        let calibration = counted(nothing, &mut 0).instructions;
        landfall::println!(
            "compare: calibration={calibration} module={name} load={} unload={} result={result}",
            costs[0].instructions,
            costs[1].instructions
        );
    }
    for memory in pages.0.iter_mut().filter_map(Option::take) {
        store::give_back(memory);
    }
}

extern "C" fn load(work: &mut Work<'_>) -> u64 {
    work.id = work.loader.load_into(work.pages, work.file, work.parameters).ok();
    u64::from(work.id.is_some())
}

extern "C" fn unload(work: &mut Work<'_>) -> u64 {
    let unloaded = work.id.take().map(|id| work.loader.unload_from(work.pages, id));
    u64::from(matches!(unloaded, Some(Ok(()))))
}
