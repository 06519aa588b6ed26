//! The node `/chosen`: a loader's data for a kernel.

use landfall_tree::Tree;

use crate::boot::Boot;
use crate::framebuffer::Framebuffer;
use crate::source::Source;
use crate::writer::{Writer, narrow};

/// The version of a memory descriptor (`EFI_MEMORY_DESCRIPTOR_VERSION`).
const DESCRIPTOR_VERSION: u32 = 1;

/// `/chosen/boot-hartid`, of one cell or of two.
#[must_use]
pub fn boot_hart(tree: Tree<'_>) -> Option<u64> {
    let value = Source::of(tree).chosen("boot-hartid").filter(|value| matches!(value.len(), 4 | 8))?;
    Some(value.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
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
pub(crate) fn write_properties(out: &mut Writer<'_>, source: &Source<'_>, boot: &Boot<'_>) {
    if let Some(line) = boot.command_line {
        out.property_of("bootargs", line.size() + 1);
        line.chars().for_each(|char| out.bytes(char.encode_utf8(&mut [0; 4]).as_bytes()));
        out.bytes(&[0]);
        out.pad();
    }
    if let Some(initrd) = boot.initrd {
        out.property("linux,initrd-start", &initrd.start().get().to_be_bytes());
        out.property("linux,initrd-end", &initrd.end().get().to_be_bytes());
    }
    if let Some(entropy) = boot.entropy {
        // Beside what is there already: all of it counts.
        let old = source.chosen("rng-seed").unwrap_or_default();
        out.property_of("rng-seed", old.len() + entropy.len());
        out.bytes(old);
        out.bytes(entropy);
        out.pad();
    }
    out.property("boot-hartid", &boot.hart.to_be_bytes());
    out.property("linux,uefi-system-table", &boot.system_table.get().to_be_bytes());
    if let Some(root) = boot.acpi_root {
        out.property("landfall,acpi-rsdp", &root.get().to_be_bytes());
    }
    out.property("linux,uefi-mmap-desc-size", &narrow(boot.map.descriptor_size()).to_be_bytes());
    out.property("linux,uefi-mmap-desc-ver", &DESCRIPTOR_VERSION.to_be_bytes());
    out.property("landfall,efi-memory-map", boot.map.bytes());
    if boot.framebuffer.is_some() {
        out.property("#address-cells", &2_u32.to_be_bytes());
        out.property("#size-cells", &2_u32.to_be_bytes());
        out.property("ranges", &[]);
    }
}

/// Writes the framebuffer (Linux,
/// `Documentation/devicetree/bindings/display/simple-framebuffer.yaml`).
pub(crate) fn write_framebuffer(out: &mut Writer<'_>, framebuffer: &Framebuffer) {
    out.begin_at("framebuffer", framebuffer.range.start().get());
    out.text("compatible", "simple-framebuffer");
    out.property_of("reg", 16);
    out.double(framebuffer.range.start().get());
    out.double(framebuffer.range.size());
    out.property("width", &framebuffer.width.to_be_bytes());
    out.property("height", &framebuffer.height.to_be_bytes());
    out.property("stride", &framebuffer.stride.to_be_bytes());
    out.text("format", framebuffer.format.name());
    out.text("status", "okay");
    out.end();
}
