//! The faults of a walk, before their report: one fault shows in several instructions.

use std::collections::HashMap;

use crate::finding::{Code, Finding};
use crate::units::Address;

/// Something that is wrong in early code.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) code: Code,
    pub(super) at: u64,
    /// The object whose slots it is about.
    pub(super) object: Option<u64>,
    pub(super) found: String,
    pub(super) chain: Vec<Address>,
}

/// The kinds of a fault; the most specific comes last.
fn weight(code: Code) -> u8 {
    match code {
        Code::EarlySlotAddress => 1,
        Code::EarlySlotRead => 2,
        Code::EarlyTableJump => 3,
        _ => 0,
    }
}

/// Returns one finding for each fault. Code that reads a slot or jumps by it has also taken the
/// object's address, and is reported once.
pub(super) fn findings(faults: Vec<Fault>) -> Vec<Finding> {
    let mut most = HashMap::new();
    for fault in &faults {
        if let Some(object) = fault.object {
            let known = most.entry(object).or_insert(0);
            *known = weight(fault.code).max(*known);
        }
    }
    let mut reported = std::collections::HashSet::new();
    let mut findings = Vec::new();
    for fault in faults {
        let less = fault.object.is_some_and(|object| weight(fault.code) < most[&object]);
        if !less && reported.insert((fault.code, fault.at)) {
            findings.push(Finding::new(fault.code, Address(fault.at), fault.found).chain(fault.chain));
        }
    }
    findings
}
