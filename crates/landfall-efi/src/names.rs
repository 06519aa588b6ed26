//! The names of the properties that this crate writes.

/// A macro rather than a constant: only literals can be joined.
macro_rules! usual {
    () => {
        "device_type\0reg\0bootargs\0linux,initrd-start\0linux,initrd-end\0rng-seed\0\
        linux,uefi-system-table\0linux,uefi-mmap-desc-size\0linux,uefi-mmap-desc-ver\0landfall,efi-memory-map\0boot-hartid\0\
        #address-cells\0#size-cells\0ranges\0compatible\0width\0height\0stride\0format\0status\0"
    };
}

/// Those of a tree by ACPI's tables too, at the end.
pub(crate) const ALL: &[u8] = concat!(
    usual!(),
    "landfall,acpi-rsdp\0timebase-frequency\0mmu-type\0riscv,isa\0riscv,isa-base\0riscv,isa-extensions\0"
)
.as_bytes();

/// Those of every tree.
pub(crate) fn usual() -> &'static [u8] {
    ALL.get(..usual!().len()).unwrap_or_default()
}
