//! Harts: the children of `/cpus`.

use dtoolkit::fdt::FdtNode;
use dtoolkit::{Node, Property};
use landfall_plan::Facts;
use landfall_plan::harts::{Extension, Extensions, Hart, Mmu};

use super::cells::number;
use super::isa;
use super::text::{base_name, is_okay, text};
use super::validate::Tree;

impl<'a> Tree<'a> {
    /// Reads `/cpus`. Returns true if the hart that boots is among the enabled harts.
    pub(super) fn read_harts(self, node: &FdtNode<'a>, facts: &mut Facts) -> bool {
        for property in node.properties() {
            if property.name() == "timebase-frequency" {
                facts.timebase = number(property.value()).unwrap_or(0);
            }
        }
        let mut lists_boot_hart = false;
        for (hart, zero_block) in node.children().filter_map(|child| self.read_hart(&child)) {
            if hart.id == facts.boot_hart {
                lists_boot_hart = true;
                facts.zero_block = zero_block;
                facts.harts.push_boot_hart(hart);
            } else {
                facts.harts.push(hart);
            }
        }
        lists_boot_hart
    }

    /// Returns the hart that a child of `/cpus` describes; `None` for a disabled one, and for
    /// anything else. As in Linux (`drivers/of/cpu.c`), a node is a processor by its name or by its
    /// `device_type`. Besides, returns the size of the blocks of its `cbo.zero`, 0 where it has
    /// none.
    fn read_hart(self, node: &FdtNode<'a>) -> Option<(Hart, u64)> {
        let (mut id, mut mmu, mut zero_block) = (None, Mmu::Unstated, 0);
        let (mut is_cpu, mut is_riscv) = (base_name(node.name()) == "cpu", true);
        // The list replaces the string (binding `riscv/extensions.yaml`): where both are there, it
        // alone counts.
        let (mut list, mut string) = (None, None);
        for property in node.properties() {
            let value = property.value();
            match property.name() {
                "reg" => id = number(value),
                "mmu-type" => mmu = Mmu::from_name(text(value)),
                "riscv,isa-extensions" => list = Some(self.own(value)),
                "riscv,isa" => string = Some(self.own(value)),
                "riscv,cboz-block-size" => zero_block = number(value).unwrap_or(0),
                "device_type" => is_cpu |= text(value) == b"cpu",
                "compatible" => is_riscv = value.split(|byte| *byte == 0).any(|name| name == b"riscv"),
                "status" if !is_okay(value) => return None,
                _ => {}
            }
        }
        let id = id.filter(|_| is_cpu && is_riscv)?;
        let extensions = match (list, string) {
            (Some(list), _) => isa::of_list(list),
            (None, Some(string)) => isa::of_string(text(string)),
            (None, None) => Extensions::NONE,
        };
        let has_blocks = extensions.contains(Extension::Zicboz);
        Some((Hart { id, mmu, extensions }, if has_blocks { zero_block } else { 0 }))
    }
}
