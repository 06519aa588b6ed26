//! EFI firmware that gets an error back, and firmware that itself fails.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::{Prepared, TIME};
use crate::qemu::Next;
use crate::test::efi::Configuration;
use crate::test::session::{Console, Session, told};
use crate::test::unwilling::{Service, Tables, Unwilling};
use crate::verdict::Verdict;

/// Where the PE header says at which offset firmware enters.
const ENTRY: u64 = 0xa8;
/// Where the system table has the boot services (UEFI 2.10, 4.3).
const BOOT_SERVICES: u64 = 96;

/// Where ACPI's root pointer says where the list of tables is, and where that names its maker (ACPI 6.6, 5.2.5.3 and 5.2.6).
const XSDT: u64 = 24;
const OEM_ID: u64 = 10;

/// `EFI_LOAD_FILE2_PROTOCOL_GUID`, as it lies in memory (UEFI 2.10, 13.2).
const LOAD_FILE2: [u8; 16] =
    [0xc1, 0xc0, 0x06, 0x40, 0xb3, 0xfc, 0x3e, 0x40, 0x99, 0x6d, 0x4a, 0x6c, 0x87, 0x24, 0xe0, 0x6d];

/// What EDK2 says of an application that has returned with an error: `EFI_SW_DXE_BS_EC_BOOT_OPTION_FAILED` (Platform Initialization 1.8, volume 3, 6.7.3).
const APPLICATION_FAILED: &str = "C40000002:V03051002";

/// How long firmware may take for what it does after the image has refused.
const AFTERWARDS: Duration = Duration::from_secs(4);

impl Prepared<'_> {
    /// A machine where firmware is about to enter the image, and where its system table is.
    fn at_efi_entry(&self) -> Result<(Session, u64), String> {
        let mut session = Session::start(self.bench.qemu, &self.machine, self.directory.path(), TIME)?;
        let entry = self.base + (self.image().word(ENTRY) & 0xffff_ffff);
        session.set_breakpoint(entry)?;
        session.go()?.ok_or("the machine ended before the image was entered")?;
        session.remove_breakpoint(entry)?;
        let table = told(session.gdb.register("a1"))?;
        Ok((session, table))
    }

    /// Boots with other configuration tables. `rule` is what the kernel must refuse by then, in words of the case; without one it must land.
    pub(super) fn changed(&self, tables: Tables, rule: Option<&str>) -> Result<Vec<String>, String> {
        let (mut session, table) = self.at_efi_entry()?;
        let configuration = Configuration::read(&mut session, table)?;
        match tables {
            Tables::Hidden => configuration.hide_acpi(&mut session)?,
            Tables::Added => configuration.add_acpi(&mut session)?,
            Tables::Damaged => {
                let root = configuration.acpi_root()?;
                let list = word(&mut session, root + XSDT)?;
                let byte = session.read(list + OEM_ID, 1)?.first().map_or(0, |byte| !byte);
                session.write(list + OEM_ID, &[byte])?;
            }
        }
        session.end_within(AFTERWARDS);
        let console = session.finish()?;
        let said = console.lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join(" ");
        let mut findings = judge(&console, rule);
        if !said.contains(self.case.words.unwrap_or_default()) {
            findings.push(format!("the console does not say \"{}\"", self.case.words.unwrap_or_default()));
        }
        Ok(findings)
    }

    /// Boots with a service that fails. `rule` is what the kernel must refuse by then; without one it must land.
    pub(super) fn unwilling(&self, service: Unwilling, rule: Option<&str>) -> Result<Vec<String>, String> {
        let (mut session, table) = self.at_efi_entry()?;
        let image = self.base..self.base + self.image().size;
        let services = word(&mut session, table + BOOT_SERVICES)?;
        let mut function = word(&mut session, services + service.offset())?;
        if service.service == Service::Initrd {
            function = load_file(&mut session, function, &image)?;
        }
        session.set_breakpoint(function)?;
        let mut answers = 0;
        while answers < service.times && session.go()?.is_some() {
            let caller = told(session.gdb.register("ra"))?;
            let argument = told(session.gdb.register("a0"))?;
            // Firmware calls its services too. An argument need not point anywhere.
            let bytes = session.read(argument, 16).unwrap_or_default();
            // A caller of LoadFile2 without a buffer asks for the size (UEFI 2.10, 13.2).
            let asks_for_size = service.service == Service::Initrd && told(session.gdb.register("a4"))? == 0;
            if image.contains(&caller) && service.is_meant(&bytes) && !asks_for_size {
                told(session.gdb.set_register("a0", service.status()))?;
                told(session.gdb.set_register("pc", caller))?;
                answers += 1;
            }
        }
        if answers == 0 {
            return Err("the image did not ask for that".to_owned());
        }
        // A machine that has refused under firmware does not end.
        session.end_within(AFTERWARDS);
        let console = session.finish()?;
        Ok(judge(&console, rule))
    }

    /// A refusal that firmware hears of: it says so, and goes on.
    pub(super) fn returns(&self, rule: &str) -> Result<Vec<String>, String> {
        let mut running = told(self.bench.qemu.start(self.machine.arguments()))?;
        let (mut verdict, mut lines, until) = (None, Vec::new(), Instant::now() + TIME);
        while let Next::Line(line) = running.next_line(until) {
            verdict = verdict.or_else(|| Verdict::of(&line));
            let goes_on = verdict.is_some() && line.contains(APPLICATION_FAILED);
            lines.push(line);
            if goes_on {
                break;
            }
        }
        let mut findings = judge(&Console { verdict, lines: lines.clone(), ended: false }, Some(rule));
        // A console of 80 characters cuts longer lines.
        let said = lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join(" ");
        for words in [self.case.words.unwrap_or_default(), APPLICATION_FAILED] {
            if !said.contains(words) {
                findings.push(format!("the console does not say \"{words}\""));
            }
        }
        Ok(findings)
    }
}

fn judge(console: &Console, rule: Option<&str>) -> Vec<String> {
    let right = match (&console.verdict, rule) {
        (Some(Verdict::Landed(_)), None) => true,
        (Some(Verdict::Refused { rule, .. }), Some(right)) => rule == right,
        _ => false,
    };
    let last = console.lines.iter().rev().take(4).rev().map(|line| format!("\n    | {line}"));
    let what = rule.map_or("a landing".to_owned(), |rule| format!("{rule}'s refusal"));
    let finding = format!("{what} is right, and the console ends with{}", last.collect::<String>());
    (!right).then_some(finding).into_iter().collect()
}

/// Where the firmware's `LoadFile2` is, which the image gets from `handle_protocol` (UEFI 2.10, 7.3.7 and 13.2).
fn load_file(session: &mut Session, handle_protocol: u64, image: &Range<u64>) -> Result<u64, String> {
    session.set_breakpoint(handle_protocol)?;
    loop {
        session.go()?.ok_or("the machine ended before the image asked for LoadFile2")?;
        let [caller, guid, interface] = ["ra", "a1", "a2"].map(|name| told(session.gdb.register(name)));
        let (caller, interface) = (caller?, interface?);
        if image.contains(&caller) && session.read(guid?, 16)? == LOAD_FILE2 {
            session.remove_breakpoint(handle_protocol)?;
            session.set_breakpoint(caller)?;
            session.go()?.ok_or("the machine ended before HandleProtocol returned")?;
            session.remove_breakpoint(caller)?;
            let protocol = word(session, interface)?;
            return word(session, protocol);
        }
    }
}

fn word(session: &mut Session, at: u64) -> Result<u64, String> {
    let bytes = session.read(at, 8)?;
    Ok(bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)))
}
