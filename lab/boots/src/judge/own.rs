//! Kernels with their own tables, to which they switch after a landing, or with their own code up
//! to the write to `satp`.

use landfall_judge::Extensions;
use landfall_judge::entry::Leaf;

use super::Landed;
use super::approach::next_write;
use crate::audited::planned;
use crate::devicetree::Tree;
use crate::image::{Image, Use};
use crate::session::{Entry, Session, as_text};
use landfall_judge::intervals::{Interval, union, without};
use landfall_judge::slots;
use landfall_judge::tables::Tables;

const PAGE: u64 = 4096;

impl Landed {
    /// Runs from `main` until every hart uses other tables. They must keep the rules, and have all
    /// mappings of the landing's tables with the same access. They must map nothing else except a
    /// page at `device`.
    pub(crate) fn go_to_own_tables(
        &mut self,
        session: &mut Session,
        image: &Image,
        device: u64,
    ) -> Result<(), String> {
        let tables = self.go_to_switch(session, image)?;
        let (old, new) = (pages(&self.tables), pages(&tables));
        let added: Vec<_> = new.iter().filter(|page| !old.contains(page)).collect();
        if let Some(lost) = old.iter().find(|page| !new.contains(page)) {
            self.findings.push(format!("the kernel's own tables do not map {lost:x?}"));
        }
        if !matches!(added.as_slice(), [(_, size, phys, _)] if (*size, *phys) == (PAGE, device)) {
            self.findings.push(format!("the kernel's own tables map also {added:x?}"));
        }
        Ok(())
    }

    /// Runs until every hart uses other tables, the same for all, which must keep the rules.
    pub(super) fn go_to_switch(&mut self, session: &mut Session, image: &Image) -> Result<Tables, String> {
        let kernel = self.expected.kernel;
        for write in &image.satp_writes {
            session.set_breakpoint(kernel + write.offset)?;
        }
        let mut own = None;
        for _ in 0..self.harts.len() {
            let write = next_write(session, image, kernel, None)?;
            let write =
                write.ok_or("the machine ended before each hart had switched to the kernel's own tables")?;
            if write.value == self.tables.satp {
                self.findings.push(format!("hart {} stays in the landing's tables", write.hart));
            }
            if *own.get_or_insert(write.value) != write.value {
                self.findings
                    .push(format!("hart {} uses tables that differ from those of other harts", write.hart));
            }
        }
        let Some(satp) = own else { return Err("no hart has landed".to_owned()) };
        let tables = Tables::read(session, satp, self.tables.root.extensions)?;
        self.findings.extend(tables.check_rules());
        let known = planned::known(self.prediction.written(), &self.tree);
        self.findings.extend(planned::faults(&planned::of_tables(&tables, known)?));
        Ok(tables)
    }
}

/// Returns the mappings of tables, whatever the size of their leaves: virtual address, size in
/// bytes, physical address, and access.
pub(super) fn pages(tables: &Tables) -> Vec<(u64, u64, u64, [bool; 3])> {
    let mut leaves: Vec<Leaf> = tables.walk.leaves.clone();
    leaves.sort_by_key(|leaf| leaf.virt);
    let mut stretches: Vec<(u64, u64, u64, [bool; 3])> = Vec::new();
    for leaf in leaves {
        let access = [leaf.flags.r(), leaf.flags.w(), leaf.flags.x()];
        match stretches.last_mut() {
            Some((virt, size, phys, same))
                if virt.wrapping_add(*size) == leaf.virt && *phys + *size == leaf.phys && *same == access =>
            {
                *size += leaf.size;
            }
            _ => stretches.push((leaf.virt, leaf.size, leaf.phys, access)),
        }
    }
    stretches
}

/// Follows a kernel that builds its own tables, up to the instruction that enables them. The tables
/// must keep the rules and map all RAM that may be mapped at one offset. They must map each part of
/// the image with its own access. Every slot must be correct.
pub(crate) fn follow_own_start(
    session: &mut Session,
    image: &Image,
    entry: &Entry,
) -> Result<Vec<String>, String> {
    let tree = Tree::read(&session.tree(entry.tree_at)?)?;
    for write in &image.satp_writes {
        session.set_breakpoint(entry.base + write.offset)?;
    }
    let write = next_write(session, image, entry.base, None)?;
    let write = write.ok_or("the machine ended before it had tables")?;
    let kernel = entry.base.wrapping_add(as_text(session.gdb.register("s2"))?);
    let tables = Tables::read(session, write.value, Extensions::None)?;
    let mut findings = tables.check_rules();
    findings.extend(check_ram(&tables, &tree));
    findings.extend(check_parts(&tables, image, entry.base, kernel));
    findings.extend(slots::check_own(session, image, entry.base, kernel)?);
    Ok(findings)
}

/// Checks that all RAM that may be mapped is mapped at the offset of its last page, and nothing
/// else at that offset.
fn check_ram(tables: &Tables, tree: &Tree) -> Option<String> {
    let right = without(&tree.ram, &tree.no_map);
    let last = right.last()?.end - PAGE;
    let offset = tables.walk.leaves.iter().find_map(|leaf| {
        Interval::new(leaf.phys, leaf.size)
            .holds(Interval::new(last, PAGE))
            .then_some(leaf.virt.wrapping_sub(leaf.phys))
    });
    let Some(offset) = offset else { return Some(format!("RAM at {last:#x} is not mapped")) };
    let linear = tables.walk.leaves.iter().filter(|leaf| leaf.virt.wrapping_sub(leaf.phys) == offset);
    let mapped = union(linear.map(|leaf| Interval::new(leaf.phys, leaf.size)));
    (mapped != right).then(|| format!("the linear map holds {mapped:x?}, expected {right:x?}"))
}

/// Checks that the image is mapped at `kernel`, each part with its own access.
fn check_parts(tables: &Tables, image: &Image, base: u64, kernel: u64) -> Vec<String> {
    let right = image.segments.iter().map(|segment| {
        let access = match segment.use_for {
            Use::Text => [true, false, true],
            Use::Constants => [true, false, false],
            Use::Early | Use::Data => [true, true, false],
        };
        (kernel + segment.offset, segment.size, base + segment.offset, access)
    });
    let mapped = pages(tables);
    right
        .filter(|part| !mapped.contains(part))
        .map(|part| format!("the image's part {part:x?} is not mapped like that"))
        .collect()
}
