//! The operations, one after the other: each finds what the one before it has left.

use landfall::address::{PhysAddr, VirtAddr};
use landfall::paging::{Access, Mapping};
use landfall_paging::{Editor, Levels, Translation};

use crate::tables::{LinearMap, Pool};

/// The number of steps.
pub(crate) const STEPS: usize = 14;

const PAGE: u64 = 4096;
/// The address of the first of 64 mapped pages.
const MANY: u64 = 64 * PAGE;
const LARGE: u64 = 2 << 20;

/// The tables, frames and addresses of every operation.
pub(crate) struct Context<L> {
    pub(crate) editor: Editor<L, LinearMap, Pool>,
    /// A gigabyte of addresses without a table.
    pub(crate) virt: VirtAddr,
    /// 2 MiB of memory.
    pub(crate) phys: PhysAddr,
}

/// The expected behavior of the machine afterwards, at an offset from the first address.
pub(crate) enum Expect {
    /// A store arrives.
    Writable(u64),
    /// A load gives what is there.
    Readable(u64),
    /// Nothing is mapped.
    Unmapped(u64),
}

/// An operation.
pub(crate) struct Step<L> {
    pub(crate) name: &'static str,
    /// The counted function. It returns 0 if it failed.
    pub(crate) run: extern "C" fn(&mut Context<L>) -> u64,
    pub(crate) expect: Expect,
}

/// All operations.
#[rustfmt::skip]
pub(crate) fn steps<L: Levels>() -> [Step<L>; STEPS] {
    use Expect::{Readable, Unmapped, Writable};
    let step = |name, run, expect| Step { name, run, expect };
    [
        step("walk,_not_mapped", walk_nothing, Unmapped(0)),
        step("map_4_KiB,_two_new_tables", map::<L, 0, PAGE>, Writable(0)),
        step("map_4_KiB", map::<L, PAGE, PAGE>, Writable(PAGE)),
        step("map_64_x_4_KiB", map::<L, MANY, MANY>, Writable(2 * MANY - PAGE)),
        step("walk,_4_KiB_leaf", walk::<L, PAGE>, Writable(PAGE)),
        step("protect_4_KiB", protect::<L, PAGE, PAGE>, Readable(PAGE)),
        step("protect_64_x_4_KiB", protect::<L, MANY, MANY>, Readable(MANY)),
        step("unmap_64_x_4_KiB", unmap::<L, MANY, MANY>, Unmapped(2 * MANY - PAGE)),
        step("unmap_4_KiB", unmap::<L, PAGE, PAGE>, Unmapped(PAGE)),
        step("unmap_4_KiB,_both_tables_empty", unmap::<L, 0, PAGE>, Unmapped(0)),
        step("map_2_MiB_leaf,_one_new_table", map::<L, 0, LARGE>, Writable(LARGE - 8)),
        step("walk,_2_MiB_leaf", walk::<L, PAGE>, Writable(PAGE)),
        step("protect_4_KiB_of_2_MiB,_a_split", protect::<L, PAGE, PAGE>, Readable(PAGE)),
        step("unmap_512_x_4_KiB,_both_tables_empty", unmap::<L, 0, LARGE>, Unmapped(PAGE)),
    ]
}

extern "C" fn map<L: Levels, const OFFSET: u64, const SIZE: u64>(context: &mut Context<L>) -> u64 {
    let Context { editor, virt, phys } = context;
    let (virt, phys) = (virt.wrapping_add(OFFSET), phys.wrapping_add(OFFSET));
    editor.map(Mapping { virt, phys, size: SIZE, access: Access::ReadWrite }).is_ok().into()
}

extern "C" fn protect<L: Levels, const OFFSET: u64, const SIZE: u64>(context: &mut Context<L>) -> u64 {
    context.editor.protect(context.virt.wrapping_add(OFFSET), SIZE, Access::ReadOnly).is_ok().into()
}

extern "C" fn unmap<L: Levels, const OFFSET: u64, const SIZE: u64>(context: &mut Context<L>) -> u64 {
    context.editor.unmap(context.virt.wrapping_add(OFFSET), SIZE).is_ok().into()
}

extern "C" fn walk<L: Levels, const OFFSET: u64>(context: &mut Context<L>) -> u64 {
    match context.editor.walk(context.virt.wrapping_add(OFFSET)) {
        Translation::Mapped { physical, .. } => (physical == context.phys.wrapping_add(OFFSET)).into(),
        Translation::Unmapped | Translation::Malformed => 0,
    }
}

extern "C" fn walk_nothing<L: Levels>(context: &mut Context<L>) -> u64 {
    (context.editor.walk(context.virt) == Translation::Unmapped).into()
}
