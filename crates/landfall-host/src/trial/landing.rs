//! The judge of a landing: a machine is stopped at the kernel's `main`, and its memory is read.

use std::time::Instant;

use landfall_image::pe;
use landfall_judge::image::Image;
use landfall_judge::intervals::Interval;
use landfall_judge::landing::{Expected, Seen};
use landfall_judge::memory::PhysicalMemory;
use landfall_judge::policy::ModePolicy;
use landfall_judge::tables::Tables;
use landfall_judge::tree::Tree;
use landfall_judge::{Extensions, Unreadable, slots};
use landfall_paging::Mode;
use landfall_predict::case::{Outcome, Taken};
use landfall_predict::units::Address;

use super::at_main::{Layout, Main};
use super::departed;
use super::predicted::TableWords;
use super::subject::Landing;
use crate::gdb::{Client, Space};
use crate::landmarks::IMAGE_START;
use crate::measure;
use crate::plan::at_stop;
use crate::stopped::StoppedMachine;

/// `ImageBase` of the optional header (Microsoft, "PE Format").
const IMAGE_BASE: usize = pe::OFFSET as usize + 24 + 24;

/// A landing up to `main`.
#[derive(Debug)]
pub(super) enum Landed {
    /// The plan is a refusal with this rule: there is nothing to land.
    WouldRefuse(String),
    /// The machine did not come to `main`; its console states the reason.
    No,
    /// It did.
    At(Box<Main>),
}

impl PhysicalMemory for Client {
    fn read(&mut self, at: u64, size: u64) -> Result<Vec<u8>, Unreadable> {
        let size = usize::try_from(size).map_err(|error| error.to_string())?;
        let bytes = self.read_memory(Space::Physical, Address(at), size);
        Ok(bytes.map_err(|error| error.to_string())?)
    }
}

/// Follows a machine from the kernel's first instruction to `main`, and judges it there.
///
/// # Errors
/// [`Unreadable`] names the input or the part of the machine that cannot be read.
pub(super) fn judge(
    machine: &mut StoppedMachine,
    kernel: &Landing,
    until: Instant,
) -> Result<Landed, Unreadable> {
    let entry = Entry::of(machine)?;
    let case = match at_stop(machine, &kernel.blueprint) {
        Ok(case) => case,
        Err(refused) => return Ok(Landed::WouldRefuse(refused.rule.to_string())),
    };
    if let Outcome::Refuses(refused) = case.clone().predict() {
        return Ok(Landed::WouldRefuse(refused.rule.to_string()));
    }
    let reached = measure::count(machine, &kernel.symbols, &[], measure::LANDED, until);
    if reached.map_err(|error| error.to_string())?.is_none() {
        return Ok(Landed::No);
    }
    let (satp, virt) = registers(&mut machine.gdb, kernel).map_err(|error| error.to_string())?;
    let (mode, layout, tables, findings) = entry.judge(&mut machine.gdb, kernel, satp, virt)?;
    // A hart's own generator gives other bytes than the host can know.
    let generated = case.seeds.with_assumed_generator(&case.facts).is_some();
    let extensions = tables.root.extensions;
    let judges = vec!["tables", "words"];
    let mut main = Main { mode, layout, prediction: None, findings, extensions, judges };
    let mut case = case;
    case.modes = Taken::Probed(mode);
    match case.predict() {
        _ if generated => {}
        Outcome::Refuses(refused) => main.findings.push(format!("the plan is a refusal, {refused}")),
        Outcome::Lands(prediction) => {
            let words = TableWords::of(&prediction.plan, &prediction.facts)?;
            main.findings.extend(words.check(&prediction.plan, &tables));
            main.judges.push("plan");
            main.prediction = Some(prediction);
        }
    }
    departed::judge(machine, kernel, &mut main, until)?;
    Ok(Landed::At(Box::new(main)))
}

/// Returns `satp` and the kernel's virtual address, of a hart that is at `main`.
fn registers(gdb: &mut Client, kernel: &Landing) -> Result<(u64, u64), crate::gdb::GdbError> {
    let offset = |name| kernel.symbols.find(name).map_or(0, |symbol| symbol.address.0);
    let main = offset(measure::LANDED).wrapping_sub(offset(IMAGE_START));
    Ok((gdb.register("satp")?, gdb.register("pc")?.wrapping_sub(main)))
}

/// The machine at the kernel's first instruction.
struct Entry {
    tree: Tree,
    tree_at: u64,
    base: u64,
    hart: u64,
}

impl Entry {
    fn of(machine: &StoppedMachine) -> Result<Self, Unreadable> {
        let bytes = machine.tree.as_deref().ok_or("there is no device tree at the address in a1")?;
        let tree = Tree::read(bytes)?;
        Ok(Self { tree, tree_at: machine.tree_at.0, base: machine.base.0, hart: machine.boot_hart })
    }

    /// Returns the loaded image: EFI firmware may write the image's address into its header.
    fn as_loaded(&self, gdb: &mut Client, image: &Image) -> Result<Image, Unreadable> {
        let mut image = image.clone();
        let noted = self.base.to_le_bytes();
        let is_efi = image.flat.starts_with(b"MZ");
        if let Some(field) = image.flat.get_mut(IMAGE_BASE..IMAGE_BASE + noted.len())
            && is_efi
            && PhysicalMemory::read(gdb, self.base + IMAGE_BASE as u64, noted.len() as u64)? == noted
        {
            field.copy_from_slice(&noted);
        }
        Ok(image)
    }

    /// Judges the tables and the kernel's words.
    fn judge(
        &self,
        gdb: &mut Client,
        kernel: &Landing,
        satp: u64,
        virt: u64,
    ) -> Result<(Mode, Layout, Tables, Vec<String>), Unreadable> {
        let plain = Tables::read(gdb, satp, Extensions::None)?;
        let levels = plain.root.levels;
        let policy = ModePolicy::of(&kernel.image, levels)?;
        let loaded = self.as_loaded(gdb, &kernel.image)?;
        let was = Interval::new(self.base, loaded.size);
        let tree = &self.tree.clone().reserve_crash_memory(was, self.tree_at, &policy);
        let harts = tree.landing_harts(levels, self.hart, &policy);
        let tables =
            if tree.have_svnapot(&harts) { Tables::read(gdb, satp, Extensions::Svnapot)? } else { plain };
        let mut findings = tables.check_rules();
        let mut word = |at| {
            let bytes = PhysicalMemory::read(gdb, at, 8).unwrap_or_default();
            bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
        };
        let start = tables.root.translate(virt, &mut word);
        let base = start.map_err(|_| format!("the kernel's first byte at {virt:#x} is not mapped"))?.phys;
        let image = &loaded;
        let tree_at = self.tree_at;
        let seen = Seen { image, policy: &policy, tree, tree_at, base, harts: &harts, tables: &tables };
        let expected = Expected::new(&seen, &mut word)?;
        findings.extend(expected.check(&tables.walk));
        findings.extend(slots::check(gdb, image, [self.base, base], virt)?);
        let tree_was = Interval::new(tree_at, tree.size);
        findings.extend(slots::check_seeds(gdb, image, base, tree_was, &tree.seeds)?);
        let layout = Layout {
            base: Address(base),
            kernel: Address(expected.kernel),
            root: Address(tables.root.table),
            offset: expected.offset,
            stack: Address(expected.stacks.first().copied().unwrap_or_default()),
        };
        let mode = match levels {
            3 => Mode::Sv39,
            4 => Mode::Sv48,
            _ => Mode::Sv57,
        };
        Ok((mode, layout, tables, findings))
    }
}
