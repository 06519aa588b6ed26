//! Live address spaces, while harts change them. All roots are walked from outside, with no code of
//! the editor's.
//!
//! ```text
//! here    the moments at which the machine stops, and what must hold then
//! rules   what must hold at every moment, in the middle of an operation too
//! quiet   what must hold while no hart changes tables: guards, labels, the landing's mappings
//! ```

mod quiet;
mod rules;

use std::collections::BTreeMap;
use std::time::Duration;

use super::Landed;
use crate::image::Image;
use crate::session::{Glimpse, Session, as_text};
use landfall_judge::memory::PhysicalMemory;
use landfall_judge::tables::Tables;
use landfall_judge::{Leaf, Unreadable};

/// Pages of the kernel's list of roots.
const ROOTS: u64 = 16;
const PAGE: u64 = 4096;

/// The time for which harts run before the judge looks at them while they work. Stretches between
/// two meetings can be as short on a fast host.
const WHILE: Duration = Duration::from_millis(10);

/// The same after enough looks: the harts run to their next meeting.
const LONG: Duration = Duration::from_secs(2);

/// The fewest looks that prove something: while harts work, and between rounds.
const LEAST: [usize; 2] = [1, 3];

/// The most looks while harts work, unless a stretch takes long.
const ENOUGH: usize = 20;

/// All address spaces at one moment.
pub(super) struct Roots {
    /// The kernel's own tables.
    pub(super) kernel: Tables,
    /// Those of user address spaces.
    pub(super) users: Vec<Tables>,
    /// The page of each table, and of nothing else.
    pub(super) pages: BTreeMap<u64, Vec<u8>>,
}

impl Roots {
    /// Returns the leaves of the kernel's half.
    pub(super) fn kernel_leaves(&self) -> &[Leaf] {
        &self.kernel.walk.leaves
    }

    /// Returns the leaves of the lower half of each user address space.
    pub(super) fn user_leaves(&self) -> impl Iterator<Item = (usize, Leaf)> + '_ {
        let lower = |tables: &Tables| {
            tables.walk.leaves.iter().copied().filter(|leaf| leaf.virt >> 63 == 0).collect::<Vec<_>>()
        };
        self.users
            .iter()
            .map(lower)
            .enumerate()
            .flat_map(|(user, leaves)| leaves.into_iter().map(move |leaf| (user, leaf)))
    }

    /// Returns the bits of an entry that was read.
    pub(super) fn entry(&self, at: u64) -> u64 {
        let page = self.pages.get(&(at & !(PAGE - 1)));
        let bytes = page.and_then(|page| page.get((at & (PAGE - 1)) as usize..)?.first_chunk());
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}

/// Memory of which each page is read once: all roots share most tables.
struct Once<'a> {
    session: &'a mut Session,
    pages: BTreeMap<u64, Vec<u8>>,
}

impl PhysicalMemory for Once<'_> {
    fn read(&mut self, at: u64, size: u64) -> Result<Vec<u8>, Unreadable> {
        if let Some(bytes) = self.pages.get(&at) {
            return Ok(bytes.clone());
        }
        let bytes = self.session.read(at, size)?;
        self.pages.insert(at, bytes.clone());
        Ok(bytes)
    }
}

impl Landed {
    /// Runs from `main` to the end, and judges all address spaces: at any moment while harts work,
    /// and when they have met.
    pub(crate) fn follow_spaces(&mut self, session: &mut Session, image: &Image) -> Result<(), String> {
        let [between, end] = self.stop_at_meetings(session, image)?;
        let mut looks = [0, 0];
        loop {
            let time = if looks[0] < ENOUGH { WHILE } else { LONG };
            let findings = match session.go_for(time)? {
                Glimpse::Ended => break,
                Glimpse::Stopped { pc, .. } if pc == between || pc == end => {
                    looks[1] += 1;
                    let roots = self.roots(session, image)?;
                    let mut findings = rules::check(&roots);
                    findings.extend(quiet::check(&roots, &self.tables));
                    if pc == end {
                        findings.extend(quiet::check_end(&roots, &self.tables));
                    }
                    findings
                }
                Glimpse::Stopped { .. } => {
                    looks[0] += 1;
                    let roots = self.roots(session, image)?;
                    let mut findings = rules::check(&roots);
                    findings.extend(check_harts(session, &roots)?);
                    findings
                }
            };
            self.findings.extend(findings);
            if !self.findings.is_empty() {
                return Ok(());
            }
        }
        if looks[0] < LEAST[0] || looks[1] < LEAST[1] {
            self.findings.push(format!("the judge saw too little: {looks:?} of {LEAST:?} looks"));
        }
        Ok(())
    }

    /// Runs to a meeting of the harts, and returns what the judge finds after each kind of damage.
    pub(crate) fn damage_spaces(&mut self, session: &mut Session, image: &Image) -> Result<(), String> {
        let [between, _] = self.stop_at_meetings(session, image)?;
        let mut looked = 0;
        loop {
            match session.go_for(LONG)? {
                Glimpse::Ended => break,
                Glimpse::Stopped { pc, .. } if pc == between => {
                    looked += 1;
                    let roots = self.roots(session, image)?;
                    let damage = quiet::damage(&roots, &self.tables);
                    // Soon after the start there may be too few mappings to damage.
                    if damage.len() == quiet::DAMAGES {
                        for (name, at, bits, words) in damage {
                            self.damage(session, image, (name, at, bits, words))?;
                        }
                        return Ok(());
                    }
                }
                Glimpse::Stopped { .. } => {}
            }
        }
        Err(format!("none of {looked} meetings had mappings of each kind"))
    }

    /// Writes an entry, lets the judge look, and restores the entry.
    fn damage(
        &mut self,
        session: &mut Session,
        image: &Image,
        (name, at, bits, words): (&str, u64, u64, &str),
    ) -> Result<(), String> {
        let before = session.read_word(at)?;
        session.write(at, &bits.to_le_bytes())?;
        let roots = self.roots(session, image)?;
        let mut findings = rules::check(&roots);
        findings.extend(quiet::check(&roots, &self.tables));
        if !findings.iter().any(|finding| finding.contains(words)) {
            self.findings.push(format!("no judge says \"{words}\" of {name}, but {findings:#?}"));
        }
        session.write(at, &before.to_le_bytes())
    }

    /// Sets breakpoints at the functions that the kernel calls when all harts have met.
    fn stop_at_meetings(&self, session: &mut Session, image: &Image) -> Result<[u64; 2], String> {
        for write in &image.satp_writes {
            session.remove_breakpoint(self.base + write.offset)?;
        }
        let places = [self.address_of(image, "space_between")?, self.address_of(image, "space_end")?];
        places.into_iter().try_for_each(|at| session.set_breakpoint(at))?;
        Ok(places)
    }

    /// Reads all address spaces: the landing's root, and those in the kernel's list.
    fn roots(&self, session: &mut Session, image: &Image) -> Result<Roots, String> {
        let list = self.base + image.symbol("space_roots")?.offset;
        let bytes = session.read(list, ROOTS * 8)?;
        let listed = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
        let satp = |root: u64| self.tables.satp & !((1 << 44) - 1) | root >> 12;
        let mut memory = Once { session, pages: BTreeMap::new() };
        let extensions = self.tables.root.extensions;
        let kernel = Tables::read(&mut memory, self.tables.satp, extensions)?;
        let users: Result<Vec<_>, _> = listed
            .filter(|root| *root != 0)
            .map(|root| Tables::read(&mut memory, satp(root), extensions))
            .collect();
        let users = users?;
        Ok(Roots { kernel, users, pages: memory.pages })
    }
}

/// Checks that each hart translates through one of these roots.
fn check_harts(session: &mut Session, roots: &Roots) -> Result<Vec<String>, String> {
    let known: Vec<u64> = roots.users.iter().chain([&roots.kernel]).map(|tables| tables.root.table).collect();
    let mut findings = Vec::new();
    for hart in as_text(session.gdb.harts())? {
        as_text(session.gdb.select(hart))?;
        let root = (as_text(session.gdb.register("satp"))? & ((1 << 44) - 1)) << 12;
        if !known.contains(&root) {
            findings.push(format!("hart {} translates through {root:#x}, which is no root", hart.id()));
        }
    }
    Ok(findings)
}
