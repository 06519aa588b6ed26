//! The harts of a machine, and the roots that they use.

use std::fmt;

use landfall_audit::{NotPaged, Origin, Root};

/// A hart that stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HartState {
    /// Its id.
    pub id: u64,
    /// Its `satp`; `None` if it has none.
    pub satp: Option<u64>,
    /// Its `sp`.
    pub sp: u64,
    /// The machine that its `satp` is about.
    pub world: World,
}

/// The machine that a `satp` is about, by the H extension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum World {
    /// The machine itself, V = 0.
    #[default]
    Host,
    /// A guest of the machine, V = 1. Its tables are at guest physical addresses.
    Guest,
}

/// The roots of a machine's harts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roots {
    /// Each root once, with its harts, in the order of the harts.
    pub roots: Vec<(Root, Origin)>,
    /// The harts that use no root.
    pub without: Vec<(u64, NoRoot)>,
}

/// Why a hart uses no root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoot {
    /// It has no `satp`: it has no supervisor mode, or no MMU.
    NoSatp,
    /// Its `satp` names no table.
    NotPaged(NotPaged),
    /// It runs a guest by the H extension.
    Guest {
        /// Its `satp`, which is the guest's.
        satp: u64,
    },
}

impl fmt::Display for NoRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSatp => f.write_str("it has no satp"),
            Self::NotPaged(reason) => reason.fmt(f),
            Self::Guest { satp } => write!(
                f,
                "it runs a guest (V is 1), whose satp {satp:#x} names a table by a guest physical address"
            ),
        }
    }
}

impl Roots {
    /// Groups harts by their roots.
    #[must_use]
    pub fn of(states: &[HartState]) -> Self {
        let mut groups: Vec<(Root, Vec<u64>)> = Vec::new();
        let mut without = Vec::new();
        for state in states {
            match root(state) {
                Err(reason) => without.push((state.id, reason)),
                Ok(root) => match groups.iter_mut().find(|(known, _)| *known == root) {
                    Some((_, harts)) => harts.push(state.id),
                    None => groups.push((root, vec![state.id])),
                },
            }
        }
        let roots = groups.into_iter().map(|(root, harts)| (root, Origin::Harts { harts })).collect();
        Self { roots, without }
    }
}

fn root(state: &HartState) -> Result<Root, NoRoot> {
    let satp = state.satp.ok_or(NoRoot::NoSatp)?;
    match state.world {
        World::Guest => Err(NoRoot::Guest { satp }),
        World::Host => Root::from_satp(satp).map_err(NoRoot::NotPaged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hart(id: u64, satp: impl Into<Option<u64>>) -> HartState {
        HartState { id, satp: satp.into(), sp: 0, world: World::Host }
    }

    #[test]
    fn harts_with_one_root_are_a_group_also_with_other_asids() {
        let satp = 9 << 60 | 0x8_0200;
        let other = 9 << 60 | 0x8_0201;
        let states = [hart(3, satp), hart(1, other), hart(0, satp | 5 << 44), hart(2, 0), hart(7, None)];
        let roots = Roots::of(&states);
        let harts: Vec<_> = roots.roots.iter().map(|(_, origin)| origin.to_string()).collect();
        assert_eq!(harts, ["satp of hart 3, 0", "satp of hart 1"]);
        let without: Vec<_> = roots.without.iter().map(|(id, reason)| format!("{id}: {reason}")).collect();
        assert_eq!(without, ["2: satp is 0x0: translation is off", "7: it has no satp"]);
    }

    #[test]
    fn a_guest_of_the_h_extension_names_no_table_of_the_machine() {
        let guest = HartState { world: World::Guest, ..hart(0, 8 << 60 | 0x8_0200) };
        let roots = Roots::of(&[guest]);
        assert!(roots.roots.is_empty());
        assert!(roots.without[0].1.to_string().contains("V is 1"));
    }
}
