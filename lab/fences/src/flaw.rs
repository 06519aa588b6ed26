//! Machines whose loader breaks a duty. A kernel must refuse each, or land without what is missing.
//!
//! The code after a refusal's trap, and the handlers of traps, run on such machines alone.

use landfall_hart::config::{Config, Extensions, Region, RegionKind, Span};

/// A flaw of a machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flaw {
    /// None.
    #[default]
    None,
    /// `a1` leads to no memory.
    NoTree,
    /// Memory that the tree states is missing, except where the loader has put something.
    NoMemory,
    /// Memory that the tree states loses stores, except where the loader has put something.
    LostStores,
    /// The tree states Zicboz and Zkr where it does without the flaw. No hart has Zicboz, and the
    /// firmware permits no access to `seed`, as that of OpenSBI 1.1.
    Misstated,
}

/// A physical address that no machine has.
const NOWHERE: u64 = 1 << 54;
const PAGE: u64 = 0x1000;

impl Flaw {
    /// Returns the flaw that a seed draws.
    #[must_use]
    pub const fn of_seed(seed: u64) -> Self {
        match seed % 6 {
            0 => Self::NoTree,
            1 => Self::NoMemory,
            2 => Self::LostStores,
            // Half of the machines: few of them state an extension and can have a double trap.
            _ => Self::Misstated,
        }
    }

    /// Returns the machine with the flaw.
    pub(crate) fn apply(self, config: Config) -> Config {
        let rest = match self {
            Self::None => return config,
            Self::NoTree => return Config { tree: NOWHERE, ..config },
            Self::Misstated => {
                let extensions = Extensions { zicboz: false, zkr: false, ..config.extensions };
                return Config { extensions, ..config };
            }
            Self::NoMemory => None,
            Self::LostStores => Some(RegionKind::Lossy),
        };
        let contents = config.contents.iter().map(|(start, bytes)| (*start, bytes.len() as u64));
        let kernel = (config.kernel.start, config.kernel.len);
        let mut kept: Vec<_> = contents.chain([kernel]).map(pages).collect();
        kept.sort_unstable();
        let is_ram = |region: &&Region| region.kind == RegionKind::Ram;
        let others = config.regions.iter().filter(|region| !is_ram(region)).copied();
        let ram = config.regions.iter().filter(is_ram).flat_map(|region| split(region, &kept, rest));
        let mut regions: Vec<_> = others.chain(ram).collect();
        regions.sort_unstable_by_key(|region| region.start);
        Config { regions, ..config }
    }
}

/// Returns the pages of a range.
fn pages((start, len): (u64, u64)) -> Span {
    let first = start & !(PAGE - 1);
    Span { start: first, len: (start + len).next_multiple_of(PAGE) - first }
}

/// Returns the parts of a region: what is kept, and the rest with another kind, or without it.
fn split(region: &Region, kept: &[Span], rest: Option<RegionKind>) -> Vec<Region> {
    let mut parts = Vec::new();
    let mut at = region.start;
    let end = region.start + region.len;
    let mut part = |start: u64, end: u64, kind: Option<RegionKind>| {
        if let Some(kind) = kind.filter(|_| start < end) {
            parts.push(Region { start, len: end - start, kind });
        }
    };
    for span in kept.iter().filter(|span| span.end() > region.start && span.start < end) {
        part(at, span.start.min(end), rest);
        part(span.start.max(at), span.end().min(end), Some(RegionKind::Ram));
        at = at.max(span.end());
    }
    part(at, end, rest);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_keeps_what_the_loader_has_put_there() {
        let region = Region { start: 0x10_000, len: 0x10_000, kind: RegionKind::Ram };
        let kept = [pages((0x12_008, 0x10)), pages((0x12_ff0, 0x1010)), pages((0x1f_000, 0x2000))];
        let parts = split(&region, &kept, Some(RegionKind::Lossy));
        let parts: Vec<_> = parts.iter().map(|part| (part.start, part.len, part.kind)).collect();
        let (ram, lossy) = (RegionKind::Ram, RegionKind::Lossy);
        assert_eq!(
            parts,
            [
                (0x10_000, 0x2000, lossy),
                (0x12_000, 0x1000, ram),
                (0x13_000, 0x1000, ram),
                (0x14_000, 0xb000, lossy),
                (0x1f_000, 0x1000, ram),
            ]
        );
        let without = split(&region, &kept, None);
        assert!(without.iter().all(|part| part.kind == ram));
        assert_eq!(without.len(), 3);
    }
}
