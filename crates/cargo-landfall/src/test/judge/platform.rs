//! ArceOS's platform: what it maps between the landing and the kernel, and what it tells the kernel.

use super::Landed;
use super::approach::next_write;
use super::own::pages;
use crate::test::image::Image;
use crate::test::intervals::{Interval, union, without};
use crate::test::session::{Console, Session, told};
use crate::test::tables::Tables;

impl Landed {
    /// Goes on from landfall's `main` to that of ArceOS. The tables must be the landing's, keep the rules, map all that they did, and besides that registers alone:
    /// readable and writable, outside RAM. Says which.
    pub(in crate::test) fn go_to_platform(
        &mut self,
        session: &mut Session,
        image: &Image,
    ) -> Result<Vec<Interval>, String> {
        let main = self.expected.kernel + image.symbol("__axplat_main")?.offset;
        session.set_breakpoint(main)?;
        while let Some(write) = next_write(session, image, self.base, Some(main))? {
            self.take(&write);
        }
        if told(session.gdb.register("pc"))? != main {
            return Err("the machine ended before the kernel of ArceOS".to_owned());
        }
        session.remove_breakpoint(main)?;
        let satp = told(session.gdb.register("satp"))?;
        if satp != self.tables.satp {
            self.findings.push(format!("the platform has changed satp to {satp:#x}"));
        }
        let tables = Tables::read(session, satp, self.tables.root.extensions)?;
        self.findings.extend(tables.check_rules());
        let (old, new) = (pages(&self.tables), pages(&tables));
        if let Some(lost) = old.iter().find(|page| !new.contains(page)) {
            self.findings.push(format!("the platform has unmapped or changed {lost:x?}"));
        }
        let added: Vec<_> = new.iter().filter(|page| !old.contains(page)).collect();
        if let Some(wrong) = added.iter().find(|(.., access)| *access != [true, true, false]) {
            self.findings.push(format!("the platform maps registers that are not RW-: {wrong:x?}"));
        }
        let added = union(added.iter().map(|(_, size, phys, _)| Interval::new(*phys, *size)));
        if let Some(memory) = self.tree.ram.iter().find(|ram| added.iter().any(|added| added.overlaps(**ram)))
        {
            self.findings.push(format!("the platform maps RAM of {memory:x?} a second time"));
        }
        let frames = tables.walk.tables.iter().filter(|table| !self.tables.walk.tables.contains(table));
        let taken = self.taken();
        for frame in frames.map(|table| Interval::new(*table, 4096)) {
            let ram = self.tree.ram.iter().any(|ram| ram.holds(frame));
            if !ram
                || taken.iter().any(|taken| taken.overlaps(frame))
                || Interval::new(self.base, image.size).overlaps(frame)
            {
                self.findings
                    .push(format!("the platform's table at {:#x} lies in what is not free", frame.start));
            }
            self.frames.push(frame);
        }
        Ok(added)
    }

    /// What `axplat-hello` says of memory and registers must be so. Other kernels say nothing of it.
    pub(in crate::test) fn check_regions_told(&mut self, console: &Console, added: &[Interval]) {
        let told = |what: &str| -> Vec<Interval> {
            let lines = console.lines.iter().filter_map(|line| line.strip_prefix(what)?.split_once(".."));
            let number = |text: &str| u64::from_str_radix(text.trim().trim_start_matches("0x"), 16).ok();
            lines
                .filter_map(|(start, end)| Some(Interval { start: number(start)?, end: number(end)? }))
                .collect()
        };
        let reserved = told("reserved ");
        if reserved.is_empty() {
            return;
        }
        let registers = union(told("registers "));
        if registers != added {
            self.findings
                .push(format!("the kernel is told of registers {registers:x?}, and {added:x?} are mapped"));
        }
        let image = Interval::new(self.base, self.entry.size);
        let own = self.taken().into_iter().chain(self.frames.iter().copied()).chain([self.tree_was]);
        for part in union(own) {
            // Whole pages of it, without those that are the image's.
            for part in without(&[part], &[image]) {
                if !reserved.iter().any(|reserved| reserved.holds(part)) {
                    self.findings
                        .push(format!("{part:x?} is in use, and the kernel is told that it is free"));
                }
            }
        }
        let ram = without(&self.tree.ram, &self.tree.no_map);
        let mib = ram.iter().map(|ram| ram.end - ram.start).sum::<u64>() >> 20;
        let line = format!("RAM {mib} MiB");
        if self.tree.beyond(u64::MAX) == 0 && !console.lines.contains(&line) {
            self.findings.push(format!("the console does not say \"{line}\""));
        }
    }
}
