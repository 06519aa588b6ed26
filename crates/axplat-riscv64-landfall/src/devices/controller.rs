//! The controller of device interrupts: which one the tree has, and the number by which it knows
//! each CPU.

use dtoolkit::Node;
use dtoolkit::fdt::FdtNode;
use landfall::address::{PhysAddr, PhysRange};

use super::imsic::Files;
use super::node::{DeviceNode, number_of};
use super::outputs::{self, Outputs, leads_to_supervisor};
use super::refusal::Refusal;
use super::trigger::Triggers;

/// Platform-level interrupt controllers with the registers of the RISC-V PLIC specification.
const PLICS: [&str; 3] = ["riscv,plic0", "sifive,plic-1.0.0", "thead,c900-plic"];
const APLIC: &str = "riscv,aplic";
const IMSICS: &str = "riscv,imsics";

/// The most controllers of a kind that are looked at.
const MANY: usize = 8;

/// The highest number of a source (AIA 1.0, 4.5.2; PLIC specification, "Interrupt Sources").
const MAX_SOURCE: u32 = 1023;

/// A controller, and the number by which it knows each CPU.
#[derive(Clone, Debug)]
pub(crate) struct Controller {
    pub(crate) kind: Kind,
    pub(crate) registers: PhysAddr,
    /// The highest number of a source.
    pub(crate) last_source: u32,
    /// The events that sources of an APLIC report.
    pub(crate) triggers: Triggers,
    pub(crate) outputs: Outputs,
}

/// The kinds of controllers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A PLIC; a CPU's number is that of its context.
    Plic,
    /// An APLIC that interrupts harts by wires (AIA 1.0, 4.8.1); the number is that of its IDC
    /// structure.
    Wires,
    /// An APLIC that sends messages to an IMSIC (AIA 1.0, 4.9); the number is the hart index.
    Messages {
        /// The highest identity of a message.
        last_identity: u32,
    },
}

/// Controllers that a tree has.
#[derive(Clone, Debug)]
pub(crate) struct Candidates<'tree> {
    plic: Option<Candidate<'tree>>,
    aplics: [Option<Candidate<'tree>>; MANY],
    imsic: Option<(FdtNode<'tree>, Files)>,
}

#[derive(Clone, Copy, Debug)]
struct Candidate<'tree> {
    node: FdtNode<'tree>,
    registers: PhysRange,
}

impl<'tree> Candidates<'tree> {
    /// None.
    pub(super) const NONE: Self = Self { plic: None, aplics: [None; MANY], imsic: None };

    /// Keeps a node if it is a controller: the first PLIC, the first IMSIC of supervisor mode, and
    /// all APLICs. [`Candidates::choose`] leaves out those of machine mode.
    pub(super) fn take(
        &mut self,
        device: &DeviceNode<'tree>,
        mut registers: impl Iterator<Item = PhysRange>,
    ) {
        let supervisor = device.outputs.is_some_and(leads_to_supervisor);
        if device.is_any_of(&[IMSICS]) {
            if self.imsic.is_none() && supervisor {
                self.imsic = Some((device.node, Files::new(registers)));
            }
            return;
        }
        let candidate = |registers| Candidate { node: device.node, registers };
        if device.is_any_of(&PLICS) && self.plic.is_none() {
            self.plic = registers.next().map(candidate);
        } else if device.is_any_of(&[APLIC])
            && let Some(free) = self.aplics.iter_mut().find(|slot| slot.is_none())
        {
            *free = registers.next().map(candidate);
        }
    }

    /// Returns the controller for these harts, CPU by CPU; `None` if the tree has no controller.
    ///
    /// # Errors
    /// The controller's description is invalid.
    pub(crate) fn choose(
        &self,
        tree: &[u8],
        harts: impl Iterator<Item = u64>,
    ) -> Result<Option<Controller>, Refusal> {
        let aplics = || self.aplics.iter().flatten();
        if let Some(plic) = &self.plic {
            let outputs = outputs::find(plic.node, tree, harts);
            return plic.controller(tree, Kind::Plic, outputs, "riscv,ndev").map(Some);
        }
        // An APLIC with `msi-parent` sends messages.
        let wired = aplics().find(|aplic| {
            number_of(aplic.node, "msi-parent").is_none()
                && aplic.node.property("interrupts-extended").is_some_and(leads_to_supervisor)
        });
        if let Some(aplic) = wired {
            let outputs = outputs::find(aplic.node, tree, harts).renumbered(aplic.node);
            return aplic.controller(tree, Kind::Wires, outputs, "riscv,num-sources").map(Some);
        }
        let Some((imsic, files)) = &self.imsic else {
            return if aplics().next().is_some() { Err(Refusal::NoImsic) } else { Ok(None) };
        };
        let phandle = number_of(*imsic, "phandle").ok_or(Refusal::NoImsic)?;
        let Some(aplic) = aplics().find(|aplic| number_of(aplic.node, "msi-parent") == Some(phandle)) else {
            return if aplics().next().is_some() { Err(Refusal::NoImsic) } else { Ok(None) };
        };
        let last_identity = Files::last_identity(*imsic)?;
        let outputs = files.hart_indexes(*imsic, outputs::find(*imsic, tree, harts))?;
        aplic.controller(tree, Kind::Messages { last_identity }, outputs, "riscv,num-sources").map(Some)
    }
}

impl Candidate<'_> {
    fn controller(
        &self,
        tree: &[u8],
        kind: Kind,
        outputs: Outputs,
        sources: &str,
    ) -> Result<Controller, Refusal> {
        let needed = kind.size(outputs.last());
        if self.registers.size() < needed {
            return Err(Refusal::Registers { found: self.registers, needed });
        }
        let phandle = number_of(self.node, "phandle").filter(|_| kind != Kind::Plic);
        Ok(Controller {
            kind,
            registers: self.registers.start(),
            last_source: number_of(self.node, sources).map_or(MAX_SOURCE, |count| count.min(MAX_SOURCE)),
            triggers: Triggers::find(tree, phandle),
            outputs,
        })
    }
}

impl Kind {
    /// Returns the size of the registers, if `last` is the highest number of a CPU. Behind the
    /// sources lie contexts (PLIC specification, "Memory Map") or IDC structures (AIA 1.0, 4.5).
    fn size(self, last: Option<u16>) -> u64 {
        let counted = last.map_or(0, |last| u64::from(last) + 1);
        match self {
            Self::Plic => 0x20_0000 + counted * 0x1000,
            Self::Wires => 0x4000 + counted * 32,
            Self::Messages { .. } => 0x4000,
        }
    }
}
