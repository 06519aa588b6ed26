//! A device tree with ACPI's facts about the harts. [`write_tree`](crate::write_tree) adds memory
//! and the loader's data later.

use landfall_tree::tokens::{TreeWriter, WriteError};

use super::isa::Isa;
use super::madt::State;
use super::{Acpi, Hart};
use crate::names;

impl Acpi<'_> {
    /// Writes the tree, and returns its bytes.
    ///
    /// # Errors
    /// [`WriteError::TooSmall`]: it does not fit; the content of `into` then means nothing.
    pub fn write_tree(&self, into: &mut [u8]) -> Result<usize, WriteError> {
        let mut out = TreeWriter::new(into, &[], names::ALL, []);
        out.begin("");
        // Addresses and sizes have 64 bits, and so has a hart's id.
        out.cell("#address-cells", 2);
        out.cell("#size-cells", 2);
        self.write_cpus(&mut out);
        out.finish(0)
    }

    /// Writes the node `/cpus`.
    pub(crate) fn write_cpus(&self, out: &mut TreeWriter<'_>) {
        out.begin("cpus");
        out.cell("#address-cells", 2);
        out.cell("#size-cells", 0);
        match u32::try_from(self.rhct.timebase()) {
            // Unknown.
            Ok(0) => {}
            Ok(timebase) => out.cell("timebase-frequency", timebase),
            Err(_) => out.cells("timebase-frequency", self.rhct.timebase()),
        }
        for hart in self.harts() {
            write_hart(out, &hart);
        }
        out.end();
    }
}

/// Writes a hart (Linux, `Documentation/devicetree/bindings/riscv/cpus.yaml` and
/// `extensions.yaml`).
fn write_hart(out: &mut TreeWriter<'_>, hart: &Hart<'_>) {
    out.begin_at("cpu", hart.id);
    out.text("device_type", "cpu");
    out.cells("reg", hart.id);
    out.text("compatible", "riscv");
    // Devicetree specification v0.4, 2.3.4: what is disabled may become operational, what fails
    // will not.
    match hart.state {
        State::Enabled => out.text("status", "okay"),
        State::Capable => out.text("status", "disabled"),
        State::Unusable => out.text("status", "fail"),
    }
    if let Some(levels) = hart.can.levels {
        out.begin_property("mmu-type");
        out.bytes(b"riscv,sv");
        // Nine bits of address a level, and twelve.
        let bits = 12 + 9 * levels;
        out.bytes(&[b'0' + bits / 10, b'0' + bits % 10, 0]);
        out.end_property();
    }
    if let Some(isa) = hart.can.isa.and_then(Isa::new) {
        write_texts(out, "riscv,isa", core::iter::once(isa.text()));
        write_texts(out, "riscv,isa-base", core::iter::once(isa.base()));
        write_texts(out, "riscv,isa-extensions", isa.extensions());
    }
    out.end();
}

/// Writes texts in lower case, as the bindings want them.
fn write_texts<'a>(out: &mut TreeWriter<'_>, name: &str, texts: impl Iterator<Item = &'a [u8]>) {
    out.begin_property(name);
    for text in texts {
        for byte in text {
            out.bytes(&[byte.to_ascii_lowercase()]);
        }
        out.bytes(&[0]);
    }
    out.end_property();
}
