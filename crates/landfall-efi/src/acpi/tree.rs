//! A device tree with ACPI's facts about the harts. [`write_tree`](crate::write_tree) adds memory
//! and the loader's data later.

use super::isa::Isa;
use super::madt::State;
use super::{Acpi, Hart};
use crate::writer::TooSmall;
use crate::writer::{END, Names, Writer};

impl Acpi<'_> {
    /// Writes the tree, and says how many bytes it has.
    ///
    /// # Errors
    /// [`TooSmall`]: it does not fit; what is in `into` then means nothing.
    pub fn write_tree(&self, into: &mut [u8]) -> Result<usize, TooSmall> {
        let mut out = Writer::new(into, 0);
        out.reservations([]);
        out.begin("");
        // Addresses and sizes have 64 bits, and so has a hart's id.
        out.property("#address-cells", &2_u32.to_be_bytes());
        out.property("#size-cells", &2_u32.to_be_bytes());
        out.begin("cpus");
        out.property("#address-cells", &2_u32.to_be_bytes());
        out.property("#size-cells", &0_u32.to_be_bytes());
        match u32::try_from(self.rhct.timebase()) {
            // Unknown.
            Ok(0) => {}
            Ok(timebase) => out.property("timebase-frequency", &timebase.to_be_bytes()),
            Err(_) => out.property("timebase-frequency", &self.rhct.timebase().to_be_bytes()),
        }
        for hart in self.harts() {
            write_hart(&mut out, &hart);
        }
        out.end();
        out.end();
        out.word(END);
        out.finish(&[], Names::WithAcpi, 0)
    }
}

/// Writes a hart (Linux, `Documentation/devicetree/bindings/riscv/cpus.yaml` and
/// `extensions.yaml`).
fn write_hart(out: &mut Writer<'_>, hart: &Hart<'_>) {
    out.begin_at("cpu", hart.id);
    out.text("device_type", "cpu");
    out.property("reg", &hart.id.to_be_bytes());
    out.text("compatible", "riscv");
    // Devicetree specification v0.4, 2.3.4: what is disabled may become operational, what fails
    // will not.
    match hart.state {
        State::Enabled => out.text("status", "okay"),
        State::Capable => out.text("status", "disabled"),
        State::Unusable => out.text("status", "fail"),
    }
    if let Some(levels) = hart.can.levels {
        out.property_of("mmu-type", "riscv,sv39".len() + 1);
        out.bytes(b"riscv,sv");
        // Nine bits of address a level, and twelve.
        let bits = 12 + 9 * levels;
        out.bytes(&[b'0' + bits / 10, b'0' + bits % 10, 0]);
        out.pad();
    }
    if let Some(isa) = hart.can.isa.and_then(Isa::new) {
        write_texts(out, "riscv,isa", core::iter::once(isa.text()));
        write_texts(out, "riscv,isa-base", core::iter::once(isa.base()));
        write_texts(out, "riscv,isa-extensions", isa.extensions());
    }
    out.end();
}

/// Writes texts in lower case, as the bindings want them.
fn write_texts<'a>(out: &mut Writer<'_>, name: &str, texts: impl Iterator<Item = &'a [u8]> + Clone) {
    out.property_of(name, texts.clone().map(|text| text.len() + 1).sum());
    for text in texts {
        for byte in text {
            out.bytes(&[byte.to_ascii_lowercase()]);
        }
        out.bytes(&[0]);
    }
    out.pad();
}
