//! The checks of one run, without a look at others but for guards of stacks.

use crate::address::{PAGE, Phys, Span, Virt, union};
use crate::finding::{Code, Finding, Findings};
use crate::format::{Format, Updates};
use crate::known::Known;
use crate::run::Run;
use crate::walk::{Fault, FaultKind};

/// The checks, with what they need to know.
pub(crate) struct Checks<'a> {
    known: &'a Known,
    format: Format,
    /// Sorted, and none touches another.
    no_map: Vec<Span<Phys>>,
}

impl<'a> Checks<'a> {
    pub(crate) fn new(known: &'a Known, format: Format) -> Self {
        Self { known, format, no_map: union(&known.no_map) }
    }

    /// Adds the findings about the runs of a root.
    pub(crate) fn check(&self, root: usize, runs: &[Run], findings: &mut Findings) {
        for run in runs {
            self.run(root, run, findings);
        }
        stacks(root, runs, &self.known.stacks, findings);
    }

    fn run(&self, root: usize, run: &Run, findings: &mut Findings) {
        let Run { virt, phys, size, attributes, leaf } = *run;
        let whole = run.span();
        let mut add = |code, span: Span<Virt>, found: &dyn Fn() -> String| {
            let phys = Phys(phys.0 + (span.start.0 - virt.0));
            findings.add(code, || Finding {
                code,
                root,
                span,
                phys: Some(phys),
                entry: None,
                found: found(),
            });
        };
        let leaves = || format!("{attributes}, {} of {leaf}", size / leaf.bytes());
        if attributes.writable() && attributes.executable() {
            add(Code::LeafWx, whole, &leaves);
        }
        if attributes.user() && virt.is_upper() {
            add(Code::LeafUser, whole, &leaves);
        }
        if !attributes.user() && !virt.is_upper() && virt.0 == phys.0 {
            add(Code::LeafIdentity, whole, &leaves);
        }
        // Faults of user mode are the kernel's work anyway.
        let is_unset = !attributes.accessed() || attributes.writable() && !attributes.dirty();
        if is_unset && !attributes.user() && self.format.updates == Updates::Fault {
            add(Code::LeafAd, whole, &leaves);
        }
        if whole.contains(Virt(0)) {
            add(Code::PageFirst, Span::new(virt, PAGE), &leaves);
        }
        if whole.contains(Virt(!0)) {
            add(Code::PageLast, Span::new(Virt(!0 - (PAGE - 1)), PAGE), &leaves);
        }
        let memory = Span::new(phys, size);
        let first = self.no_map.partition_point(|no_map| no_map.end() <= u128::from(phys.0));
        for no_map in self.no_map[first..].iter().take_while(|no_map| no_map.overlaps(&memory)) {
            let start = no_map.start.0.max(phys.0);
            let end = no_map.end().min(memory.end());
            let size = u64::try_from(end - u128::from(start)).unwrap_or(u64::MAX);
            let span = Span::new(virt.wrapping_add(start - phys.0), size);
            let found = || format!("no-map memory from {} on, {:#x} bytes", no_map.start, no_map.size);
            add(Code::LeafNoMap, span, &found);
        }
    }
}

/// Adds the findings about guards of stacks.
pub(crate) fn stacks(root: usize, runs: &[Run], stacks: &[Span<Virt>], findings: &mut Findings) {
    for stack in stacks {
        let Some(below) = stack.start.0.checked_sub(1).map(Virt) else { continue };
        let mapping = |address: Virt| {
            let after = runs.partition_point(|run| run.virt <= address);
            runs[..after].last().filter(|run| run.span().contains(address))
        };
        // A root that does not have the stack does not need its guard.
        if mapping(stack.start).is_none() {
            continue;
        }
        // A write below the stack faults there too if the page is not writable.
        let Some(run) = mapping(below).filter(|run| run.attributes.writable()) else { continue };
        let page = Virt(below.0 / PAGE * PAGE);
        findings.add(Code::StackGuard, || Finding {
            code: Code::StackGuard,
            root,
            span: Span::new(page, PAGE),
            phys: Some(Phys(run.phys.0 + (page.0 - run.virt.0))),
            entry: None,
            found: format!("{} below the stack from {} on", run.attributes, stack.start),
        });
    }
}

/// Adds the finding about a fault.
pub(crate) fn fault(root: usize, fault: &Fault, findings: &mut Findings) {
    let level = fault.place.map_or(0, |place| place.level);
    let (code, found) = match &fault.kind {
        FaultKind::Reserved => (Code::EntryReserved, "a reserved bit is set".to_owned()),
        FaultKind::WriteOnly => (Code::EntryWriteOnly, "W is set, and R is not".to_owned()),
        FaultKind::Deep => (Code::EntryDeep, "neither R nor X is set, and no level follows".to_owned()),
        FaultKind::Misaligned => {
            (Code::LeafMisaligned, format!("its memory is no multiple of {:#x}", fault.span.size))
        }
        FaultKind::NapotReserved => (
            Code::NapotReserved,
            format!("N, in a table of level {level}, with another encoding than 64 KiB"),
        ),
        FaultKind::NapotGroup => {
            (Code::NapotGroup, "differs from others of its 16, of which one has N".to_owned())
        }
        FaultKind::Loop => (Code::TableLoop, "points to a table on the way to it".to_owned()),
        FaultKind::Shared { first, root: other, level } => {
            let of = if *other == root { String::new() } else { format!(" in root {other}") };
            let text =
                format!("points to the table of level {level} that serves the addresses from {first} on{of}");
            (Code::TableShared, text)
        }
        FaultKind::Missing(missing) => (Code::TableMissing, missing.to_string()),
        FaultKind::Limit => {
            (Code::WalkLimit, "the limit of tables is reached: the walk ends here".to_owned())
        }
        FaultKind::NotFollowed { entries } => (
            Code::WalkLimit,
            format!(
                "the limit of repeats is reached: entries to tables met before that are not followed: {entries}"
            ),
        ),
    };
    let (span, entry) = (fault.span, fault.place);
    findings.add(code, || Finding { code, root, span, phys: None, entry, found });
}
