//! The role of each hart in a landing.

use landfall_paging::Mode;

use crate::facts::Facts;
use crate::harts::{Absence, Hart};
use crate::policy::{Policy, Starting};

/// The role of a hart in a landing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It boots.
    Boots,
    /// It lands after the one that boots, in the same tables.
    Follows,
    /// It does not land.
    Absent(Absence),
}

/// All harts in the tree's order, each with its role. Those that reach the mode follow, as many as
/// the policy allows.
pub fn hart_roles<'a>(
    facts: &'a Facts,
    policy: &Policy,
    mode: Mode,
) -> impl Iterator<Item = (Hart, Role)> + 'a {
    let (starting, mut room) = (policy.starting, policy.max_harts.saturating_sub(1));
    facts.harts.iter().map(move |hart| {
        let role = match starting {
            _ if hart.id == facts.boot_hart => Role::Boots,
            Starting::BootHart => Role::Absent(Absence::NotWanted),
            Starting::AllHarts if !hart.reaches(mode) => Role::Absent(Absence::WithoutMode),
            Starting::AllHarts if room == 0 => Role::Absent(Absence::BeyondLimit),
            Starting::AllHarts => {
                room -= 1;
                Role::Follows
            }
        };
        (hart, role)
    })
}
