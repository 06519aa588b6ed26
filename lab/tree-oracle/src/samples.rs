//! Trees that state all that a landing reads.

use crate::model::{Item, Model, Names};

/// Returns sound trees from which mutations begin.
#[must_use]
pub fn samples() -> Vec<Vec<u8>> {
    vec![board(), handed_on(), crashed()]
}

/// A tree under construction.
struct Writer(Model);

impl Writer {
    fn new() -> Self {
        Self(Model::default()).begin("").cells("#address-cells", &[2]).cells("#size-cells", &[2])
    }

    fn begin(mut self, name: &str) -> Self {
        self.0.items.push(Item::Begin(name.as_bytes().into()));
        self
    }

    fn end(mut self) -> Self {
        self.0.items.push(Item::End);
        self
    }

    fn bytes(mut self, name: &str, value: &[u8]) -> Self {
        self.0.items.push(Item::Property { name: name.as_bytes().into(), value: value.into() });
        self
    }

    fn cells(self, name: &str, cells: &[u32]) -> Self {
        self.bytes(name, &cells.iter().flat_map(|cell| cell.to_be_bytes()).collect::<Vec<_>>())
    }

    fn text(self, name: &str, text: &str) -> Self {
        self.bytes(name, &[text.as_bytes(), &[0]].concat())
    }

    fn finish(self) -> Vec<u8> {
        self.end().0.write(Names::Shared)
    }
}

fn board() -> Vec<u8> {
    let mut tree = Writer::new().text("compatible", "a,board").begin("cpus");
    tree.0.reservations = vec![[0x8000_0000, 0x1_0000], [0x8010_0800, 0x100]];
    tree = tree.cells("#address-cells", &[1]).cells("#size-cells", &[0]);
    tree = tree.cells("timebase-frequency", &[4_000_000]);
    for (id, mmu, status) in
        [(0, "riscv,none", "disabled"), (1, "riscv,sv48", "okay"), (2, "riscv,sv57", "ok")]
    {
        tree = tree.begin(&format!("cpu@{id}")).text("device_type", "cpu").cells("reg", &[id]);
        tree = tree.bytes("compatible", b"maker,core\0riscv\0").text("status", status).text("mmu-type", mmu);
        tree = tree.bytes("riscv,isa-extensions", b"i\0m\0a\0svnapot\0svpbmt\0zicbom\0zicboz\0zkr\0sstc\0");
        tree = tree.text("riscv,isa", "rv64imac_svnapot_zicbom").cells("riscv,cbom-block-size", &[64]);
        tree = tree.cells("riscv,cboz-block-size", &[32 << id]);
        tree = tree.begin("interrupt-controller").cells("#interrupt-cells", &[1]).end().end();
    }
    tree = tree.begin("cpu-map").begin("cluster0").begin("core0").cells("cpu", &[1]).end().end().end().end();
    tree = tree.begin("memory@80000000").text("device_type", "memory");
    tree = tree.cells("reg", &[0, 0x8000_0000, 0, 0x4000_0000, 1, 0, 1, 0x800]).end();
    tree = tree.begin("sdram@200000000").text("device_type", "memory").text("status", "okay");
    tree = tree.cells("reg", &[2, 0, 0, 0x1000_0000]).begin("child").end().end();
    tree = tree.begin("reserved-memory").cells("#address-cells", &[2]).cells("#size-cells", &[2]);
    tree = tree.begin("mmode_resv0@80000000").cells("reg", &[0, 0x8000_0000, 0, 0x4_0000]).end();
    tree = tree.begin("secret@90000000").cells("reg", &[0, 0x9000_0000, 0, 0x800]).bytes("no-map", &[]).end();
    tree = tree.begin("dma@a0000000").cells("reg", &[0, 0xa000_0000, 0, 0x800]).text("status", "okay").end();
    tree = tree.begin("pool").cells("size", &[0, 0x1000]).end().end();
    tree = tree.begin("soc").begin("uart@10000000").cells("reg", &[0, 0x1000_0000, 0, 0x100]).end();
    tree = tree.begin("bus").begin("device").bytes("kaslr-seed", &[3; 8]).end().end().end();
    tree = tree.begin("chosen").text("stdout-path", "/soc/uart@10000000").bytes("kaslr-seed", &[1; 8]);
    tree = tree.text("bootargs", "quiet landfall.mode=sv48 crashkernel=64M").bytes("rng-seed", &[2; 32]);
    tree = tree.cells("linux,initrd-start", &[0x8800_0000]).cells("linux,initrd-end", &[0, 0x8810_0000]);
    tree.begin("framebuffer").end().end().finish()
}

fn handed_on() -> Vec<u8> {
    let tree =
        Writer::new().begin("memory@0").text("device_type", "memory").cells("reg", &[0, 0, 0, 0x1_0000]);
    let tree = tree.end().begin("chosen@1").bytes("landfall,efi-memory-map", &[1; 4]).end();
    let tree = tree.begin("chosen").cells("linux,uefi-mmap-start", &[0, 0x8000]);
    tree.bytes("landfall,efi-memory-map", &[2; 48]).end().finish()
}

fn crashed() -> Vec<u8> {
    let tree =
        Writer::new().begin("chosen").cells("linux,usable-memory-range", &[0, 0x8010_0000, 0, 0x10_0000]);
    let tree =
        tree.cells("linux,elfcorehdr", &[0, 0x8018_0000, 0, 0x1000]).bytes("linux,booted-from-kexec", &[]);
    let tree = tree
        .end()
        .begin("memory")
        .text("device_type", "memory")
        .cells("reg", &[0, 0x8000_0000, 0, 0x20_0000]);
    let tree = tree.cells("linux,usable-memory", &[0, 0x8000_0000, 0, 0x18_0000]);
    tree.end().finish()
}
