//! The editor against an obvious model: a map from page to frame and access, and a set of frames.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use landfall_judge::Permission;
use landfall_judge::model::{Pages, Span};
use landfall_judge::walk::Root;
use landfall_paging::{
    Access, EditError, Fence, LeafSize, Levels, Mapping, Mode, PhysAddr, Sv39, Sv48, Sv57, Translation,
    VirtAddr, VirtRange,
};
use proptest::prelude::*;

use crate::draws;
use crate::edit_machine::{Machine, Operation, PAGE, ROOT, Watch, editor, root};
use crate::tables::{FORMATS, extensions, span};

fn permission(access: Access) -> Permission {
    span(&Mapping { virt: VirtAddr::new(0), phys: PhysAddr::new(0), size: PAGE, access }).permission
}

/// The model: page to frame and access.
type Model = BTreeMap<u64, (u64, Permission)>;

/// The model's result of an operation: the first page at fault, or the new mappings.
fn expect(model: &Model, operation: Operation) -> Result<Model, u64> {
    let (virt, size) = operation.stretch();
    if virt >> 63 == 0 {
        // The lower half is not the editor's.
        return Err(virt);
    }
    if virt.wrapping_add(size) == 0 {
        // Nothing is mapped in the last page of all.
        return Err(virt);
    }
    let mut after = model.clone();
    for offset in (0..size).step_by(4096) {
        let page = virt + offset;
        let known = model.get(&page).copied();
        match (operation, known) {
            (Operation::Map { phys, access, .. }, None) => {
                after.insert(page, (phys + offset, permission(access)));
            }
            (Operation::Protect { access, .. }, Some((phys, _))) => {
                after.insert(page, (phys, permission(access)));
            }
            (Operation::Unmap { .. }, Some(_)) => {
                after.remove(&page);
            }
            _ => return Err(page),
        }
    }
    Ok(after)
}

fn at_fault(error: EditError) -> Option<u64> {
    match error {
        EditError::Mapped { virt, .. }
        | EditError::NotMapped { virt }
        | EditError::LowerHalf { virt, .. }
        | EditError::OutOfRange { virt, .. } => Some(virt.get()),
        _ => None,
    }
}

/// Pages at the edges of a stretch and around it, with all that they may lead to.
fn watch(root: Root, operation: Operation, before: &Model, after: &Model) -> Watch {
    let (virt, size) = operation.stretch();
    let pages = [
        virt.wrapping_sub(PAGE),
        virt,
        virt + size / 2 / PAGE * PAGE,
        virt + (size - PAGE),
        virt.wrapping_add(size),
    ];
    let allowed = pages.map(|page| (page, vec![before.get(&page).copied(), after.get(&page).copied()]));
    Watch { root, allowed: allowed.to_vec() }
}

/// The addresses whose leaves an operation changes: its own, and all of a leaf of 64 KiB that it
/// covers in part, which it splits.
fn changed(root: Root, machine: &Machine, operation: Operation) -> VirtRange {
    let (virt, size) = operation.stretch();
    let (mut first, mut last) = (virt, virt + (size - 1));
    for edge in [virt, virt + (size - PAGE)] {
        let Ok(hit) = root.translate(edge, |at| machine.memory.read(at)) else { continue };
        let leaf = edge & !(hit.leaf.size - 1);
        let is_whole = virt <= leaf && leaf + (hit.leaf.size - 1) <= virt + (size - 1);
        if hit.leaf.size == LeafSize::K64.bytes() && !is_whole {
            (first, last) = (first.min(leaf), last.max(leaf + (hit.leaf.size - 1)));
        }
    }
    VirtRange::new(VirtAddr::new(first), last - first + 1)
}

/// Carries out operations and compares with the model after each.
fn follow<L: Levels>(levels: L, frames: u64, operations: &[Operation]) {
    follow_from(levels, Machine::new(frames), Model::new(), operations);
}

/// The same from tables that are what the model says.
fn follow_from<L: Levels>(levels: L, machine: Machine, mut model: Model, operations: &[Operation]) {
    let root = root(levels.mode()).with_extensions(extensions(machine.format));
    let machine = RefCell::new(machine);
    for &operation in operations {
        let expected = expect(&model, operation);
        let after = expected.as_ref().unwrap_or(&model);
        machine.borrow_mut().watch = Some(watch(root, operation, &model, after));
        let before = machine.borrow().taken.clone();
        let changed = changed(root, &machine.borrow(), operation);
        let result = operation.apply(levels, &machine);
        machine.borrow_mut().watch = None;
        match (result, expected) {
            (Ok(fence), Ok(after)) => {
                model = after;
                let tables_changed = machine.borrow().taken != before;
                let wanted = if tables_changed { Fence::All } else { Fence::Leaves(changed) };
                assert_eq!(fence, wanted, "{operation:x?}");
            }
            (Err(EditError::OutOfFrames { needed, found }), Ok(_)) => {
                assert!(needed > found && found == machine.borrow().free.len() as u64);
            }
            (Err(error), Err(page)) => assert_eq!(at_fault(error), Some(page), "{error}: {operation:x?}"),
            (found, expected) => panic!("{operation:x?} gives {found:?}, the model {:x?}", expected.err()),
        }
        compare(&machine.borrow(), root, &model);
        probe(levels, &machine, operation, &model);
    }
}

/// The tables map what the model maps, and nothing else; no frame is lost, or still in use.
fn compare(machine: &Machine, root: Root, model: &Model) {
    let walk = machine.walk(root);
    assert_eq!(walk.malformed, []);
    let tables: BTreeSet<u64> = walk.tables.iter().copied().filter(|table| *table != ROOT).collect();
    assert_eq!(tables, machine.taken, "the tables are the frames that were taken");
    for leaf in &walk.leaves {
        assert!(leaf.flags.g() && leaf.flags.a() && leaf.flags.d() && !leaf.flags.u(), "{leaf}");
    }
    let modelled =
        model.iter().map(|(&virt, &(phys, permission))| Span { virt, phys, size: PAGE, permission });
    assert!(
        Pages::of(walk.leaves.iter().copied().map(Span::from)) == Pages::of(modelled),
        "the pages differ"
    );
    for table in walk.tables.iter().filter(|table| **table != ROOT) {
        let is_empty = (0..512).all(|index| machine.memory.read(table + index * 8) & 1 == 0);
        assert!(!is_empty, "the table at {table:#x} is empty and was not given back");
    }
}

/// The editor's own walk around a stretch.
fn probe<L: Levels>(levels: L, machine: &RefCell<Machine>, operation: Operation, model: &Model) {
    let (virt, size) = operation.stretch();
    let editor = editor(levels, machine);
    for address in
        [virt.wrapping_sub(1), virt, virt + size / 2 + 5, virt + (size - 1), virt.wrapping_add(size)]
    {
        let expected =
            model.get(&(address & !4095)).map(|(phys, permission)| (phys | (address & 4095), *permission));
        let found = match editor.walk(VirtAddr::new(address)) {
            Translation::Mapped { physical, access, .. } => Some((physical.get(), permission(access))),
            Translation::Unmapped => None,
            Translation::Malformed => panic!("{address:#x} is malformed"),
        };
        assert_eq!(found, expected, "{address:#x}");
    }
}

fn access() -> impl Strategy<Value = Access> {
    prop::sample::select(vec![Access::ReadOnly, Access::ReadWrite, Access::ReadExecute])
}

/// Stretches that lie close together, around places where tables of every level begin.
fn stretch() -> impl Strategy<Value = (u64, u64)> {
    let base = prop::sample::select(vec![
        0,
        (1 << 38) - (4 << 20),
        u64::MAX << 38,
        (u64::MAX << 32) - (4 << 20),
        u64::MAX << 21,
        u64::MAX - (8 << 20) + 1,
    ]);
    let grain = prop::sample::select(vec![12, 12, 15, 21]);
    (base, grain, 0..2048_u64, 1..1100_u64).prop_filter_map(
        "leaves its half",
        |(base, grain, first, pages)| {
            let units = |pages: u64| pages >> (grain - 12);
            let first = (first % units(2048)) << grain;
            let size = (pages % units(1100).max(2)).max(1) << grain;
            let virt = base.checked_add(first)?;
            let last = virt.checked_add(size - 1)?;
            let is_canonical = virt >> 38 == 0 || virt >> 38 == u64::MAX >> 38;
            (is_canonical && virt >> 38 == last >> 38).then_some((virt, size))
        },
    )
}

fn operation() -> impl Strategy<Value = Operation> {
    let phys = prop::sample::select(vec![0x8000_0000_u64, 0x8000_1000, 0x1_4020_0000, 0x20_0000]);
    (stretch(), access(), phys, 0..9).prop_map(|((virt, size), access, phys, what)| match what {
        // Mostly with the same place within 2 MiB, so that large leaves fit.
        0..=4 => Operation::Map { virt, phys: phys + (virt & 0x3f_ffff), size, access },
        5 | 6 => Operation::Protect { virt, size, access },
        _ => Operation::Unmap { virt, size },
    })
}

/// Returns an operation on a mapped part in place of one that would be refused. Otherwise most
/// would be.
fn steer(operations: Vec<(Operation, u64, u64)>) -> Vec<Operation> {
    let mut mapped: Vec<(u64, u64)> = Vec::new();
    let steer = |(operation, skip, keep): (Operation, u64, u64)| {
        if let Operation::Map { virt, size, .. } = operation {
            mapped.push((virt, size));
            return operation;
        }
        let Some(&(virt, size)) = mapped.get(usize::try_from(skip).unwrap_or(0) % mapped.len().max(1)) else {
            return operation;
        };
        let pages = size / PAGE;
        let first = skip % pages;
        let (virt, size) = (virt + first * PAGE, (keep % (pages - first) + 1) * PAGE);
        match operation {
            Operation::Protect { access, .. } => Operation::Protect { virt, size, access },
            _ => Operation::Unmap { virt, size },
        }
    };
    operations.into_iter().map(steer).collect()
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let pages = || prop_oneof![Just(0_u64), Just(1), Just(511), Just(512), 0..2048_u64];
    prop::collection::vec((operation(), pages(), pages()), 1..24).prop_map(steer)
}

/// The mapping before a random operation: 1 MiB, at addresses whose last 64 KiB are the same.
const PREPARED: Mapping = Mapping {
    virt: VirtAddr::new(u64::MAX << 38 | 0x31_0000),
    phys: PhysAddr::new(0x8abc_0000),
    size: 1 << 20,
    access: Access::ReadWrite,
};

/// An operation on a part of that.
fn part() -> impl Strategy<Value = Operation> {
    let edge = || prop_oneof![0..17_u64, (0..17_u64).prop_map(|group| group * 16), 0..256_u64];
    (edge(), edge(), access(), 0..4).prop_filter_map("empty", |(from, to, access, what)| {
        let offset = from * PAGE;
        let size = to.checked_sub(from).filter(|pages| *pages != 0)? * PAGE;
        let virt = PREPARED.virt.get() + offset;
        Some(match what {
            0 => Operation::Map { virt, phys: PREPARED.phys.get() + offset, size, access },
            1 => Operation::Unmap { virt, size },
            _ => Operation::Protect { virt, size, access },
        })
    })
}

proptest! {
    #![proptest_config(draws(64))]

    #[test]
    fn tables_of_every_format_are_edited(
        operations in prop::collection::vec(part(), 1..12),
        format in prop::sample::select(&FORMATS[..]),
        mode in prop::sample::select(&Mode::BEST_FIRST[..]),
    ) {
        let pages = (0..PREPARED.size).step_by(4096);
        let entry = |offset| (PREPARED.virt.get() + offset, (PREPARED.phys.get() + offset, permission(PREPARED.access)));
        let machine = Machine::built(mode, format, &[PREPARED], 16);
        follow_from(mode, machine, pages.map(entry).collect(), &operations);
    }

    #[test]
    fn an_editor_does_what_a_map_of_pages_does(operations in operations(), mode in prop::sample::select(&Mode::BEST_FIRST[..])) {
        follow(mode, 64, &operations);
    }

    #[test]
    fn a_fixed_mode_is_the_same_editor(operations in operations()) {
        follow(Sv39, 64, &operations);
        follow(Sv48, 64, &operations);
        follow(Sv57, 64, &operations);
    }

    #[test]
    fn too_few_frames_change_nothing(operations in operations(), frames in 0..8_u64) {
        follow(Mode::Sv48, frames, &operations);
    }
}
