//! Boots in which the image returns an error to EFI firmware, and boots in which firmware fails.

use std::ops::Range;
use std::time::Instant;

use super::{Prepared, TIME, last, loans};
use crate::case::Load;
use crate::efi::{Configuration, Way};
use crate::session::{Console, Session, as_text};
use crate::unwilling::{Answer, Call, Outcome, Service, Tables, Unwilling};
use landfall_host::qemu::Next;
use landfall_host::verdict::Verdict;

/// The offset of the entry point's field in the PE header.
const ENTRY: u64 = 0xa8;
/// The offset of the pointer to the boot services in the system table (UEFI 2.10, 4.3).
const BOOT_SERVICES: u64 = 96;

/// The offset of the XSDT's address in ACPI's root pointer, and of the OEM ID in the XSDT (ACPI
/// 6.6, 5.2.5.3 and 5.2.6).
const XSDT: u64 = 24;
const OEM_ID: u64 = 10;

/// `EFI_LOAD_FILE2_PROTOCOL_GUID`, as it lies in memory (UEFI 2.10, 13.2).
const LOAD_FILE2: [u8; 16] =
    [0xc1, 0xc0, 0x06, 0x40, 0xb3, 0xfc, 0x3e, 0x40, 0x99, 0x6d, 0x4a, 0x6c, 0x87, 0x24, 0xe0, 0x6d];

/// The status code that EDK2 reports for an application that returned an error:
/// `EFI_SW_DXE_BS_EC_BOOT_OPTION_FAILED` (Platform Initialization 1.8, volume 3, 6.7.3).
const APPLICATION_FAILED: &str = "C40000002:V03051002";

/// The status code for an application from a disk: a boot option failed, not the start of QEMU's
/// kernel.
const BOOT_OPTION_FAILED: &str = "C40000002:V03051003";

/// The message of U-Boot about an application that returned `EFI_LOAD_ERROR`.
const U_BOOT_FAILED: &str = "## Application failed, r = 1";

/// The message of GRUB about an application that returned an error; GRUB then shows its menu.
const GRUB_FAILED: &str = "image not loaded";

impl Prepared<'_> {
    /// Returns a machine whose firmware is about to enter the image, the image's address, and the
    /// address of the system table.
    fn at_efi_entry(&self) -> Result<(Session, u64, u64), String> {
        let (mut session, base) = self.start()?;
        let held = session.hold_all_but(self.case.boot_hart)?;
        let entry = base + (self.image().word(ENTRY) & 0xffff_ffff);
        session.set_breakpoint(entry)?;
        let hart = session.go()?.ok_or("the machine ended before the image was entered")?;
        session.remove_breakpoint(entry)?;
        session.release(&held)?;
        as_text(session.gdb.select(hart))?;
        let table = as_text(session.gdb.register("a1"))?;
        Ok((session, base, table))
    }

    /// Boots with changed configuration tables. The kernel must refuse by `rule`, with the case's
    /// words; without a rule it must land.
    pub(super) fn changed(&self, tables: Tables, rule: Option<&str>) -> Result<Vec<String>, String> {
        let (mut session, _, table) = self.at_efi_entry()?;
        let configuration = Configuration::read(&mut session, table)?;
        match tables {
            Tables::Hidden => configuration.hide_acpi(&mut session)?,
            Tables::Added => configuration.add_acpi(&mut session)?,
            Tables::Damaged => {
                let root = configuration.acpi_root()?;
                let list = session.read_word(root + XSDT)?;
                let byte = session.read(list + OEM_ID, 1)?.first().map_or(0, |byte| !byte);
                session.write(list + OEM_ID, &[byte])?;
            }
        }
        session.end_with_verdict();
        let console = session.finish()?;
        Ok(self.judge(&console, rule))
    }

    /// Boots with firmware whose answer is changed.
    pub(super) fn unwilling(&self, unwilling: &Unwilling) -> Result<Vec<String>, String> {
        let (mut session, base, table) = self.at_efi_entry()?;
        let image = base..base + self.image().size;
        if let Some(change) = unwilling.tree {
            Configuration::read(&mut session, table)?.edit_tree(&mut session, change)?;
        }
        let services = session.read_word(table + BOOT_SERVICES)?;
        let mut function = session.read_word(services + unwilling.service.offset())?;
        if matches!(unwilling.service, Service::Initrd | Service::InitrdSize) {
            function = load_file(&mut session, function, &image)?;
        }
        answer(&mut session, unwilling, function, &image)?;
        let (rule, mut findings) = match unwilling.outcome {
            Outcome::Refused(rule) => {
                session.end_with_verdict();
                (Some(rule), Vec::new())
            }
            Outcome::Landed(check) => (None, enter(&mut session, image.start, check)?),
        };
        let console = session.finish()?;
        findings.extend(self.judge(&console, rule));
        Ok(findings)
    }

    /// Boots an image that refuses after it allocated all of a landing's memory from firmware. The
    /// image must free that memory, and leave nothing in it.
    pub(super) fn gives_back(&self, rule: &str) -> Result<Vec<String>, String> {
        let (mut session, base, table) = self.at_efi_entry()?;
        let services = session.read_word(table + BOOT_SERVICES)?;
        let mut findings = loans::follow(&mut session, services, &(base..base + self.image().size))?;
        session.end_with_verdict();
        findings.extend(self.judge(&session.finish()?, Some(rule)));
        Ok(findings)
    }

    /// Returns the findings about the end of the console, which must have the case's words.
    fn judge(&self, console: &Console, rule: Option<&str>) -> Vec<String> {
        let words = self.case.words.as_deref().unwrap_or_default();
        let absent = !has(&console.lines, words);
        let absent = absent.then(|| format!("the console does not have \"{words}\""));
        judge(console, rule).into_iter().chain(absent).collect()
    }

    /// Boots an image that refuses and returns an error; firmware must report the error and
    /// continue.
    pub(super) fn returns(&self, rule: &str) -> Result<Vec<String>, String> {
        let mut running = as_text(self.bench.qemu.start(self.machine.arguments()))?;
        let after = match self.case.load {
            Load::Efi(Way::UBoot | Way::UBootOption) => U_BOOT_FAILED,
            Load::Efi(Way::Edk2Disk | Way::Edk2Signed | Way::AcpiDisk | Way::SystemdBoot) => {
                BOOT_OPTION_FAILED
            }
            Load::Efi(Way::Grub) => GRUB_FAILED,
            _ => APPLICATION_FAILED,
        };
        let (mut verdict, mut lines, until) = (None, Vec::new(), Instant::now() + TIME);
        while let Next::Line(line) = running.next_line(until) {
            if let Some(now) = Verdict::of(&line) {
                verdict = Verdict::after(verdict, now);
            }
            let goes_on = verdict.is_some() && line.contains(after);
            lines.push(line);
            if goes_on {
                break;
            }
        }
        let mut findings = judge(&Console { verdict, lines: lines.clone(), ended: false }, Some(rule));
        for words in [self.case.words.as_deref().unwrap_or_default(), after] {
            if !has(&lines, words) {
                findings.push(format!("the console does not have \"{words}\""));
            }
        }
        Ok(findings)
    }
}

/// Changes the answer to the image's calls of `function`, as often as the case requires.
fn answer(
    session: &mut Session,
    unwilling: &Unwilling,
    function: u64,
    image: &Range<u64>,
) -> Result<(), String> {
    session.set_breakpoint(function)?;
    let mut answers = 0;
    while answers < unwilling.times && session.go()?.is_some() {
        let caller = as_text(session.gdb.register("ra"))?;
        let mut arguments = [0; 5];
        for (argument, name) in arguments.iter_mut().zip(["a0", "a1", "a2", "a3", "a4"]) {
            *argument = as_text(session.gdb.register(name))?;
        }
        // Firmware calls its services too.
        if !image.contains(&caller) || !unwilling.service.is_meant(session, arguments) {
            continue;
        }
        answers += 1;
        match unwilling.answer {
            Answer::Error(error) => {
                as_text(session.gdb.set_register("a0", 1 << 63 | error))?;
                as_text(session.gdb.set_register("pc", caller))?;
            }
            Answer::Changed(change) => {
                session.remove_breakpoint(function)?;
                session.set_breakpoint(caller)?;
                session.go()?.ok_or("the machine ended before the service returned")?;
                session.remove_breakpoint(caller)?;
                change(session, &Call { arguments, spare: image.end - 4096 })?;
                session.set_breakpoint(function)?;
            }
        }
    }
    session.remove_breakpoint(function)?;
    if answers == 0 { Err("the image did not ask for that".to_owned()) } else { Ok(()) }
}

/// Runs to the image's first instruction, and checks the arguments of the entry.
fn enter(
    session: &mut Session,
    base: u64,
    check: fn(&[u8]) -> Result<(), String>,
) -> Result<Vec<String>, String> {
    session.set_breakpoint(base)?;
    let hart = session.go()?.ok_or("the machine ended before the image's first instruction")?.id();
    session.remove_breakpoint(base)?;
    let [stated_hart, tree_at] = ["a0", "a1"].map(|name| as_text(session.gdb.register(name)));
    let (stated_hart, tree) = (stated_hart?, session.tree(tree_at?)?);
    let mut findings: Vec<String> = check(&tree).err().into_iter().collect();
    if stated_hart != hart {
        findings.push(format!("hart {hart} is entered with the ID of hart {stated_hart}"));
    }
    Ok(findings)
}

/// Returns true if the console has these words. A console of 80 columns cuts longer lines, also
/// within a word, so spaces do not count.
fn has(lines: &[String], words: &str) -> bool {
    let without_spaces = |text: &str| text.split_whitespace().collect::<String>();
    without_spaces(&lines.concat()).contains(&without_spaces(words))
}

fn judge(console: &Console, rule: Option<&str>) -> Vec<String> {
    let right = match (&console.verdict, rule) {
        (Some(Verdict::Landed(_)), None) => true,
        (Some(Verdict::Refused { rule, .. }), Some(right)) => rule == right,
        _ => false,
    };
    let what = rule.map_or("a landing".to_owned(), |rule| format!("{rule}'s refusal"));
    let finding = format!("{what} is right, and the console ends with{}", last(&console.lines));
    (!right).then_some(finding).into_iter().collect()
}

/// Returns the address of the firmware's `LoadFile2`, which the image gets from `handle_protocol`
/// (UEFI 2.10, 7.3.7 and 13.2).
fn load_file(session: &mut Session, handle_protocol: u64, image: &Range<u64>) -> Result<u64, String> {
    session.set_breakpoint(handle_protocol)?;
    loop {
        session.go()?.ok_or("the machine ended before the image asked for LoadFile2")?;
        let [caller, guid, interface] = ["ra", "a1", "a2"].map(|name| as_text(session.gdb.register(name)));
        let (caller, interface) = (caller?, interface?);
        if image.contains(&caller) && session.read(guid?, 16)? == LOAD_FILE2 {
            session.remove_breakpoint(handle_protocol)?;
            session.set_breakpoint(caller)?;
            session.go()?.ok_or("the machine ended before HandleProtocol returned")?;
            session.remove_breakpoint(caller)?;
            let protocol = session.read_word(interface)?;
            return session.read_word(protocol);
        }
    }
}
