//! Memory that belongs to others: the device tree, the initrd, reservations. The landing must
//! change none of its bytes, except for seeds, which it deletes.

use super::devicetree::Tree;
use super::session::Session;
use landfall_judge::intervals::{Interval, without};

/// The bytes that are compared at either end of a long range.
const END: u64 = 16 << 10;

/// A range of memory, and its bytes at the kernel's entry.
#[derive(Clone, Debug)]
struct Part {
    what: &'static str,
    start: u64,
    bytes: Vec<u8>,
}

/// All of them.
#[derive(Clone, Debug)]
pub(super) struct Bystanders {
    parts: Vec<Part>,
}

impl Bystanders {
    /// Reads the memory before the kernel's first instruction. `bytes` are the tree at `at`; its
    /// seeds are left out.
    pub(super) fn read(session: &mut Session, tree: &Tree, at: u64, bytes: &[u8]) -> Result<Self, String> {
        let mut parts = vec![Part { what: "the device tree", start: at, bytes: tree.without_seeds(bytes) }];
        // Memory outside RAM is not read, and firmware may change its own memory.
        let outside = without(&[Interval { start: 0, end: u64::MAX }], &tree.ram);
        let kept = without(&tree.reserved, &[&outside[..], &tree.no_map].concat());
        for range in kept {
            let ends = [
                Interval::new(range.start, END.min(range.size())),
                Interval { start: range.end.saturating_sub(END).max(range.start), end: range.end },
            ];
            for part in without(&ends, &[]) {
                let bytes = session.read(part.start, part.size())?;
                parts.push(Part { what: "reserved memory or the initrd", start: part.start, bytes });
            }
        }
        Ok(Self { parts })
    }

    /// Returns the address of the last byte that is compared.
    pub(super) fn last_byte(&self) -> u64 {
        self.parts.last().map_or(0, |part| part.start + part.bytes.len() as u64 - 1)
    }

    /// Returns a finding for each part that changed.
    pub(super) fn check(&self, session: &mut Session, when: &str) -> Result<Vec<String>, String> {
        let mut findings = Vec::new();
        for Part { what, start, bytes } in &self.parts {
            let now = session.read(*start, bytes.len() as u64)?;
            let first = (*start..)
                .zip(bytes.iter().zip(&now))
                .find_map(|(at, (old, new))| (old != new).then_some(at));
            findings.extend(first.map(|at| format!("{what}: the byte at {at:#x} has changed {when}")));
        }
        Ok(findings)
    }
}
