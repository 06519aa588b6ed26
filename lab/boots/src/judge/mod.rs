//! The judge of a landing: it checks every `satp` before the write, and the machine's memory when
//! `main` begins.

mod approach;
mod memory;
mod own;
mod platform;
mod registers;
mod space;
mod wrapped;

use landfall_judge::Extensions;

use super::audited::{planned, remembered};
use super::bystanders::Bystanders;
use super::devicetree::Tree;
use super::exact::{Inputs, Prediction};
use super::image::Image;
use super::moving::{Move, Tamper};
use super::reported;
use super::session::{Entry, Lottery, Session, as_text};
use approach::{Approach, Write, next_write};
use landfall_host::random::Random;
use landfall_judge::intervals::Interval;
use landfall_judge::landing::{Expected, Seen};
use landfall_judge::policy::{ModePolicy, PhysicalPlacement};
use landfall_judge::tables::Tables;
pub(super) use own::follow_own_start;
pub(super) use registers::fill_registers;
pub(super) use wrapped::Places;

/// The bytes at the upper end of each stack for traps after an overflow.
const OVERFLOW_STACK: u64 = 4 << 10;

/// A landing that the judge followed to the leap, and then further.
pub(super) struct Landed {
    pub(super) entry: Entry,
    pub(super) tree: Tree,
    pub(super) policy: ModePolicy,
    /// The image's address.
    pub(super) base: u64,
    /// The harts that are to land, the boot hart first.
    harts: Vec<u64>,
    pub(super) moved: Option<Move>,
    pub(super) tables: Tables,
    pub(super) expected: Expected,
    pub(super) prediction: Prediction,
    bystanders: Bystanders,
    /// The harts that wrote the final `satp`, the boot hart first.
    arrived: Vec<u64>,
    /// The place of the tree at the entry, which had the seeds.
    tree_was: Interval,
    /// The frames that ArceOS's platform uses for tables.
    frames: Vec<Interval>,
    pub(super) findings: Vec<String>,
}

/// The places of one landing: equal for equal seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) base: u64,
    pub(super) kernel: u64,
    pub(super) offset: u64,
    /// The first stack's top.
    pub(super) stacks: u64,
    /// The root table.
    pub(super) tables: u64,
}

/// Runs to the leap, and checks the tables behind it.
pub(super) fn leap(session: &mut Session, image: &Image, entry: &Entry) -> Result<Landed, String> {
    leap_tampered(session, image, entry, Tamper::Not)
}

/// Runs to the leap with damage during the move, and checks the tables.
pub(super) fn leap_tampered(
    session: &mut Session,
    image: &Image,
    entry: &Entry,
    tamper: Tamper,
) -> Result<Landed, String> {
    let bytes = session.tree(entry.tree_at)?;
    let tree = Tree::read(&bytes)?;
    let tree_was = Interval::new(entry.tree_at, tree.size);
    let bystanders = Bystanders::read(session, &tree, entry.tree_at, &bytes)?;
    let generated = approach::generated(session, image, entry, &tree)?;
    let Approach { base, leap, moved, mut findings } =
        approach::follow(session, image, entry, &bystanders, tamper)?;
    let mut entry = entry.clone();
    if entry.lottery == Lottery::Kernel {
        entry.hart = leap.hart;
    }
    if leap.hart != entry.hart {
        findings.push(format!("hart {} entered, and hart {} leaps", entry.hart, leap.hart));
    }
    let plain = Tables::read(session, leap.value, Extensions::None)?;
    let policy = ModePolicy::of(image, plain.root.levels)?;
    let loaded = Interval::new(entry.base, image.size);
    let tree = tree.reserve_crash_memory(loaded, entry.tree_at, &policy);
    let harts = tree.landing_harts(plain.root.levels, entry.hart, &policy);
    let tables = if tree.have_svnapot(&harts) {
        Tables::read(session, leap.value, Extensions::Svnapot)?
    } else {
        plain
    };
    let tree_at = entry.tree_at;
    let seen = Seen { image, policy: &policy, tree: &tree, tree_at, base, harts: &harts, tables: &tables };
    let expected = expect(session, &seen)?;
    findings.extend(tables.check_rules());
    findings.extend(expected.check(&tables.walk));
    let others_in_image = entry.lottery == Lottery::Kernel && tree.harts.len() > 1;
    if policy.physical == PhysicalPlacement::Pack && !others_in_image {
        let mut random = Random::new(base);
        findings.extend(expected.check_packing(&seen, entry.base, &mut |bound| random.below(bound)));
    }
    let stack = as_text(session.gdb.register("s2"))?;
    if expected.stacks.first() != Some(&(stack + OVERFLOW_STACK)) {
        findings.push(format!(
            "the boot hart's stack begins at {stack:#x}, not 4 KiB below the top of the first"
        ));
    }
    let inputs = Inputs { tree: &bytes, generated: &generated };
    let prediction = Prediction::new(image, &entry, inputs, tables.root.levels)?;
    findings.extend(prediction.check_move(base, moved.as_ref()));
    findings.extend(prediction.check_tables(&tables));
    findings.extend(planned::check(prediction.written(), &tables, &tree));
    findings.extend(remembered::check(session, base, prediction.written()));
    let arrived = vec![leap.hart];
    Ok(Landed {
        entry,
        tree,
        policy,
        base,
        harts,
        moved,
        tables,
        expected,
        prediction,
        bystanders,
        arrived,
        tree_was,
        frames: Vec::new(),
        findings,
    })
}

fn expect(session: &mut Session, seen: &Seen<'_>) -> Result<Expected, String> {
    let mut read = |address| {
        let word =
            session.read(address, 8).ok().and_then(|bytes| Some(u64::from_le_bytes(*bytes.first_chunk()?)));
        word.unwrap_or_default()
    };
    Ok(Expected::new(seen, &mut read)?)
}

impl Landed {
    pub(super) fn layout(&self) -> Layout {
        let stacks = self.expected.stacks.first().copied().unwrap_or_default();
        let (kernel, offset, tables) = (self.expected.kernel, self.expected.offset, self.tables.root.table);
        Layout { base: self.base, kernel, offset, stacks, tables }
    }

    /// Returns the place of the tree at the entry.
    pub(super) const fn tree_was(&self) -> Interval {
        self.tree_was
    }

    fn seen<'a>(&'a self, image: &'a Image, tables: &'a Tables) -> Seen<'a> {
        let Self { policy, tree, base, harts, entry, .. } = self;
        Seen { image, policy, tree, tree_at: entry.tree_at, base: *base, harts, tables }
    }

    /// Reads the tables again, which a test damaged, and returns their faults.
    pub(super) fn judge_again(&self, session: &mut Session, image: &Image) -> Result<Vec<String>, String> {
        let tables = Tables::read(session, self.tables.satp, self.tables.root.extensions)?;
        let mut findings = tables.check_rules();
        match expect(session, &self.seen(image, &tables)) {
            Ok(expected) => findings.extend(expected.check(&tables.walk)),
            Err(error) => findings.push(error),
        }
        findings.extend(self.prediction.check_tables(&tables));
        findings.extend(planned::check(self.prediction.written(), &tables, &self.tree));
        Ok(findings)
    }

    /// Runs to `main`; every other hart must land in the same tables.
    pub(super) fn go_to_main(&mut self, session: &mut Session, image: &Image) -> Result<(), String> {
        let main = self.expected.kernel + image.symbol("__landfall_main")?.offset;
        session.set_breakpoint(main)?;
        while let Some(write) = next_write(session, image, self.base, Some(main))? {
            self.take(&write);
        }
        match as_text(session.gdb.register("pc")) {
            Ok(pc) if pc == main => session.remove_breakpoint(main),
            _ => Err("the machine ended before main".to_owned()),
        }
    }

    /// Returns the ID of the hart with this index, and its stack memory.
    pub(super) fn stack_of(&self, index: usize) -> Result<(u64, Interval), String> {
        let hart = self.harts.get(index).zip(self.expected.stack_memory.get(index));
        hart.map(|(id, stack)| (*id, *stack)).ok_or_else(|| format!("no hart {index} lands"))
    }

    /// Returns the address of a symbol after landing.
    pub(super) fn address_of(&self, image: &Image, name: &str) -> Result<u64, String> {
        Ok(self.expected.kernel + image.symbol(name)?.offset)
    }

    /// Runs to a breakpoint that is not part of a hart's landing, and returns the hart that stands
    /// there.
    pub(super) fn go_past_harts(
        &mut self,
        session: &mut Session,
        image: &Image,
    ) -> Result<Option<u64>, String> {
        loop {
            let Some(hart) = session.go()? else { return Ok(None) };
            let pc = as_text(session.gdb.register("pc"))?;
            if !image.satp_writes.iter().any(|write| self.base + write.offset == pc) {
                return Ok(Some(hart.id()));
            }
        }
    }

    /// Runs to the end. Harts that claimed their start just before `main` may land after it.
    pub(super) fn go_to_end(&mut self, session: &mut Session, image: &Image) -> Result<(), String> {
        while let Some(write) = next_write(session, image, self.base, None)? {
            self.take(&write);
        }
        Ok(())
    }

    /// Records that another hart is about to land.
    fn take(&mut self, write: &Write) {
        self.arrived.push(write.hart);
        if write.value != self.tables.satp {
            let right = self.tables.satp;
            let finding =
                format!("hart {} takes satp {:#x}, and {right:#x} is right", write.hart, write.value);
            self.findings.push(finding);
        }
    }
}
