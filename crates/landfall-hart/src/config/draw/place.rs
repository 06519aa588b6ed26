//! Draws the places of the kernel, the initrd and the device tree.

use super::choose;
use super::layout::{Layout, Needs};
use crate::config::span::{Free, PAGE};
use crate::config::{ConfigError, Options, Place, RegionKind, Span};
use crate::liberty::{Choices, Liberty};

/// QEMU puts the tree at a multiple of this.
const TREE_ALIGN: u64 = 0x20_0000;
/// QEMU puts the tree below this, if RAM begins below.
const TREE_LIMIT: u64 = 0xc000_0000;
/// The loader puts the tree at a multiple of this (Devicetree Specification, chapter 5.6).
const TREE_LEAST_ALIGN: u64 = 8;

/// The places of what lies in memory at entry.
#[derive(Debug)]
pub(super) struct Places {
    /// The kernel's, `.bss` included.
    pub(super) kernel: Span,
    /// The initrd's.
    pub(super) initrd: Option<Span>,
    /// The tree's; the tree may be shorter.
    pub(super) tree: Span,
}

/// The numbers that decide the places.
struct Drawn {
    kernel: u64,
    initrd: u64,
    tree: u64,
}

/// The needs of a machine, and the RAM for them.
struct Job<'a> {
    options: &'a Options,
    needs: &'a Needs,
    main: Span,
    free: Free,
}

/// Draws the places.
pub(super) fn draw(
    choices: &mut Choices,
    options: &Options,
    needs: &Needs,
    layout: &Layout,
) -> Result<Places, ConfigError> {
    let mut pick = || choose(choices, Liberty::Placement, 1 << 62);
    let drawn = Drawn { kernel: pick(), initrd: pick(), tree: pick() };
    let job = Job { options, needs, main: layout.main, free: free_ram(layout) };
    if let Some(kernel) = needs.fixed.filter(|&kernel| !job.free.contains(kernel)) {
        return Err(ConfigError::Place { kernel });
    }
    job.place(&drawn)
        .or_else(|| job.place(&Drawn { kernel: 0, initrd: 0, tree: 0 }))
        .or_else(|| job.place_tightly())
        .ok_or(ConfigError::Memory { memory: options.memory, needed: options.memory.saturating_add(PAGE) })
}

/// Returns the RAM that is free, without the first page.
fn free_ram(layout: &Layout) -> Free {
    let mut runs: Vec<Span> = Vec::new();
    for region in layout.regions.iter().filter(|region| region.kind == RegionKind::Ram) {
        match runs.last_mut() {
            Some(run) if run.end() == region.start => run.len += region.len,
            _ => runs.push(region.span()),
        }
    }
    let mut free = Free::new(runs);
    free.take(Span { start: 0, len: PAGE });
    free
}

impl Job<'_> {
    /// Returns the length of the initrd.
    fn initrd(&self) -> Option<u64> {
        self.options.initrd.as_ref().map(|initrd| initrd.len() as u64)
    }

    /// Places everything by the drawn numbers; 0 is the plain place.
    fn place(&self, drawn: &Drawn) -> Option<Places> {
        let Options { kernel, alignment, .. } = self.options;
        let mut free = self.free.clone();
        let kernel = match (self.needs.fixed, drawn.kernel) {
            (Some(fixed), _) => fixed,
            (None, 0) => {
                let offset = match kernel.place {
                    Place::Anywhere { text_offset } => text_offset,
                    Place::At(_) => 0,
                };
                let wanted = self.main.start.saturating_add(offset);
                free.first(wanted, kernel.size, *alignment)
                    .or_else(|| free.first(0, kernel.size, *alignment))?
            }
            (None, number) => free.nth(number - 1, kernel.size, *alignment)?,
        };
        free.take(kernel);
        let tree = self.place_tree(&free, drawn.tree)?;
        free.take(tree);
        let initrd = match (self.initrd(), drawn.initrd) {
            (None, _) => None,
            (Some(len), 0) => Some(free.last(tree.start, len, PAGE).or_else(|| free.first(0, len, PAGE))?),
            (Some(len), number) => Some(free.nth(number - 1, len, PAGE)?),
        };
        Some(Places { kernel, initrd, tree })
    }

    /// Places the tree by the drawn number; 0 is near the end of RAM, as QEMU does.
    fn place_tree(&self, free: &Free, number: u64) -> Option<Span> {
        let len = self.needs.tree;
        if number != 0 {
            return free.nth(number - 1, len, TREE_LEAST_ALIGN);
        }
        let end = self.main.end();
        let limit = if self.main.start < TREE_LIMIT { end.min(TREE_LIMIT) } else { end };
        free.last(limit, len, TREE_ALIGN).or_else(|| free.last(u64::MAX, len, PAGE))
    }

    /// Places everything at the first address that is free.
    fn place_tightly(&self) -> Option<Places> {
        let Options { kernel, alignment, .. } = self.options;
        let mut free = self.free.clone();
        let kernel = self.needs.fixed.or_else(|| free.first(0, kernel.size, *alignment))?;
        free.take(kernel);
        let tree = free.first(0, self.needs.tree, PAGE)?;
        free.take(tree);
        let initrd = match self.initrd() {
            Some(len) => Some(free.first(0, len, PAGE)?),
            None => None,
        };
        Some(Places { kernel, initrd, tree })
    }
}

/// Returns the bytes of kernel and initrd, with their addresses.
pub(super) fn contents(options: &Options, places: &Places) -> Vec<(u64, Vec<u8>)> {
    let segments = options.kernel.segments.iter().map(|segment| {
        let mut bytes = segment.bytes.clone();
        let zeros = usize::try_from(segment.zeros).unwrap_or_default();
        bytes.resize(bytes.len() + zeros, 0);
        (places.kernel.start + segment.offset, bytes)
    });
    let initrd = places.initrd.zip(options.initrd.clone()).map(|(span, bytes)| (span.start, bytes));
    segments.chain(initrd).collect()
}
