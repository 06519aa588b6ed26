//! The judge of a move: the image goes to another place in physical memory before it lands.
//!
//! The judge reads the new place from the arguments of the copy, and then checks that a hart stands
//! there.

use super::bystanders::Bystanders;
use super::image::{Image, Use, at};
use super::session::{Session, as_text};
use landfall_host::gdb::Hart;
use landfall_judge::intervals::{Interval, without};

const PAGE: u64 = 4096;

/// A move that the judge followed.
#[derive(Clone, Debug)]
pub(super) struct Move {
    /// The image's old place, `.bss` included.
    pub(super) from: Interval,
    /// Its new place.
    pub(super) to: Interval,
    /// The page that the copier ran in.
    pub(super) copier: Interval,
    /// The kernel's entropy, which moves with the image.
    pub(super) entropy: Vec<u64>,
    pub(super) findings: Vec<String>,
}

/// The outcome for an image's place in physical memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It stayed.
    Stays,
    /// It moved, and the new place does not overlap the old one.
    Away,
    /// It moved up, and the new place overlaps the old one.
    UpOverItself,
    /// It moved down, and the new place overlaps the old one.
    DownOverItself,
}

impl Way {
    pub(super) fn of(moved: Option<&Move>) -> Self {
        match moved {
            None => Self::Stays,
            Some(Move { from, to, .. }) if !from.overlaps(*to) => Self::Away,
            Some(Move { from, to, .. }) if from.start < to.start => Self::UpOverItself,
            Some(_) => Self::DownOverItself,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Stays => "stays",
            Self::Away => "moves",
            Self::UpOverItself => "moves up over itself",
            Self::DownOverItself => "moves down over itself",
        }
    }
}

/// Damage during the copy, which the judge must report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tamper {
    /// None.
    Not,
    /// To a byte of the copy.
    Copy,
    /// To a byte of others.
    Bystander,
}

/// The size of the argument of `landfall_move` (crate landfall, move.s): from, to, bytes, copier,
/// four words of entropy, their number.
const HANDOVER: u64 = 72;

impl Move {
    /// Follows a hart from the first instruction of `landfall_move` to the new place.
    pub(super) fn follow(
        session: &mut Session,
        image: &Image,
        base: u64,
        hart: Hart,
        bystanders: &Bystanders,
        tamper: Tamper,
    ) -> Result<Self, String> {
        let handover = as_text(session.gdb.register("a0"))?;
        let handover = session.read(handover, HANDOVER)?;
        let words: Vec<u64> = handover.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
        let (to, bytes, copier) = (words[1], words[2], words[3]);
        let mut seen = Self {
            from: Interval::new(base, image.size),
            to: Interval::new(to, image.size),
            copier: Interval::new(copier, PAGE),
            entropy: words[4..8].iter().copied().take(at(words[8])).collect(),
            findings: Vec::new(),
        };
        if words[0] != base || bytes != image.flat.len() as u64 {
            let found = words[0];
            seen.findings
                .push(format!("{bytes:#x} bytes from {found:#x} are copied, instead of the image's file"));
        }
        seen.check_places();
        seen.check_harts(session, hart)?;
        seen.findings.extend(bystanders.check(session, "before the move")?);
        let before = session.read(base, bytes)?;
        let goal = to + image.symbol("landfall_moved")?.offset;
        session.set_breakpoint(goal)?;
        if session.go()?.is_none() {
            return Err("the machine ended while the image was copied".to_owned());
        }
        let pc = as_text(session.gdb.register("pc"))?;
        if pc != goal {
            return Err(format!("the machine stopped at {pc:#x}, expected {goal:#x}"));
        }
        session.remove_breakpoint(goal)?;
        let damaged = match tamper {
            Tamper::Not => None,
            Tamper::Copy => Some(to + bytes - PAGE),
            Tamper::Bystander => Some(bystanders.last_byte()),
        };
        if let Some(damaged) = damaged {
            let old = session.read(damaged, 1)?;
            session.write(damaged, &[old.first().copied().unwrap_or_default() ^ 1])?;
        }
        seen.check_copy(session, image, before)?;
        seen.findings.extend(bystanders.check(session, "in the move")?);
        Ok(seen)
    }

    /// Checks that the copier runs in neither place.
    fn check_places(&mut self) {
        for (what, place) in [("old", self.from), ("new", self.to)] {
            if self.copier.overlaps(place) {
                self.findings
                    .push(format!("the copier runs at {:#x}, in the {what} place", self.copier.start));
            }
        }
        if !self.to.start.is_multiple_of(PAGE) {
            self.findings.push(format!("the new place {:#x} is no multiple of 4 KiB", self.to.start));
        }
    }

    /// Checks that no other hart stands in the old place, where it would be overwritten.
    fn check_harts(&mut self, session: &mut Session, own: Hart) -> Result<(), String> {
        for hart in as_text(session.gdb.harts())?.into_iter().filter(|hart| *hart != own) {
            as_text(session.gdb.select(hart))?;
            let pc = as_text(session.gdb.register("pc"))?;
            if self.from.holds(Interval::new(pc, 1)) {
                self.findings.push(format!("{hart} stands at {pc:#x}, in the image that is moved"));
            }
        }
        as_text(session.gdb.select(own))
    }

    /// Checks that the new place holds the bytes of the old one, except for the overwritten stack.
    /// Text and constants must be those of the file.
    fn check_copy(
        &mut self,
        session: &mut Session,
        image: &Image,
        mut before: Vec<u8>,
    ) -> Result<(), String> {
        let stack = image.symbol("landfall_early_stack_bottom")?.offset;
        let stack = at(stack)..at(image.symbol("landfall_early_stack_top")?.offset);
        before.get_mut(stack).ok_or("the early stack is not in the file")?.fill(0);
        let copy = session.read(self.to.start, before.len() as u64)?;
        let differs = copy.iter().zip(&before).position(|(new, old)| new != old);
        self.findings.extend(differs.map(|offset| format!("the copy differs at offset {offset:#x}")));
        let is_slot = |offset: usize| image.slots.contains(&(offset as u64 & !7));
        let read_only =
            image.segments.iter().filter(|segment| matches!(segment.use_for, Use::Text | Use::Constants));
        for offset in read_only.flat_map(|part| at(part.offset)..at(part.offset + part.size)) {
            if copy.get(offset) != image.flat.get(offset) && !is_slot(offset) {
                self.findings.push(format!("text or constants differ from the file at offset {offset:#x}"));
                break;
            }
        }
        Ok(())
    }

    /// Returns the rest of the old place and of the copier's page, without `taken`, which is in
    /// use.
    pub(super) fn left(&self, taken: &[Interval]) -> Vec<Interval> {
        without(&[self.from, self.copier], &[taken, &[self.to]].concat())
    }

    /// Returns a finding for each secret in the rest of the old place; `is_secret` detects them.
    pub(super) fn check_left(
        &self,
        session: &mut Session,
        taken: &[Interval],
        is_secret: impl Fn(u64) -> bool,
    ) -> Result<Vec<String>, String> {
        let mut findings = Vec::new();
        for range in self.left(taken) {
            let bytes = session.read(range.start, range.size())?;
            for (word, address) in bytes.as_chunks().0.iter().zip((range.start..).step_by(8)) {
                let word = u64::from_le_bytes(*word);
                if is_secret(word) {
                    findings.push(format!("the move has left {word:#x} behind, at {address:#x}"));
                }
            }
        }
        findings.truncate(5);
        Ok(findings)
    }
}
