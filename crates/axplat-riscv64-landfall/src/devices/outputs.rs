//! The outputs of an interrupt controller: `interrupts-extended` lists a hart's own interrupt
//! controller and a number in `scause` for each.

use dtoolkit::fdt::{Fdt, FdtNode, FdtProperty};
use dtoolkit::standard::NodeStandard;
use dtoolkit::{Node, Property};

use crate::config::plat::MAX_CPU_NUM;

/// Supervisor external interrupts.
const EXTERNAL: u32 = 9;

/// More than any hart index (AIA 1.0, 4.5.16: 14 bits) or context of a PLIC (15,872 of them).
const TOO_MANY: u16 = 1 << 14;

/// The number by which a controller knows each CPU; `None` if it does not reach the CPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outputs([Option<u16>; MAX_CPU_NUM]);

impl Outputs {
    /// Returns the number of a CPU.
    pub(crate) fn of(&self, cpu: usize) -> Option<u16> {
        self.0.get(cpu).copied().flatten()
    }

    /// Returns the highest number.
    pub(super) fn last(&self) -> Option<u16> {
        self.0.iter().flatten().copied().max()
    }

    /// Changes each number.
    ///
    /// # Errors
    /// The first error of `change`.
    pub(super) fn try_map<E>(mut self, change: impl Fn(u16) -> Result<u16, E>) -> Result<Self, E> {
        for number in self.0.iter_mut().flatten() {
            *number = change(*number)?;
        }
        Ok(self)
    }

    /// Numbers that `riscv,hart-indexes` gives in place of an output's position (device tree
    /// binding of the APLIC).
    pub(super) fn renumbered(self, node: FdtNode<'_>) -> Self {
        let Some(indexes) = node.property("riscv,hart-indexes") else { return self };
        let index = |position: u16| words(&indexes).nth(usize::from(position)).and_then(fitting);
        Self(self.0.map(|number| number.and_then(index)))
    }
}

/// Returns true if an output is a supervisor external interrupt.
pub(super) fn leads_to_supervisor(outputs: FdtProperty<'_>) -> bool {
    leads(&outputs).any(|(_, cause)| cause == EXTERNAL)
}

/// Returns the number of outputs.
pub(super) fn count(controller: FdtNode<'_>) -> usize {
    controller.property("interrupts-extended").map_or(0, |outputs| leads(&outputs).count())
}

/// Returns the positions of the outputs that interrupt these harts in supervisor mode, CPU by CPU.
pub(super) fn find(controller: FdtNode<'_>, tree: &[u8], harts: impl Iterator<Item = u64>) -> Outputs {
    let mut found = Outputs([None; MAX_CPU_NUM]);
    let Some(outputs) = controller.property("interrupts-extended") else { return found };
    let Some(cpus) = Fdt::new_unchecked(tree).root().child("cpus") else { return found };
    if !(1..=2).contains(&cpus.address_space().address_cells) {
        return found;
    }
    for (slot, hart) in found.0.iter_mut().zip(harts) {
        let of_hart = |cpu: &FdtNode<'_>| {
            let mut reg = cpu.reg().ok().flatten().into_iter().flatten();
            reg.next().and_then(|reg| reg.address::<u64>().ok()) == Some(hart)
        };
        let mut cpus = cpus.children().filter(|cpu| cpu.name_without_address() == "cpu");
        let own = cpus.find(of_hart).and_then(|cpu| cpu.child("interrupt-controller"));
        *slot = own.and_then(|own| own.phandle().ok().flatten()).and_then(|own| {
            let position = leads(&outputs).position(|output| output == (own, EXTERNAL));
            position.and_then(fitting)
        });
    }
    found
}

fn leads(outputs: &FdtProperty<'_>) -> impl Iterator<Item = (u32, u32)> {
    let pairs = outputs.value().as_chunks::<4>().0.as_chunks::<2>().0;
    pairs.iter().map(|pair| pair.map(u32::from_be_bytes).into())
}

fn words(property: &FdtProperty<'_>) -> impl Iterator<Item = u32> {
    property.value().as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word))
}

fn fitting<N>(number: N) -> Option<u16>
where
    u16: TryFrom<N>,
{
    u16::try_from(number).ok().filter(|number| *number < TOO_MANY)
}
