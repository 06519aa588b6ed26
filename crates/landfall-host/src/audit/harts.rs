//! The harts of a machine, and the roots that they use.

use std::fmt;

use landfall_audit::{Audit, NotPaged, Origin, PAGE, Root, Run, Span, Virt};

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

/// No stack is larger. A larger mapping is another, such as a linear map.
const LARGEST_STACK: u64 = 16 << 20;

/// The number of the root that each hart uses, with its `sp`, in the kernel's half.
pub(super) fn in_use(harts: &[HartState], audit: &Audit) -> Vec<(usize, Virt)> {
    let used = |hart: &HartState| {
        let uses = |origin: &Origin| matches!(origin, Origin::Harts { harts } if harts.contains(&hart.id));
        let root = audit.roots.iter().position(|root| uses(&root.origin))?;
        Some((root, Virt(hart.sp)))
    };
    harts.iter().filter_map(used).collect()
}

/// Returns the kernel's stacks that harts use, by the root and the `sp` of each.
///
/// A stack is the writable memory around `sp`, down to the first page that is not mapped. If there
/// is more than any stack has, it has no guard, and begins at the page of `sp`. So does the higher
/// of two in the same memory.
pub(crate) fn stacks(mut used: Vec<(usize, Virt)>, audit: &Audit) -> Vec<Span<Virt>> {
    used.retain(|(_, sp)| sp.is_upper());
    used.sort_unstable();
    let mut stacks: Vec<Span<Virt>> = Vec::new();
    for of_root in used.chunk_by(|one, other| one.0 == other.0) {
        let runs = audit.mappings(of_root[0].0);
        let mut before = None;
        for (_, sp) in of_root {
            // An sp at a page's beginning is above its first byte.
            let sp = Virt(sp.0 - 1);
            let Some(start) = start(&runs, sp) else { continue };
            let page = Virt(sp.0 / PAGE * PAGE);
            let lower = before.replace((start, page));
            if lower == Some((start, page)) {
                continue;
            }
            let is_shared = lower.is_some_and(|(lower, _)| lower == start);
            let size = page.0 - start.0 + PAGE;
            stacks.push(if is_shared || size > LARGEST_STACK {
                Span::new(page, PAGE)
            } else {
                Span::new(start, size)
            });
        }
    }
    stacks.sort_unstable();
    stacks.dedup();
    stacks
}

/// Returns the first address of the writable memory that goes on up to `at`.
fn start(runs: &[Run], at: Virt) -> Option<Virt> {
    let after = runs.partition_point(|run| run.virt <= at);
    let mut below = runs[..after].iter().rev().filter(|run| !run.attributes.user());
    let first = below.next().filter(|run| run.span().contains(at) && run.attributes.writable())?;
    let mut start = first.virt;
    for run in below {
        if run.span().end() != u128::from(start.0) || !run.attributes.writable() {
            break;
        }
        start = run.virt;
    }
    Some(start)
}

#[cfg(test)]
mod tests {
    use landfall_audit::walk::Cost;
    use landfall_audit::{Attributes, Findings, LeafSize, Mode, Phys, RootAudit};

    use super::*;

    #[test]
    fn a_stack_reaches_down_to_what_is_not_mapped() {
        const AT: u64 = 0xffff_ffc0_0000_0000;
        let data = Attributes::from_text("RW-", "-GAD", "default").expect("attributes");
        let run =
            |at, size, leaf| Run::new(Virt(at), Phys(at & 0xfff_ffff), size, data, leaf).expect("a run");
        let runs = vec![
            run(AT, 0x4000, LeafSize::K4),
            run(AT + 0x10_0000, 0x1000, LeafSize::K4),
            run(AT + 0x10_1000, 0xf000, LeafSize::K4),
            run(AT + 0x4000_0000, 0x4000_0000, LeafSize::M2),
        ];
        let root = RootAudit {
            root: Root { mode: Mode::Sv39, table: Phys(0) },
            origin: Origin::Harts { harts: vec![0, 1, 2, 3, 4] },
            runs,
            regions: Vec::new(),
            inherited: Vec::new(),
            tables: 0,
            tables_of_several: 0,
            tables_of_none: 0,
        };
        let audit = Audit {
            roots: vec![root],
            findings: Findings::default(),
            unchecked: Vec::new(),
            cost: Cost::default(),
        };
        let hart = |id, sp| HartState { id, satp: Some(0), sp, world: World::Host };
        let harts = [
            hart(0, AT + 0x10_8010),
            // The top of a stack, an address in the middle of RAM, and those of no stack.
            hart(1, AT + 0x4000),
            hart(2, AT + 0x6000_0000),
            hart(3, AT + 0x20_0000),
            hart(4, 0x8004_0000),
        ];
        let right = [
            Span::new(Virt(AT), 0x4000),
            Span::new(Virt(AT + 0x10_0000), 0x9000),
            Span::new(Virt(AT + 0x5fff_f000), PAGE),
        ];
        assert_eq!(stacks(in_use(&harts, &audit), &audit), right);
        // Two stacks without a guard between them, and one twice.
        let harts = [hart(0, AT + 0x10_8010), hart(1, AT + 0x10_2000), hart(2, AT + 0x10_8000 + 0xff0)];
        let right = [Span::new(Virt(AT + 0x10_0000), 0x2000), Span::new(Virt(AT + 0x10_8000), PAGE)];
        assert_eq!(stacks(in_use(&harts, &audit), &audit), right);
    }

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
