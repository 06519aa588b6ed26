//! Harts: the children of `/cpus`.

use landfall_plan::harts::{Extension, Extensions, Hart, Mmu};

use super::cells::number;
use super::isa::{self, LastList};
use super::name::{Name, is_named};
use super::reader::{Read, Reader};
use super::text::{is_okay, text};
use super::token::Word;
use super::walk::Walk;

impl<'a> Reader<'a, '_> {
    /// Reads `/cpus`.
    pub(super) fn read_harts(&mut self, walk: &mut Walk<'a, impl Word>) -> Read {
        walk.properties(|name, value| {
            if name == Name::TimebaseFrequency {
                self.facts.timebase = number(value).unwrap_or(0);
            }
        })?;
        let mut earlier = LastList::default();
        while let Some(node) = walk.child()? {
            let Some((hart, zero_block)) = read_hart(node, walk, &mut earlier)? else { continue };
            if hart.id == self.facts.boot_hart {
                self.found.lists_boot_hart = true;
                self.facts.zero_block = zero_block;
                self.facts.harts.push_boot_hart(hart);
            } else {
                self.facts.harts.push(hart);
            }
        }
        Ok(())
    }
}

/// Returns the hart that a child of `/cpus` describes; `None` for a disabled one, and for anything
/// else. As in Linux (`drivers/of/cpu.c`), a node is a processor by its name or by its
/// `device_type`. Besides, returns the size of the blocks of its `cbo.zero`, 0 where it has none.
fn read_hart<'a>(
    node: &[u8],
    walk: &mut Walk<'a, impl Word>,
    earlier: &mut LastList<'a>,
) -> Read<Option<(Hart, u64)>> {
    let (mut id, mut mmu, mut zero_block, mut okay) = (None, Mmu::Unstated, 0, true);
    let (mut is_cpu, mut is_riscv) = (is_named(node, b"cpu"), true);
    // The list replaces the string (binding `riscv/extensions.yaml`): where both are there, it
    // alone counts.
    let (mut list, mut string) = (None, None);
    walk.properties(|name, value| match name {
        Name::Reg => id = number(value),
        Name::MmuType => mmu = Mmu::from_name(text(value)),
        Name::IsaExtensions => list = Some(value),
        Name::Isa => string = Some(value),
        Name::ZeroBlockSize => zero_block = number(value).unwrap_or(0),
        Name::DeviceType => is_cpu |= text(value) == b"cpu",
        Name::Compatible => is_riscv = value.split(|byte| *byte == 0).any(|name| name == b"riscv"),
        Name::Status => okay &= is_okay(value),
        _ => {}
    })?;
    walk.skip_children()?;
    Ok(id.filter(|_| okay && is_cpu && is_riscv).map(|id| {
        let extensions = match (list, string) {
            (Some(list), _) => earlier.extensions(list),
            (None, Some(string)) => isa::of_string(text(string)),
            (None, None) => Extensions::NONE,
        };
        if !extensions.contains(Extension::Zicboz) {
            zero_block = 0;
        }
        (Hart { id, mmu, extensions }, zero_block)
    }))
}
