//! Memory that belongs to others: the device tree, the initrd, reservations. Whatever the landing
//! does, their bytes stay, but for seeds, which are deleted.

use super::devicetree::Tree;
use super::session::Session;
use landfall_judge::intervals::{Interval, without};

/// Of a long range, so much at either end is looked at.
const END: u64 = 16 << 10;

/// A stretch of memory, and what it held when the kernel was entered.
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
    /// What is there before the kernel's first instruction; of the tree, what remains without its
    /// seeds. `bytes` are the tree's, which lies at `at`.
    pub(super) fn read(session: &mut Session, tree: &Tree, at: u64, bytes: &[u8]) -> Result<Self, String> {
        let mut parts = vec![Part { what: "the device tree", start: at, bytes: tree.without_seeds(bytes) }];
        // What is not RAM is not to be read, and what firmware keeps for itself it may change.
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

    /// The last byte that is looked at.
    pub(super) fn last_byte(&self) -> u64 {
        self.parts.last().map_or(0, |part| part.start + part.bytes.len() as u64 - 1)
    }

    /// What has changed.
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
