//! A machine as text, for failures.

use std::fmt::{self, Display, Formatter};

use crate::liberty::Liberty;

use super::{Config, Controller, Extensions, Region, RegionKind, Span, Start};

impl Config {
    /// Returns all properties of the machine as lines of text.
    #[must_use]
    pub fn describe(&self) -> String {
        let Self { seed, boot, timebase, widest, asid_bits, entry, tree, .. } = self;
        let names: Vec<_> = self.liberties.iter().map(Liberty::name).collect();
        let mut lines = vec![
            format!("seed        {seed}"),
            format!("liberties   {}", or_none(&names.join(" "))),
            format!(
                "harts       {}, hart {} boots{}",
                ids(&self.harts),
                self.harts.get(*boot).unwrap_or(&0),
                if self.start == Start::Together { ", all begin together" } else { "" }
            ),
            format!("disabled    {}", or_none(&ids(&self.disabled))),
            format!("extensions  {}", self.extensions),
            format!("widest      {}, {asid_bits} bits of ASIDs", widest.name()),
            format!("timebase    {timebase} Hz, {} instructions per second", self.instructions_per_second),
        ];
        lines.extend(self.regions.iter().map(|region| format!("memory      {region}")));
        let devices = &self.devices;
        lines.push(format!(
            "uart        {:#x}, reg-shift {}, interrupt {}",
            devices.uart, devices.uart_shift, devices.uart_interrupt
        ));
        lines.push(match devices.controller {
            Controller::Plic(at) => format!("plic        {at:#x}"),
            Controller::Aplic(at) => format!("aplic       {at:#x}"),
        });
        lines.push(format!("kernel      {}, entry {entry:#x}", self.kernel));
        lines.push(format!("tree        {tree:#x}"));
        lines.extend(self.initrd.map(|initrd| format!("initrd      {initrd}")));
        lines.push(format!("arguments   {:?}", self.command_line));
        lines.join("\n") + "\n"
    }
}

/// Returns hart ids, separated by spaces.
fn ids(harts: &[u64]) -> String {
    let ids: Vec<_> = harts.iter().map(u64::to_string).collect();
    ids.join(" ")
}

/// Returns the text, or "none".
fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

impl Display for Span {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        write!(f, "{:#x} to {:#x}", self.start, self.end())
    }
}

impl Display for Region {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let kind = match self.kind {
            RegionKind::Ram => "RAM",
            RegionKind::Firmware => "firmware",
            RegionKind::Rom => "ROM",
            RegionKind::Lossy => "loses stores",
        };
        write!(f, "{}, {kind}", self.span())
    }
}

impl Display for Extensions {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let words: Vec<_> = self.names().collect();
        f.write_str(&words.join(" "))
    }
}
