//! Everything that needs no look at instructions, one part of the file after another.

mod got;
mod header;
mod inner;
mod memory;
mod policy;
mod record;
mod relocations;
mod seal;
mod sites;
mod slots;
mod symbols;

use crate::inspection::Inspection;
use crate::subject::Subject;

/// Checks header, record, policy, relocations, symbols, memory, and the table of patched constants.
pub(crate) fn check(subject: &Subject<'_>, inspection: &mut Inspection) {
    header::check(subject, inspection);
    record::check(subject, inspection);
    seal::check(subject, inspection);
    inner::check(subject, inspection);
    policy::check(subject, inspection);
    relocations::check(subject, inspection);
    slots::check(subject, inspection);
    symbols::check(subject, inspection);
    got::check(subject, inspection);
    memory::check(subject, inspection);
    sites::check(subject, inspection);
}
