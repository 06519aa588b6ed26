//! A kernel that runs on a small machine.

use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
use landfall_kexec::{Block, KexecError, KexecPlan, Next, Running, Step};
use landfall_paging::{Mode, PhysAddr, PhysRange};
use landfall_plan::facts::ImageFacts;
use landfall_plan::{Facts, Plan, Policy};
use landfall_tree::Tree;

/// RAM, the firmware's part of it, and a part that is reserved and mapped.
pub(crate) const RAM: PhysRange = PhysRange::new(PhysAddr::new(0x8000_0000), 64 << 20);
pub(crate) const FIRMWARE: PhysRange = PhysRange::new(PhysAddr::new(0x8000_0000), 512 << 10);
pub(crate) const RESERVED: PhysRange = PhysRange::new(PhysAddr::new(0x8280_0000), 1 << 20);

/// The place of the running kernel, of its tree and of its initrd.
pub(crate) const IMAGE: PhysAddr = PhysAddr::new(0x8020_0000);
pub(crate) const TREE: PhysAddr = PhysAddr::new(0x8380_0000);
pub(crate) const INITRD: PhysRange = PhysRange::new(PhysAddr::new(0x8300_0000), 0x5001);

/// The block.
pub(crate) const BLOCK: PhysRange = PhysRange::new(PhysAddr::new(0x8340_0000), 64 << 10);

/// A kernel that runs.
pub(crate) struct Machine {
    pub(crate) facts: Facts,
    pub(crate) plan: Plan,
    pub(crate) tree: Vec<u8>,
    pub(crate) block: Vec<u8>,
}

/// The contents of a plan, without the memory that it borrows.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) image: PhysRange,
    pub(crate) entry: PhysAddr,
    pub(crate) tree: PhysRange,
    pub(crate) initrd: Option<PhysRange>,
    pub(crate) in_place: u64,
    pub(crate) steps: Vec<Step>,
}

pub(crate) fn property(name: &str, value: &[u8]) -> DeviceTreeProperty {
    DeviceTreeProperty::new(name, value.to_vec()).expect("a name")
}

fn reg(range: PhysRange) -> DeviceTreeProperty {
    let numbers = [range.start().get(), range.size()].map(u64::to_be_bytes);
    property("reg", &numbers.concat())
}

fn node(name: &str, properties: &[DeviceTreeProperty]) -> DeviceTreeNode {
    let mut node = DeviceTreeNode::new(name).expect("a name");
    for property in properties {
        node.add_property(property.clone());
    }
    node
}

fn cells() -> [DeviceTreeProperty; 2] {
    ["#address-cells", "#size-cells"].map(|name| property(name, &2_u32.to_be_bytes()))
}

/// Returns the tree of the machine, with these properties in `/chosen`.
pub(crate) fn tree(chosen: &[DeviceTreeProperty]) -> Vec<u8> {
    let mut cpus = node("cpus", &[property("#address-cells", &1_u32.to_be_bytes())]);
    for id in [0_u32, 1] {
        let words = [
            property("device_type", b"cpu\0"),
            property("reg", &id.to_be_bytes()),
            property("mmu-type", b"riscv,sv48\0"),
        ];
        cpus.add_child(node(&format!("cpu@{id}"), &words));
    }
    let mut reserved = node("reserved-memory", &cells());
    reserved.add_property(property("ranges", &[]));
    reserved.add_child(node("firmware@80000000", &[reg(FIRMWARE), property("no-map", &[])]));
    reserved.add_child(node("log@82800000", &[reg(RESERVED)]));
    let mut tree = DeviceTree::new();
    for cells in cells() {
        tree.root.add_property(cells);
    }
    tree.root.add_child(node("memory@80000000", &[property("device_type", b"memory\0"), reg(RAM)]));
    tree.root.add_child(cpus);
    tree.root.add_child(reserved);
    tree.root.add_child(node("chosen", chosen));
    tree.to_dtb()
}

impl Machine {
    /// The machine, with an initrd and a command line.
    pub(crate) fn new() -> Self {
        let chosen = [
            property("bootargs", b"old words\0"),
            property("stdout-path", b"/soc/serial\0"),
            property("linux,initrd-start", &INITRD.start().get().to_be_bytes()),
            property("linux,initrd-end", &INITRD.end().get().to_be_bytes()),
            property(
                "linux,usable-memory-range",
                &[RAM.start().get(), RAM.size()].map(u64::to_be_bytes).concat(),
            ),
        ];
        Self::with_tree(tree(&chosen))
    }

    pub(crate) fn with_tree(tree: Vec<u8>) -> Self {
        let mut facts = Facts::UNKNOWN;
        facts.image = ImageFacts { text: 0x8000, constants: 0x8000, early: 0x8000, data: 0x8000 };
        facts.loaded = IMAGE;
        facts.tree = PhysRange::new(TREE, tree.len() as u64);
        Tree::read(&tree, &mut facts).expect("a good tree");
        let plan = Plan::new(&facts, &Policy::new(), Mode::Sv48, None).expect("the machine lands");
        Self { facts, plan, tree, block: vec![0xa5; usize::try_from(BLOCK.size()).expect("small")] }
    }

    /// Plans the start of another kernel on hart 1.
    pub(crate) fn plan(&mut self, next: &Next<'_>) -> Result<Planned, KexecError> {
        self.plan_with(next, BLOCK.start())
    }

    /// The same with the block at another address.
    pub(crate) fn plan_with(&mut self, next: &Next<'_>, at: PhysAddr) -> Result<Planned, KexecError> {
        let running = Running { facts: &self.facts, plan: &self.plan, tree: &self.tree, hart: 1 };
        let mut block = Block { bytes: &mut self.block, at };
        let mut room = [Step::None; 64];
        let plan = KexecPlan::new(running, next, &mut block, &mut room)?;
        Ok(Planned {
            image: plan.image,
            entry: plan.entry,
            tree: plan.tree,
            initrd: plan.initrd,
            in_place: plan.in_place,
            steps: plan.steps.to_vec(),
        })
    }

    /// Returns bytes of the block.
    pub(crate) fn in_block(&self, range: PhysRange) -> &[u8] {
        let offset =
            usize::try_from(range.start().wrapping_offset_from(BLOCK.start())).expect("in the block");
        &self.block[offset..offset + usize::try_from(range.size()).expect("small")]
    }
}
