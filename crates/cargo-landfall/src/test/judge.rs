//! The judge of a landing: it looks at every `satp` before it counts, and at the machine's memory when `main` begins.

use super::devicetree::Tree;
use super::image::Image;
use super::intervals::Interval;
use super::model::Expected;
use super::reported::{self, Known};
use super::session::{Console, Entry, Lottery, Session, told};
use super::slots;
use super::tables::Tables;
use crate::verdict::Verdict;

/// A landing that has been seen up to `main`.
pub(super) struct Landed {
    pub(super) entry: Entry,
    pub(super) tree: Tree,
    pub(super) tables: Tables,
    pub(super) expected: Expected,
    /// Harts that have written the final `satp`, the boot hart first.
    arrived: Vec<u64>,
    /// Where seeds lay.
    tree_was: Interval,
    pub(super) findings: Vec<String>,
}

/// Where one landing put things: equal for equal seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) kernel: u64,
    pub(super) offset: u64,
}

/// A write to `satp` that is about to happen.
struct Write {
    pc: u64,
    hart: u64,
    value: u64,
}

/// Runs on to the next instruction that writes something to `satp`; `None` where `main` comes first, or the end.
fn next_write(
    session: &mut Session,
    image: &Image,
    base: u64,
    main: Option<u64>,
) -> Result<Option<Write>, String> {
    loop {
        let Some(hart) = session.go()? else { return Ok(None) };
        let pc = told(session.gdb.register("pc"))?;
        if Some(pc) == main {
            return Ok(None);
        }
        let write = image.satp_writes.iter().find(|write| base + write.offset == pc);
        let write = write.ok_or_else(|| format!("the machine stopped at {pc:#x} for no reason"))?;
        let old = told(session.gdb.register("satp"))?;
        let register = write.register().map_or(Ok(0), |name| told(session.gdb.register(name)))?;
        match write.value(old, register) {
            0 => {}
            value => return Ok(Some(Write { pc, hart: hart.id(), value })),
        }
    }
}

/// Goes on to the leap, and looks at the tables it leads to.
pub(super) fn leap(session: &mut Session, image: &Image, entry: &Entry) -> Result<Landed, String> {
    let tree = session.read_tree(entry)?;
    let tree_was = Interval::new(entry.tree_at, tree.size);
    for write in &image.satp_writes {
        session.set_breakpoint(entry.base + write.offset)?;
    }
    let probe = Interval::new(entry.base + image.symbol("landfall_probe")?.offset, 64);
    let mut findings = Vec::new();
    let leap = loop {
        let write =
            next_write(session, image, entry.base, None)?.ok_or("the machine ended before it had tables")?;
        if !(probe.start..probe.end).contains(&write.pc) {
            break write;
        }
        findings.extend(Tables::read(session, write.value)?.check_probe(write.pc));
    };
    let tables = Tables::read(session, leap.value)?;
    let mut entry = entry.clone();
    if entry.lottery == Lottery::Kernel {
        entry.hart = leap.hart;
    }
    let expected = expect(session, image, &entry, &tree, &tables)?;
    findings.extend(tables.check_rules());
    findings.extend(expected.check(&tables.walk));
    let stack = told(session.gdb.register("s2"))?;
    if expected.stacks.first() != Some(&stack) {
        findings.push(format!("the boot hart's stack begins at {stack:#x}, not at the top of the first"));
    }
    if leap.hart != entry.hart {
        findings.push(format!("hart {} entered, and hart {} leaps", entry.hart, leap.hart));
    }
    Ok(Landed { entry, tree, tables, expected, arrived: vec![leap.hart], tree_was, findings })
}

fn expect(
    session: &mut Session,
    image: &Image,
    entry: &Entry,
    tree: &Tree,
    tables: &Tables,
) -> Result<Expected, String> {
    let mut read = |address| {
        let word =
            session.read(address, 8).ok().and_then(|bytes| Some(u64::from_le_bytes(*bytes.first_chunk()?)));
        word.unwrap_or_default()
    };
    Expected::new(image, tree, entry, tables.root, &tables.walk, &mut read)
}

impl Landed {
    pub(super) fn layout(&self) -> Layout {
        Layout { kernel: self.expected.kernel, offset: self.expected.offset }
    }

    /// Reads the tables again, which a test has damaged, and says what is wrong with them.
    pub(super) fn judge_again(&self, session: &mut Session, image: &Image) -> Result<Vec<String>, String> {
        let tables = Tables::read(session, self.tables.satp)?;
        let mut findings = tables.check_rules();
        match expect(session, image, &self.entry, &self.tree, &tables) {
            Ok(expected) => findings.extend(expected.check(&tables.walk)),
            Err(error) => findings.push(error),
        }
        Ok(findings)
    }

    /// Goes on to `main`; every other hart must land in the same tables.
    pub(super) fn go_to_main(&mut self, session: &mut Session, image: &Image) -> Result<(), String> {
        let main = self.expected.kernel + image.symbol("__landfall_main")?.offset;
        session.set_breakpoint(main)?;
        while let Some(write) = next_write(session, image, self.entry.base, Some(main))? {
            self.take(&write);
        }
        match told(session.gdb.register("pc")) {
            Ok(pc) if pc == main => session.remove_breakpoint(main),
            _ => Err("the machine ended before main".to_owned()),
        }
    }

    /// Goes on to the end. Harts that claimed their start just before `main` may land after it.
    pub(super) fn go_to_end(&mut self, session: &mut Session, image: &Image) -> Result<(), String> {
        while let Some(write) = next_write(session, image, self.entry.base, None)? {
            self.take(&write);
        }
        Ok(())
    }

    /// Another hart is about to land.
    fn take(&mut self, write: &Write) {
        self.arrived.push(write.hart);
        if write.value != self.tables.satp {
            let right = self.tables.satp;
            let finding =
                format!("hart {} takes satp {:#x}, and {right:#x} is right", write.hart, write.value);
            self.findings.push(finding);
        }
    }

    /// Looks at everything that must hold when `main` begins.
    pub(super) fn check_memory(&mut self, session: &mut Session, image: &Image) -> Result<(), String> {
        if let Err(changed) = self.tables.check_unchanged(session) {
            self.findings.push(changed);
        }
        self.findings.extend(self.check_words(session, image)?);
        Ok(())
    }

    /// Slots, other words, seeds.
    pub(super) fn check_words(&self, session: &mut Session, image: &Image) -> Result<Vec<String>, String> {
        let base = self.entry.base;
        let mut findings = slots::check(session, image, base, self.expected.kernel)?;
        findings.extend(slots::check_seeds(session, image, base, self.tree_was, &self.tree.seeds)?);
        if self.tree.seeds.is_empty() {
            return Ok(findings);
        }
        let left = session.tree(self.tree_was.start).and_then(|tree| Tree::read(&tree));
        match left {
            Ok(tree) if tree.seeds.is_empty() => {}
            Ok(_) => findings.push("the tree still has a property for a seed".to_owned()),
            Err(error) => findings.push(format!("the tree was damaged: {error}")),
        }
        Ok(findings)
    }

    /// Compares the report with what was seen.
    pub(super) fn check_console(&mut self, image: &Image, console: &Console) {
        match &console.verdict {
            Some(Verdict::Landed(report)) => {
                let known = Known {
                    image,
                    tree: &self.tree,
                    entry: &self.entry,
                    tables: &self.tables,
                    expected: &self.expected,
                    arrived: &self.arrived,
                };
                self.findings.extend(reported::check(report, &known));
            }
            other => self.findings.push(format!("there is no report on the console but {other:?}")),
        }
        if !console.ended {
            self.findings.push("the machine did not power off".to_owned());
        }
    }
}
