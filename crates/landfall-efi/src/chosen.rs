//! The node `/chosen`: a loader's data for a kernel.

use landfall_tree::Tree;
use landfall_tree::tokens::{Tokens, TreeWriter};

use crate::boot::Boot;
use crate::framebuffer::Framebuffer;

/// The version of a memory descriptor (`EFI_MEMORY_DESCRIPTOR_VERSION`).
pub(crate) const DESCRIPTOR_VERSION: u32 = 1;

/// `/chosen/boot-hartid`, of one cell or of two.
#[must_use]
pub fn boot_hart(tree: Tree<'_>) -> Option<u64> {
    let value = property(tree, "boot-hartid").filter(|value| matches!(value.len(), 4 | 8))?;
    Some(value.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// Returns the value of a property of `/chosen`.
pub(crate) fn property<'a>(tree: Tree<'a>, name: &str) -> Option<&'a [u8]> {
    Tokens::root(tree).child("chosen")?.property(name)
}

/// Returns true if `/chosen` has a framebuffer already.
pub(crate) fn has_framebuffer(tree: Tree<'_>) -> bool {
    let chosen = Tokens::root(tree).child("chosen");
    chosen.is_some_and(|chosen| chosen.children().any(|(name, _)| name.starts_with("framebuffer")))
}

/// Returns true if [`write_properties`] replaces a property of the firmware's tree.
pub(crate) fn is_replaced(name: &str, boot: &Boot<'_>) -> bool {
    let is_one_of = |names: &[u8]| names.split(|byte| *byte == 0).any(|one| one == name.as_bytes());
    is_one_of(b"boot-hartid\0landfall,efi-memory-map\0landfall,acpi-rsdp")
        || name.starts_with("linux,uefi-")
        || (boot.command_line.is_some() && is_one_of(b"bootargs"))
        || (boot.initrd.is_some() && is_one_of(b"linux,initrd-start\0linux,initrd-end"))
        || (boot.entropy.is_some() && is_one_of(b"rng-seed"))
        || (boot.framebuffer.is_some() && is_one_of(b"#address-cells\0#size-cells\0ranges"))
}

/// Writes firmware's data. `linux,uefi-*` are as in Linux, `Documentation/arch/arm/uefi.rst`.
pub(crate) fn write_properties(out: &mut TreeWriter<'_>, tree: Tree<'_>, boot: &Boot<'_>) {
    if let Some(line) = boot.command_line {
        out.begin_property("bootargs");
        line.chars().for_each(|char| out.bytes(char.encode_utf8(&mut [0; 4]).as_bytes()));
        out.bytes(&[0]);
        out.end_property();
    }
    if let Some(initrd) = boot.initrd {
        out.cells("linux,initrd-start", initrd.start().get());
        out.cells("linux,initrd-end", initrd.end().get());
    }
    if let Some(entropy) = boot.entropy {
        // Beside what is there already: all of it counts.
        out.begin_property("rng-seed");
        out.bytes(property(tree, "rng-seed").unwrap_or_default());
        out.bytes(entropy);
        out.end_property();
    }
    out.cells("boot-hartid", boot.hart);
    out.cells("linux,uefi-system-table", boot.system_table.get());
    if let Some(root) = boot.acpi_root {
        out.cells("landfall,acpi-rsdp", root.get());
    }
    out.cell("linux,uefi-mmap-desc-size", u32::try_from(boot.map.descriptor_size()).unwrap_or(u32::MAX));
    out.cell("linux,uefi-mmap-desc-ver", DESCRIPTOR_VERSION);
    out.property("landfall,efi-memory-map", boot.map.bytes());
    if boot.framebuffer.is_some() {
        out.cell("#address-cells", 2);
        out.cell("#size-cells", 2);
        out.property("ranges", &[]);
    }
}

/// Writes the framebuffer (Linux,
/// `Documentation/devicetree/bindings/display/simple-framebuffer.yaml`).
pub(crate) fn write_framebuffer(out: &mut TreeWriter<'_>, framebuffer: &Framebuffer) {
    out.begin_at("framebuffer", framebuffer.range.start().get());
    out.text("compatible", "simple-framebuffer");
    out.begin_property("reg");
    out.double(framebuffer.range.start().get());
    out.double(framebuffer.range.size());
    out.end_property();
    out.cell("width", framebuffer.width);
    out.cell("height", framebuffer.height);
    out.cell("stride", framebuffer.stride);
    out.text("format", framebuffer.format.name());
    out.text("status", "okay");
    out.end();
}
