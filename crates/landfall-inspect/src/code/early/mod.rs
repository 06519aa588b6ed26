//! Early code: what runs while slots do not hold what they will. It is followed from its roots
//! along every way, with what registers hold.
//!
//! The check is sound by this argument. A slot is read through the address of an object that holds
//! it. Code makes every such address (`auipc`), or it is itself in a slot. So early code depends on
//! no slot if it makes no address of an object with slots and reads no slot directly. It must also
//! jump to known places only. Addresses in arguments or memory come from other early code, or from
//! the loader, which knows no slots. Two assumptions remain: an index stays within its object, and
//! callees preserve the registers of the psABI.
//!
//! ```text
//! roots    where it begins and ends
//! walk     all ways, function by function
//! state    registers            value    what one of them holds
//! fault    what was found, once
//! ```

mod fault;
mod roots;
mod state;
mod value;
mod walk;

use std::collections::BTreeSet;

use crate::code::objects;
use crate::finding::{Code, Finding};
use crate::hints::Hints;
use crate::inspection::Inspection;
use crate::subject::Subject;
use roots::Missing;
use walk::Walk;

/// Instructions that may run early, by address.
pub(super) type Early = BTreeSet<u64>;

/// Adds what early code does that it should not, and says which code that is.
pub(super) fn check(subject: &Subject<'_>, hints: &Hints, inspection: &mut Inspection) -> Early {
    let mut early = Early::new();
    let windows = match roots::windows(subject, hints) {
        Ok(windows) => windows,
        Err(Missing::Stripped) => return early,
        Err(Missing::Untold(because)) => {
            inspection.skip("early code", because);
            return early;
        }
        Err(Missing::Name(name)) => {
            let found = format!("there is no symbol {name}, with which early code should begin or end");
            inspection.add(Finding::new(Code::EarlyUndecided, "the symbol table", found));
            return early;
        }
    };
    let slots = objects::slots(subject);
    let mut faults = Vec::new();
    for window in windows {
        let mut walk = Walk::new(subject, &slots, &window);
        for (root, state) in window.roots {
            walk.from(root, &state);
        }
        faults.append(&mut walk.faults);
        early.append(&mut walk.seen);
    }
    for finding in fault::findings(faults) {
        inspection.add(finding);
    }
    early
}
