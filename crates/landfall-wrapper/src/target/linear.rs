//! The linear map of the new page tables: as landed, but for the memory that is text or constants
//! there.

use landfall::Landing;
use landfall::address::PhysRange;
use landfall::policy::Alias;
use landfall_paging::{Access, MapError, Mapping};

/// Passes the mappings to `each`, in ascending order. Nothing may write to the memory in `cuts`:
/// it is read-only, or absent, as the policy says. The pages in `added` are no RAM.
pub(super) fn for_each<C: Iterator<Item = PhysRange>>(
    landing: &Landing,
    cuts: impl Fn() -> C,
    mut added: Option<PhysRange>,
    mut each: impl FnMut(Mapping) -> Result<(), MapError>,
) -> Result<(), MapError> {
    let protected = match landing.policy().alias() {
        Alias::ReadOnly => Some(Access::ReadOnly),
        // Absent, and what later policies add.
        _ => None,
    };
    let linear = &landing.plan().linear;
    let map = |range: PhysRange, access| Mapping {
        virt: linear.virt(range.start()),
        phys: range.start(),
        size: range.size(),
        access,
    };
    for mut rest in linear.mapped(landing.facts()) {
        if let Some(below) = added.take_if(|added| added.start() < rest.start()) {
            each(map(below, Access::ReadWrite))?;
        }
        while !rest.is_empty() {
            let start = rest.start();
            let (mut end, mut access) = (rest.end(), Some(Access::ReadWrite));
            for cut in cuts() {
                if cut.contains_address(start) {
                    (end, access) = (end.min(cut.end()), protected);
                } else if cut.start() > start {
                    end = end.min(cut.start());
                }
            }
            let piece = PhysRange::between(start, end);
            if let Some(access) = access {
                each(map(piece, access))?;
            }
            rest = PhysRange::between(end, rest.end());
        }
    }
    added.map_or(Ok(()), |above| each(map(above, Access::ReadWrite)))
}
