//! A landing on the host: the tables that the plan's mappings give, read by the oracle.

use landfall_judge::Permission;
use landfall_judge::extensions::Extensions;
use landfall_judge::memory::Memory;
use landfall_judge::model::{Span, Spans};
use landfall_judge::walk::{Root, Walk};
use landfall_paging::{Entry, LeafFormat, Mapper, PhysAddr, Satp, TableMemory, Tables};
use landfall_plan::Plan;
use landfall_plan::facts::{ImageFacts, PlacedImage};
use landfall_plan::policy::{Alias, Placement};

use crate::machine::{Machine, bytes};

/// The machine's memory, as the mapper reaches it.
#[derive(Debug)]
pub(crate) struct TableMemoryOf<'a>(pub(crate) &'a mut Memory);

impl TableMemory for TableMemoryOf<'_> {
    fn write_run(&mut self, at: PhysAddr, first: Entry, step: u64, count: usize) {
        for index in 0..count as u64 {
            self.0.write(at.get() + index * 8, first.bits() + step * index);
        }
    }
}

/// A machine after landing.
#[derive(Debug)]
pub(crate) struct Landed {
    pub(crate) plan: Plan,
    pub(crate) tables: Tables,
    pub(crate) memory: Memory,
    pub(crate) walk: Walk,
    pub(crate) spans: Spans,
}

impl Landed {
    pub(crate) fn new(machine: &Machine) -> Self {
        let plan = machine.plan().expect("only machines that land are drawn");
        let first = plan.block.start();
        let mut memory = Memory::poisoned(first.get(), plan.table_pages);
        let mapper = Mapper::new(plan.mode, plan.format, TableMemoryOf(&mut memory), first, plan.table_pages);
        let mut mapper = mapper.expect("there is room for the root");
        plan.mappings(&machine.facts())
            .for_each(|mapping| mapper.map(mapping).expect("the plan can be mapped"));
        let tables = mapper.finish();
        let extensions = match plan.format {
            LeafFormat::Plain => Extensions::None,
            LeafFormat::Napot => Extensions::Svnapot,
            LeafFormat::Thead => Extensions::TheadMemory,
            _ => panic!("no plan has the format"),
        };
        let root = Root::from_satp(Satp::new(plan.mode, tables.root).bits()).expect("satp has a mode");
        let walk = root.with_extensions(extensions).walk(|address| memory.read(address));
        let spans = Spans::of(walk.leaves.iter().copied().map(Span::from)).expect("leaves do not overlap");
        Self { plan, tables, memory, walk, spans }
    }
}

/// The required mappings on a machine, given the places of its plan. The linear map follows from
/// pieces of physical memory, image and stacks from the drawing in `layout`.
pub(crate) fn expected(machine: &Machine, plan: &Plan) -> Vec<Span> {
    let (machine, reach) = (machine.moved(plan), bytes(plan.linear.reach));
    let linear = machine.pieces(&reach).into_iter().filter(|piece| machine.must_map(piece, &reach));
    let linear = linear.filter_map(|piece| {
        Some(Span {
            virt: piece.start.wrapping_add(plan.linear.offset),
            phys: piece.start,
            size: piece.end - piece.start,
            permission: linear_permission(&machine, piece.start)?,
        })
    });
    linear.chain(image(&machine, plan)).chain(stacks(&machine, plan)).collect()
}

/// The permissions of the linear map for a byte.
fn linear_permission(machine: &Machine, phys: u64) -> Option<Permission> {
    let PlacedImage { base, parts: ImageFacts { text, constants, .. } } = machine.image;
    let is_text = phys >= base.get() && phys - base.get() < text;
    let is_read_only = phys >= base.get() && phys - base.get() < text + constants;
    match (machine.mode_policy.placement, machine.mode_policy.alias) {
        (Placement::LinearMap, _) if is_text => Some(Permission::READ_EXECUTE),
        (Placement::LinearMap, _) | (_, Alias::ReadOnly) if is_read_only => Some(Permission::READ),
        (_, Alias::Absent) if is_read_only => None,
        _ => Some(Permission::READ_WRITE),
    }
}

/// The image in its own region.
fn image(machine: &Machine, plan: &Plan) -> Vec<Span> {
    let PlacedImage { base, parts: ImageFacts { text, constants, early, data } } = machine.image;
    let part = |skipped: u64, size, permission| Span {
        virt: plan.image.virt.get() + skipped,
        phys: base.get() + skipped,
        size,
        permission,
    };
    match machine.mode_policy.placement {
        Placement::OwnRegion => vec![
            part(0, text, Permission::READ_EXECUTE),
            part(text, constants, Permission::READ),
            part(text + constants + early, data, Permission::READ_WRITE),
        ],
        _ => vec![],
    }
}

/// The stacks, the first behind a guard from their place on.
fn stacks(machine: &Machine, plan: &Plan) -> impl Iterator<Item = Span> {
    let size = machine.mode_policy.stack_size;
    let grain = if machine.has_svnapot() && size >= 65536 { 65536 } else { 4096 };
    let (virt, memory) = (plan.stacks.virt.get() + 65536, plan.block.start().get() + plan.table_pages * 4096);
    (0..machine.landing_harts()).map(move |index| Span {
        virt: virt + index * (size + 65536).next_multiple_of(grain),
        phys: memory + index * size.next_multiple_of(grain),
        size,
        permission: Permission::READ_WRITE,
    })
}
