//! A landing on the host: the tables that the plan's mappings give, read by the oracle.

use landfall_oracle::Permission;
use landfall_oracle::memory::Memory;
use landfall_oracle::model::{Span, Spans};
use landfall_oracle::walk::{Root, Walk};
use landfall_paging::{Entry, LeafFormat, Mapper, PhysAddr, Satp, TableMemory, Tables};
use landfall_plan::{ImageFacts, Plan};

use crate::machine::Machine;

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
        let mapper =
            Mapper::new(plan.mode, LeafFormat::Plain, TableMemoryOf(&mut memory), first, plan.table_pages);
        let mut mapper = mapper.expect("there is room for the root");
        plan.mappings(&machine.facts())
            .for_each(|mapping| mapper.map(mapping).expect("the plan can be mapped"));
        let tables = mapper.finish();
        let root = Root::from_satp(Satp::new(plan.mode, tables.root).bits()).expect("satp has a mode");
        let walk = root.walk(|address| memory.read(address));
        let spans = Spans::of(walk.leaves.iter().copied().map(Span::from)).expect("leaves do not overlap");
        Self { plan, tables, memory, walk, spans }
    }
}

/// What must be mapped on a machine, given the places that its plan chose: the linear map by pieces of physical memory, image and stacks
/// by the drawing in `layout`.
pub(crate) fn expected(machine: &Machine, plan: &Plan) -> Vec<Span> {
    let ImageFacts { base, text, constants, early, data } = machine.image;
    let base = base.get();
    let read_only = base..base + text + constants;
    let linear = machine.pieces().into_iter().filter(|piece| machine.must_map(piece)).map(|piece| Span {
        virt: piece.start.wrapping_add(plan.linear.offset),
        phys: piece.start,
        size: piece.end - piece.start,
        permission: if read_only.contains(&piece.start) { Permission::READ } else { Permission::READ_WRITE },
    });
    let part = |skipped: u64, size, permission| Span {
        virt: plan.image.virt.get() + skipped,
        phys: base + skipped,
        size,
        permission,
    };
    let image = [
        part(0, text, Permission::READ_EXECUTE),
        part(text, constants, Permission::READ),
        part(text + constants + early, data, Permission::READ_WRITE),
    ];
    let above = plan.image.virt.get() + text + constants + early + data;
    let size = machine.stack_size;
    let memory = plan.block.start().get() + plan.table_pages * 4096;
    let stacks = (0..machine.landing_harts()).map(|index| Span {
        virt: above + index * (4096 + size) + 4096,
        phys: memory + index * size,
        size,
        permission: Permission::READ_WRITE,
    });
    linear.chain(image).chain(stacks).collect()
}
