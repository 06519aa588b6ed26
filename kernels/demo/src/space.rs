//! `map`: the address space as the tables hold it, and that it keeps W^X. `vmalloc`: memory at an
//! address of its own, between guards.

use core::fmt::Display;
use core::iter::successors;
use core::ptr::with_exposed_provenance_mut;

use landfall::address::{PAGE_SIZE, VirtAddr, VirtRange};
use landfall::paging::Access;
use landfall::space::{Area, DataAccess, Mapped, Region, SpaceError};
use spin::Mutex;

use crate::kernel::{kernel, shown};
use crate::{memory, modules};

/// The area that the console holds.
static HELD: Mutex<Option<Area>> = Mutex::new(None);

/// Returns all mappings from an address on.
fn mapped(from: VirtAddr) -> impl Iterator<Item = Mapped> {
    let next = |from| kernel().space.next_mapped(from);
    successors(next(from), move |last| next(last.range.end()))
}

/// Prints each mapping, and whether W^X holds.
pub(crate) fn show() {
    for Mapped { range, access, .. } in mapped(VirtAddr::new(0)) {
        let (at, size) = (shown(range.start()), range.size() >> 10);
        let print =
            |what: &dyn Display| landfall::println!("{at}  {size:>10} KiB  {}  {what}", access.name());
        modules::what_is(range.start(), print);
    }
    match executable() {
        Ok(bytes) => landfall::println!("W^X: {} KiB are executable, and writable nowhere", bytes >> 10),
        Err(at) => landfall::println!("W^X is broken: code is writable at {}", shown(at)),
    }
}

/// Returns the number of executable bytes, or an address at which some are writable. No leaf is
/// both, so the linear map's leaves for the same memory decide.
fn executable() -> Result<u64, VirtAddr> {
    let code = mapped(VirtAddr::new(0)).filter(|mapped| mapped.access == Access::ReadExecute);
    code.map(|code| {
        let alias = VirtRange::new(kernel().landing.plan().linear.virt(code.phys), code.range.size());
        let aliases = mapped(alias.start()).take_while(|mapped| mapped.range.start() < alias.end());
        let mut writable = aliases.filter(|mapped| mapped.access == Access::ReadWrite);
        writable.next().map_or(Ok(code.range.size()), |mapped| Err(mapped.range.start()))
    })
    .sum()
}

/// Replaces the area by one of as many pages; by none if that is 0. Every hart can use it when
/// `map` returns. The old one's memory is free after every hart has executed the fence.
pub(crate) fn hold(pages: u64) -> Result<(), SpaceError> {
    let (space, mut held) = (&kernel().space, HELD.lock());
    if let Some(area) = held.take() {
        memory::give_back(space.unmap(area).map_err(|refused| refused.error)?.complete()?);
    }
    if pages != 0 {
        let area = space.map(memory::take(pages)?, DataAccess::ReadWrite, Region::Dynamic);
        let area = area.map_err(memory::refused)?;
        let first = area.range().start();
        for page in 0..pages {
            let word = with_exposed_provenance_mut::<u64>((first + page * PAGE_SIZE).get() as usize);
            // SAFETY: the area maps this page, readable and writable, for this function alone.
            unsafe { word.write_volatile(page) };
        }
        landfall::println!("{pages} pages at {}: {}", shown(first), space.what_is(first));
        *held = Some(area);
    }
    Ok(())
}
