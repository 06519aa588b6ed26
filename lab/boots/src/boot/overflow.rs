//! Stack overflows: the debugger compares memory before and after.

use std::fs;
use std::time::Duration;

use super::Prepared;
use crate::session::{Session, as_text};
use landfall_host::machine::Memory;
use landfall_host::verdict::Verdict;
use landfall_judge::intervals::Interval;

const RAM: u64 = 0x8000_0000;
/// The time for which a trap entry without a bounds check runs.
const WHILE: Duration = Duration::from_millis(500);

impl Prepared<'_> {
    /// Overflows the stack of hart `index`. Only that hart's stack memory may change until the
    /// reporting function begins.
    pub(super) fn overflow(&self, index: usize) -> Result<Vec<String>, String> {
        let (mut session, stack, hart, mut findings) = self.before_overflow(index)?;
        let before = self.ram()?;
        if session.go()?.is_none() {
            return Err("the machine ended before an overflow was seen".to_owned());
        }
        findings.extend(outside(&before, &self.ram()?, stack));
        let console = session.finish()?;
        let right = format!("stack overflow on hart {hart}: ");
        match &console.verdict {
            Some(Verdict::Panicked { message, .. }) if message.starts_with(&right) => {}
            other => findings.push(format!("a panic \"{right}\" is right, and the console says {other:?}")),
        }
        if !console.ended {
            findings.push("the machine did not power off".to_owned());
        }
        findings.extend(super::failed(&console));
        findings.extend(super::absent(&console, &["landfall: test traps ok"]));
        Ok(findings)
    }

    /// Does the same with a trap entry that pushes wherever `sp` points; the judge must report a
    /// change.
    pub(super) fn overflow_objection(&self, index: usize) -> Result<Vec<String>, String> {
        let (mut session, stack, _, findings) = self.before_overflow(index)?;
        let before = self.ram()?;
        as_text(session.gdb.resume(WHILE))?;
        as_text(session.gdb.interrupt())?;
        if outside(&before, &self.ram()?, stack).is_empty() {
            return Ok(vec!["no byte outside the stack changed, so this test proves nothing".to_owned()]);
        }
        Ok(findings)
    }

    /// Runs until hart `index` is about to overflow its stack, and sets a breakpoint on the
    /// function that reports it.
    fn before_overflow(&self, index: usize) -> Result<(Session, Interval, u64, Vec<String>), String> {
        let (mut session, mut landed) = self.landed()?;
        let (hart, stack) = landed.stack_of(index)?;
        for name in ["overflow_begins", "landfall_stack_overflow"] {
            session.set_breakpoint(landed.address_of(self.image(), name)?)?;
        }
        match landed.go_past_harts(&mut session, self.image())? {
            Some(found) if found == hart => Ok((session, stack, hart, landed.findings)),
            found => Err(format!("hart {hart} must overflow its stack; found the breakpoint {found:?}")),
        }
    }

    /// Returns all RAM, whose bytes are those of a file.
    fn ram(&self) -> Result<Vec<u8>, String> {
        match &self.machine.memory {
            Memory::File { path, .. } => as_text(fs::read(path)),
            _ => Err("the machine's RAM is not a file".to_owned()),
        }
    }
}

/// Returns a finding for each changed byte outside `stack`.
fn outside(before: &[u8], after: &[u8], stack: Interval) -> Vec<String> {
    let changed = before.iter().zip(after).zip(RAM..).filter(|((before, after), _)| before != after);
    let outside = changed.map(|(_, at)| at).filter(|at| !stack.holds(Interval::new(*at, 1)));
    let mut found: Vec<_> = outside.map(|at| format!("the overflow has changed a byte at {at:#x}")).collect();
    found.truncate(5);
    found
}
