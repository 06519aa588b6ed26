//! ArceOS's platform: its mappings between the landing and the kernel, and the regions that it
//! reports to the kernel.

use super::Landed;
use super::approach::next_write;
use super::own::pages;
use crate::image::Image;
use crate::session::{Console, Session, as_text};
use landfall_judge::intervals::{Interval, union, without};
use landfall_judge::tables::Tables;

/// The most memory that ArceOS does not map: the landing's own memory, its tables and stacks, and
/// the board's reservations.
const FEW: u64 = 2 << 20;

/// The mappings that the platform added to the landing's tables.
struct Added {
    findings: Vec<String>,
    registers: Vec<Interval>,
    /// The frames of tables.
    frames: Vec<Interval>,
    tables: Tables,
}

impl Landed {
    /// Runs from landfall's `main` to that of ArceOS, and checks the tables. Returns the device
    /// registers that they map.
    pub(crate) fn go_to_platform(
        &mut self,
        session: &mut Session,
        image: &Image,
    ) -> Result<Vec<Interval>, String> {
        let main = self.expected.kernel + image.symbol("__axplat_main")?.offset;
        session.set_breakpoint(main)?;
        while let Some(write) = next_write(session, image, self.base, Some(main))? {
            self.take(&write);
        }
        if as_text(session.gdb.register("pc"))? != main {
            return Err("the machine ended before the kernel of ArceOS".to_owned());
        }
        session.remove_breakpoint(main)?;
        let satp = as_text(session.gdb.register("satp"))?;
        if satp != self.tables.satp {
            self.findings.push(format!("the platform changed satp to {satp:#x}"));
        }
        let Added { findings, registers, frames, .. } = self.added(session, image)?;
        self.findings.extend(findings);
        self.frames = frames;
        Ok(registers)
    }

    /// Checks that the tables keep the rules and all mappings of the landing. They may add only
    /// device registers: readable and writable, outside RAM.
    fn added(&self, session: &mut Session, image: &Image) -> Result<Added, String> {
        let tables = Tables::read(session, self.tables.satp, self.tables.root.extensions)?;
        let mut findings = tables.check_rules();
        let (old, new) = (pages(&self.tables), pages(&tables));
        if let Some(lost) = old.iter().find(|page| !new.contains(page)) {
            findings.push(format!("the platform has unmapped or changed {lost:x?}"));
        }
        let added: Vec<_> = new.iter().filter(|page| !old.contains(page)).collect();
        if let Some(wrong) = added.iter().find(|(.., access)| *access != [true, true, false]) {
            findings.push(format!("the platform maps registers that are not RW-: {wrong:x?}"));
        }
        let registers = union(added.iter().map(|(_, size, phys, _)| Interval::new(*phys, *size)));
        let is_ram = |part: &Interval| self.tree.ram.iter().any(|ram| ram.overlaps(*part));
        if let Some(memory) = registers.iter().find(|part| is_ram(part)) {
            findings.push(format!("the platform maps RAM a second time, in {memory:x?}"));
        }
        let own = self.tables.walk.tables.iter();
        let frames = tables.walk.tables.iter().filter(|table| !own.clone().any(|own| own == *table));
        let frames: Vec<_> = frames.map(|table| Interval::new(*table, 4096)).collect();
        let mut taken = self.taken();
        taken.push(Interval::new(self.base, image.size));
        let is_free = |frame: &Interval| {
            let ram = self.tree.ram.iter().any(|ram| ram.holds(*frame));
            ram && !taken.iter().any(|taken| taken.overlaps(*frame))
        };
        if let Some(frame) = frames.iter().find(|frame| !is_free(frame)) {
            findings
                .push(format!("the platform's table at {:#x} lies in memory that is not free", frame.start));
        }
        Ok(Added { findings, registers, frames, tables })
    }

    /// Damages the tables, one entry after the other, and returns the damage that the judge misses.
    pub(crate) fn damage_platform(
        &self,
        session: &mut Session,
        image: &Image,
    ) -> Result<Vec<String>, String> {
        let Added { findings: mut silent, registers, tables, .. } = self.added(session, image)?;
        let leaf = |of_registers| {
            let is_register = |phys, size| registers.iter().any(|part| part.holds(Interval::new(phys, size)));
            let found =
                tables.walk.leaves.iter().find(|leaf| is_register(leaf.phys, leaf.size) == of_registers);
            found.map(|leaf| leaf.entry).ok_or("no leaf to damage")
        };
        let (register, ram) = (leaf(true)?, leaf(false)?);
        // X is bit 3, W bit 2, V bit 0.
        let damages = [
            (register, 1 << 3, "writable and executable"),
            (register, 1 << 2, "registers that are not RW-"),
            (ram, 1, "unmapped or changed"),
        ];
        for (at, flipped, words) in damages {
            let entry = session.read(at, 8)?;
            let bits = entry.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
            session.write(at, &(bits ^ flipped).to_le_bytes())?;
            let Added { findings, .. } = self.added(session, image)?;
            if !findings.iter().any(|finding| finding.contains(words)) {
                silent.push(format!("nobody says \"{words}\" of bit {flipped:#x}, but {findings:?}"));
            }
            session.write(at, &entry)?;
        }
        Ok(silent)
    }

    /// Runs until every hart uses the tables that ArceOS itself builds. They must keep the rules,
    /// and map all free RAM of the landing.
    pub(crate) fn go_to_application(&mut self, session: &mut Session, image: &Image) -> Result<(), String> {
        let tables = self.go_to_switch(session, image)?;
        let (old, new) = (mapped(&self.tables), mapped(&tables));
        let lost: u64 = without(&old, &new).iter().map(|lost| lost.end - lost.start).sum();
        if lost > FEW {
            self.findings.push(format!("ArceOS does not map {lost:#x} bytes that the landing mapped"));
        }
        Ok(())
    }

    /// Checks the memory and registers that `axplat-hello` prints; other kernels print none.
    pub(crate) fn check_reported_regions(&mut self, console: &Console, added: &[Interval]) {
        let reported = |what: &str| -> Vec<Interval> {
            let lines = console.lines.iter().filter_map(|line| line.strip_prefix(what)?.split_once(".."));
            let number = |text: &str| u64::from_str_radix(text.trim().trim_start_matches("0x"), 16).ok();
            lines
                .filter_map(|(start, end)| Some(Interval { start: number(start)?, end: number(end)? }))
                .collect()
        };
        let reserved = reported("reserved ");
        if reserved.is_empty() {
            return;
        }
        let registers = union(reported("registers "));
        if registers != added {
            self.findings.push(format!(
                "the platform reports registers {registers:x?} to the kernel, and {added:x?} are mapped"
            ));
        }
        let image = Interval::new(self.base, self.entry.size);
        let own = self.taken().into_iter().chain(self.frames.iter().copied()).chain([self.tree_was]);
        for part in union(own) {
            // Only whole pages count, without the image's.
            for part in without(&[part], &[image]) {
                if !reserved.iter().any(|reserved| reserved.holds(part)) {
                    self.findings.push(format!("{part:x?} is in use, and the platform reports it as free"));
                }
            }
        }
        let ram = without(&self.tree.ram, &self.tree.no_map);
        let mib = ram.iter().map(|ram| ram.end - ram.start).sum::<u64>() >> 20;
        let line = format!("RAM {mib} MiB");
        if self.tree.beyond(u64::MAX) == 0 && !console.lines.contains(&line) {
            self.findings.push(format!("the console does not have \"{line}\""));
        }
    }
}

/// Returns the physical memory that tables map.
fn mapped(tables: &Tables) -> Vec<Interval> {
    union(tables.walk.leaves.iter().map(|leaf| Interval::new(leaf.phys, leaf.size)))
}
