//! The instructions that a kernel executes, as QEMU logs them (`-d exec`, one instruction a block).
//!
//! A line of that log: `Trace 0: 0x7f1e5c4f9dc0 [00000000/0000000080200000/02424019/ff020201]`; the
//! second field in brackets is the pc.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader};

use super::kernel::{PATIENCE, Section};
use super::{CompareError, instructions};
use anyhow::Error;
use landfall_host::machine::Machine;
use landfall_host::measure::MeasureError;
use landfall_host::qemu::Qemu;
use landfall_predict::units::Address;

/// A kernel's text, and everything that was executed in it.
#[derive(Clone, Debug)]
pub(super) struct Trace<'a> {
    text: &'a Section,
    /// The difference between the address where it ran and the link address.
    moved: u64,
    executed: Vec<Address>,
}

/// Boots a machine and logs what it executes in `text`, which lies at `at`.
pub(super) fn record<'a>(
    qemu: &Qemu,
    machine: &Machine,
    text: &'a Section,
    at: Address,
) -> Result<Trace<'a>, Error> {
    let directory = landfall_host::private::folder("landfall-").map_err(MeasureError::Directory)?;
    let log = directory.path().join("executed");
    let mut arguments = machine.arguments();
    let filter = format!("{:#x}+{:#x}", at.0, text.bytes.len());
    let options = ["-accel", "tcg,one-insn-per-tb=on", "-d", "exec,nochain", "-dfilter", &filter, "-D"];
    arguments.extend(options.map(OsString::from));
    arguments.push(log.clone().into());
    qemu.boot(arguments, PATIENCE, |_| {})?;
    let read = |source| Error::new(source).context("cannot read QEMU's log");
    let lines = BufReader::new(File::open(&log).map_err(read)?).lines();
    let mut executed: Vec<_> = lines.map_while(Result::ok).filter_map(|line| pc(&line)).collect();
    // Under `-icount` QEMU goes back to its main loop every 65,536 instructions, and logs the one
    // that it was about to execute twice. No function that is followed jumps to the same
    // instruction.
    executed.dedup();
    Ok(Trace { text, moved: at.0.wrapping_sub(text.address), executed })
}

fn pc(line: &str) -> Option<Address> {
    let fields = line.strip_prefix("Trace ")?.split_once('[')?.1;
    let pc = fields.split('/').nth(1)?;
    u64::from_str_radix(pc, 16).ok().map(Address)
}

impl Trace<'_> {
    /// Returns the address at which code runs that is linked at `address`.
    pub(super) fn runs_at(&self, address: Address) -> Address {
        address.wrapping_add(self.moved)
    }

    /// All that a function executed when it was first called, from its first instruction to its
    /// return. `linked` is where it was linked.
    pub(super) fn call(&self, name: &str, linked: Address) -> Result<&[Address], CompareError> {
        let failed = |what| CompareError::Trace { function: name.to_owned(), what };
        let begin = self.runs_at(linked);
        let first = self.executed.iter().position(|pc| *pc == begin);
        let first = first.ok_or_else(|| failed("it was not called"))?;
        let (before, from) = self.executed.split_at(first);
        let caller = before.last().copied().ok_or_else(|| failed("nothing called it"))?;
        let call = self.code(caller, 4).first().copied().unwrap_or_default();
        let returns_to = caller.wrapping_add(instructions::length(call) as u64);
        let length = from.iter().position(|pc| *pc == returns_to);
        Ok(&from[..length.ok_or_else(|| failed("it did not return"))?])
    }

    /// Up to `size` bytes of the text at `at`, where it runs.
    pub(super) fn code(&self, at: Address, size: usize) -> &[u8] {
        code(self.text, Address(at.0.wrapping_sub(self.moved)), size)
    }
}

/// Up to `size` bytes of `text` from a linked address on; none, where it is not in the text.
pub(super) fn code(text: &Section, linked: Address, size: usize) -> &[u8] {
    let offset = linked.0.checked_sub(text.address).and_then(|offset| usize::try_from(offset).ok());
    let rest = offset.and_then(|offset| text.bytes.get(offset..)).unwrap_or_default();
    &rest[..rest.len().min(size)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `jalr a0` and a nop of 2 bytes each, a nop of 4 bytes, `ret` of 2 bytes.
    fn text() -> Section {
        let halves: [u16; 5] = [0x9502, 0x0001, 0x0013, 0x0000, 0x8082];
        Section { address: 0x1000, bytes: halves.map(u16::to_le_bytes).concat() }
    }

    #[test]
    fn a_call_ends_behind_the_calling_instruction() {
        let text = text();
        let executed = [0x8000, 0x8004, 0x8008, 0x8002].map(Address).to_vec();
        let trace = Trace { text: &text, moved: 0x7000, executed };
        let called = trace.call("f", Address(0x1004)).expect("a call");
        assert_eq!(called, [Address(0x8004), Address(0x8008)]);
        assert!(trace.call("g", Address(0x2000)).is_err());
        // It begins without a call.
        assert!(trace.call("first", Address(0x1000)).is_err());
    }

    #[test]
    fn a_line_of_the_log_has_a_pc() {
        let line = "Trace 0: 0x7f1e5c4f9dc0 [00000000/0000000080200004/02424019/ff020201] ";
        assert_eq!(pc(line), Some(Address(0x8020_0004)));
        for other in ["", "Trace 0: 0x7f", "Stopped execution of TB chain before 0x7f [0000000080200004]"] {
            assert_eq!(pc(other), None, "{other}");
        }
    }

    #[test]
    fn code_is_found_within_the_text_alone() {
        assert_eq!(code(&text(), Address(0x1008), 4), 0x8082_u16.to_le_bytes());
        assert!(code(&text(), Address(0x100b), 4).is_empty() && code(&text(), Address(0xfff), 4).is_empty());
    }
}
