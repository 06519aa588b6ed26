//! Crashes: the second kernel reports, and memory is as it was when all harts had stopped.

use std::fs;

use landfall_host::machine::Memory;
use landfall_host::verdict::Verdict;
use landfall_judge::Leaf;
use landfall_judge::intervals::Interval;
use landfall_judge::tables::Tables;
use landfall_judge::tree::{chosen, number};
use object::LittleEndian;
use object::elf::{EM_RISCV, ET_CORE, FileHeader64, NT_PRSTATUS, PT_LOAD, PT_NOTE};
use object::read::elf::{FileHeader as _, ProgramHeader as _};

use super::Prepared;
use crate::crash::{Crash, Tamper};
use crate::image::{Image, at};
use crate::judge::Landed;
use crate::session::{Session, as_text};

const RAM: u64 = 0x8000_0000;
/// Bytes of the entry of the firmware's event, at most.
const EVENT_ENTRY: u64 = 512;

/// Bytes of a save area, and the place of `pc` in its descriptor.
const AREA: u64 = 408;
const PC: usize = 112;

/// The jump: the arguments of leave.s.
struct Jump {
    tree_at: u64,
    entry: u64,
    tree: Vec<u8>,
}

impl Prepared<'_> {
    pub(super) fn crash(&self, crash: Crash) -> Result<Vec<String>, String> {
        let image = self.image();
        let (mut session, mut landed) = self.landed()?;
        session.set_breakpoint(landed.address_of(image, "landfall_kexec_leave")?)?;
        let hart = landed.go_past_harts(&mut session, image)?;
        let expected = landed.stack_of(crash.hart)?.0;
        if hart != Some(expected) {
            return Err(format!("hart {expected} must start the crash kernel, and it is {hart:?}"));
        }
        let mut findings = std::mem::take(&mut landed.findings);
        let jump = Jump::read(&mut session)?;
        let region = landed.tree.crash.ok_or("the landing has no crash memory")?;
        findings.extend(mapped(&mut session, &landed, region)?);
        let before = self.ram_of_file()?;
        let in_ram =
            |at: u64| before.get(usize::try_from(at - RAM).unwrap_or(usize::MAX)..).unwrap_or_default();
        findings.extend(check_core(&jump, region, &landed, image, crash, &in_ram));
        session.remove_all_breakpoints()?;
        if crash.tamper == Tamper::Not {
            session.set_breakpoint(jump.entry)?;
            session.go()?.ok_or("the machine ended before the crash kernel's first instruction")?;
            session.remove_breakpoint(jump.entry)?;
            findings.extend(changed(&before, &self.ram_of_file()?, &landed.tree.no_map));
        } else {
            let place = if crash.tamper == Tamper::Image { jump.entry + 0x1000 } else { jump.tree_at + 0x40 };
            let byte = session.read(place, 1)?.first().copied().unwrap_or_default();
            session.write(place, &[byte ^ 0x10])?;
        }
        let console = session.finish()?;
        let lands = matches!(console.verdict, Some(Verdict::Landed(_)));
        if lands != (crash.tamper == Tamper::Not) {
            findings.push(format!("{:?} with {:?} is wrong", console.verdict, crash.tamper));
        }
        if !console.ended {
            findings.push("the machine did not power off".to_owned());
        }
        let has = |words: &str| console.lines.iter().any(|line| line.contains(words));
        let damaged = has("the memory of the next kernel has changed since it was loaded");
        if damaged != (crash.tamper != Tamper::Not) {
            findings.push("the line on damage of the crash kernel is there, or missing, wrongly".to_owned());
        }
        if has("is not stopped") != crash.missed().is_some() {
            findings.push("the line on a hart that is not stopped is there, or missing, wrongly".to_owned());
        }
        findings.extend(super::absent(&console, &["landfall: test crash-load ok"]));
        Ok(findings)
    }

    /// Returns all RAM, whose bytes are those of a file.
    fn ram_of_file(&self) -> Result<Vec<u8>, String> {
        match &self.machine.memory {
            Memory::File { path, .. } => as_text(fs::read(path)),
            _ => Err("the machine's RAM is not a file".to_owned()),
        }
    }
}

impl Jump {
    fn read(session: &mut Session) -> Result<Self, String> {
        let mut register = |name| as_text(session.gdb.register(name));
        let (tree_at, entry) = (register("a1")?, register("a3")?);
        Ok(Self { tree_at, entry, tree: session.tree(tree_at)? })
    }

    /// Returns the range in a property of `/chosen`.
    fn range(&self, name: &str) -> Option<Interval> {
        let value = chosen(&self.tree, name)?;
        Some(Interval::new(number(value.get(..8)?), number(value.get(8..16)?)))
    }
}

/// Returns a finding for each leaf that maps crash memory: the mapping of the load is gone.
fn mapped(session: &mut Session, landed: &Landed, region: Interval) -> Result<Vec<String>, String> {
    let tables = Tables::read(session, landed.tables.satp, landed.tables.root.extensions)?;
    let over = |leaf: &&Leaf| Interval::new(leaf.phys, leaf.size).overlaps(region);
    let found = tables.walk.leaves.iter().filter(over).take(3);
    Ok(found.map(|leaf| format!("crash memory is mapped: {leaf}")).chain(tables.check_rules()).collect())
}

/// Returns a finding for each changed byte outside crash memory and the firmware's own memory. A
/// hart that has stopped may still be on its way to wait in the firmware.
fn changed(before: &[u8], after: &[u8], others: &[Interval]) -> Vec<String> {
    let changed = before.iter().zip(after).zip(RAM..).filter(|((before, after), _)| before != after);
    let outside =
        changed.map(|(_, at)| at).filter(|at| !others.iter().any(|other| other.holds(Interval::new(*at, 1))));
    let mut found: Vec<_> =
        outside.map(|at| format!("a byte at {at:#x} has changed after the stop")).collect();
    found.truncate(5);
    found
}

/// Checks all that the crash kernel gets to know: its memory, and the ELF core.
fn check_core<'a>(
    jump: &Jump,
    region: Interval,
    landed: &Landed,
    image: &Image,
    crash: Crash,
    in_ram: &impl Fn(u64) -> &'a [u8],
) -> Vec<String> {
    let mut findings = Vec::new();
    let mut holds = |right: bool, what: &str| {
        if !right {
            findings.push(format!("the crash kernel gets a wrong statement: {what}"));
        }
    };
    holds(jump.range("linux,usable-memory-range") == Some(region), "its memory");
    holds(region.holds(Interval::new(jump.entry, 1)), "its entry is outside crash memory");
    holds(region.holds(Interval::new(jump.tree_at, jump.tree.len() as u64)), "its tree is outside of it");
    let Some(headers) = jump.range("linux,elfcorehdr") else {
        return vec!["there are no headers of a core".to_owned()];
    };
    holds(region.holds(headers), "the headers are outside crash memory");
    let data = in_ram(headers.start).get(..at(headers.size())).unwrap_or_default();
    let endian = LittleEndian;
    let Ok(header) = FileHeader64::<LittleEndian>::parse(data) else {
        return vec!["the headers are no ELF".to_owned()];
    };
    let kind = (header.e_type(endian), header.e_machine(endian));
    holds(kind == (ET_CORE, EM_RISCV), "the ELF is no core of RISC-V");
    let (mut loads, mut notes) = (Vec::new(), Vec::new());
    for segment in header.program_headers(endian, data).unwrap_or_default() {
        let place = Interval::new(segment.p_paddr(endian), segment.p_memsz(endian));
        holds(segment.p_offset(endian) == place.start, "an offset is not the physical address");
        match segment.p_type(endian) {
            PT_LOAD => loads.push((segment.p_vaddr(endian), place)),
            PT_NOTE => notes.push(place),
            other => holds(false, &format!("a segment of type {other}")),
        }
    }
    let linear =
        landed.expected.mapped.iter().map(|part| (part.start.wrapping_add(landed.expected.offset), *part));
    let own = (landed.expected.kernel, Interval::new(landed.base, image.size));
    let mut right: Vec<_> = linear.chain([own]).collect();
    right.sort_unstable_by_key(|(virt, _)| *virt);
    loads.sort_unstable_by_key(|(virt, _)| *virt);
    holds(loads == right, &format!("memory: {loads:x?}, and {right:x?} is right"));
    let areas: Vec<_> = notes.iter().filter(|place| place.size() == AREA).collect();
    let mut stopped = 0;
    for (index, area) in areas.iter().enumerate() {
        let bytes = in_ram(area.start).get(..at(AREA)).unwrap_or_default();
        let word = |at: usize| {
            bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |word| u32::from_le_bytes(*word))
        };
        let is_empty = word(0) == 0;
        holds(is_empty == (crash.missed() == Some(index)), &format!("the registers of hart {index}"));
        if is_empty {
            continue;
        }
        stopped += 1;
        holds((word(0), word(4), word(8)) == (5, 376, NT_PRSTATUS.0), "a note of registers");
        holds(bytes.get(12..17) == Some(b"CORE\0"), "the name of a note");
        let register = |number: usize| {
            let at = 20 + PC + 8 * number;
            u64::from(word(at)) | u64::from(word(at + 4)) << 32
        };
        let (pc, sp) = (register(0), register(2));
        let top = landed.expected.stacks.get(index).copied().unwrap_or_default();
        let in_stack = top.checked_sub(sp).is_some_and(|depth| depth <= landed.policy.stack_size);
        holds(in_stack, &format!("sp of hart {index} is {sp:#x}, and its stack ends at {top:#x}"));
        let text = Interval::new(landed.expected.kernel, image.size);
        holds(text.holds(Interval::new(pc, 2)), &format!("hart {index} was at {pc:#x}"));
        let entry =
            landed.expected.kernel + image.symbol("landfall_kexec_event").map_or(0, |entry| entry.offset);
        let fell = Interval::new(entry, EVENT_ENTRY).holds(Interval::new(pc, 2));
        holds(!fell, &format!("hart {index} trapped in the entry of the event"));
    }
    let deaf = usize::from(crash.missed().is_some());
    holds(stopped + deaf == landed.tree.harts.len(), "the number of harts");
    findings
}
