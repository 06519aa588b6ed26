//! The device tree of the next kernel: the running kernel's, with another `/chosen`.

use landfall_efi::Cells;
use landfall_paging::PhysRange;
use landfall_tree::Tree;
use landfall_tree::tokens::{Token, Tokens, TreeWriter, WriteError};

use crate::chosen::Chosen;

/// The names that [`write`] writes or leaves out.
const NAMES: &[u8] = b"bootargs\0linux,initrd-start\0linux,initrd-end\0kaslr-seed\0rng-seed\0boot-hartid\0\
    linux,booted-from-kexec\0linux,usable-memory-range\0linux,elfcorehdr\0linux,uefi-system-table\0\
    linux,uefi-mmap-start\0linux,uefi-mmap-size\0linux,uefi-mmap-desc-size\0linux,uefi-mmap-desc-ver\0\
    linux,uefi-secure-boot\0";

/// The state of secure boot is unknown (Linux, `efi_secureboot_mode`).
const SECURE_BOOT_UNKNOWN: u32 = 1;

/// Writes the tree, and returns its size in bytes.
///
/// # Errors
/// [`WriteError`]: what is in `into` then means nothing.
pub(crate) fn write(old: Tree<'_>, chosen: &Chosen<'_>, into: &mut [u8]) -> Result<usize, WriteError> {
    let tokens = Tokens::of(old);
    let cells = RootCells::of(old);
    let secure_boot = secure_boot(old);
    let kept = Tokens::reservations(old).filter(|range| !chosen.drops(*range));
    let mut out = TreeWriter::new(into, tokens.strings(), NAMES, kept);
    let (mut depth, mut in_chosen, mut had_chosen) = (0, false, false);
    for token in tokens {
        match token {
            Token::Begin { name } => {
                out.copy(token);
                depth += 1;
                if depth == 2 && name == "chosen" && !had_chosen {
                    (in_chosen, had_chosen) = (true, true);
                    chosen.write(&mut out, cells, secure_boot);
                }
            }
            Token::Property { name, .. } if in_chosen && depth == 2 && is_replaced(name) => {}
            Token::Property { .. } => out.copy(token),
            Token::End => {
                if depth == 1 && !had_chosen {
                    out.begin("chosen");
                    chosen.write(&mut out, cells, secure_boot);
                    out.end();
                }
                in_chosen &= depth != 2;
                depth -= 1;
                out.copy(token);
            }
        }
    }
    out.finish(u32::try_from(chosen.hart).unwrap_or_default())
}

/// Returns the state of secure boot that another kernel has handed on.
fn secure_boot(old: Tree<'_>) -> u32 {
    let chosen = Tokens::root(old).child("chosen");
    let value = chosen.and_then(|chosen| chosen.property("linux,uefi-secure-boot"));
    value.and_then(<[u8]>::first_chunk).map_or(SECURE_BOOT_UNKNOWN, |value| u32::from_be_bytes(*value))
}

/// The cells of an address and of a size at the root.
#[derive(Clone, Copy)]
struct RootCells {
    address: u32,
    size: u32,
}

impl RootCells {
    fn of(tree: Tree<'_>) -> Self {
        let root = Tokens::root(tree);
        let cells = |name, default| {
            let value = root.property(name).and_then(<[u8]>::first_chunk);
            value.map_or(default, |value| u32::from_be_bytes(*value))
        };
        Self { address: cells("#address-cells", 2), size: cells("#size-cells", 1) }
    }

    fn put(self, out: &mut TreeWriter<'_>, range: PhysRange) {
        for (number, cells) in [(range.start().get(), self.address), (range.size(), self.size)] {
            let bytes = number.to_be_bytes();
            match cells {
                1 => out.bytes(&bytes[4..]),
                _ => out.bytes(&bytes),
            }
        }
    }
}

/// Returns true if the next kernel gets this property of `/chosen` anew, or not at all.
fn is_replaced(name: &str) -> bool {
    NAMES.split(|byte| *byte == 0).any(|one| one == name.as_bytes())
}

impl Chosen<'_> {
    /// Returns true if nothing of a reservation is needed any more. Loaders reserve the memory of
    /// tree and initrd, some in whole pages.
    fn drops(&self, reserved: PhysRange) -> bool {
        let is_old = |old: &PhysRange| reserved == *old || reserved.pages_touched() == old.pages_touched();
        self.dropped.iter().filter(|old| !old.is_empty()).any(is_old)
    }

    fn write(&self, out: &mut TreeWriter<'_>, cells: RootCells, secure_boot: u32) {
        if !self.command_line.is_empty() || !self.suffix.is_empty() {
            out.begin_property("bootargs");
            out.bytes(self.command_line);
            out.bytes(self.suffix);
            out.bytes(&[0]);
            out.end_property();
        }
        if let Some(initrd) = self.initrd {
            out.cells("linux,initrd-start", initrd.start().get());
            out.cells("linux,initrd-end", initrd.end().get());
        }
        if let Some(seed) = self.seed {
            let seeds = [("kaslr-seed", seed.kaslr_seed()), ("rng-seed", seed.rng_seed())];
            for (name, value) in seeds.into_iter().filter(|(_, value)| !value.is_empty()) {
                out.property(name, value);
            }
        }
        out.cells("boot-hartid", self.hart);
        out.property("linux,booted-from-kexec", &[]);
        if let Some(crash) = self.crash {
            for (name, range) in
                [("linux,usable-memory-range", crash.usable), ("linux,elfcorehdr", crash.headers)]
            {
                out.begin_property(name);
                cells.put(out, range);
                out.end_property();
            }
        }
        for (name, value) in self.firmware.iter().flat_map(|firmware| firmware.efi.properties(firmware.map)) {
            match value {
                Cells::One(cell) => out.cell(name, cell),
                Cells::Two(cells) => out.cells(name, cells),
            }
        }
        // Without it, Debian's Linux takes none of these properties.
        if self.firmware.is_some() {
            out.cell("linux,uefi-secure-boot", secure_boot);
        }
    }
}
