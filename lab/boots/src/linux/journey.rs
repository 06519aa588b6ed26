//! Two boots by the same start: Linux starts landfall, and landfall starts Linux, which starts
//! landfall. Both Linuxes must see the same machine.
//!
//! The last landing is judged like one that firmware starts. Under EFI the landing completes the
//! tree before it plans, so the last kernel is `rules` there, which checks itself from inside.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use landfall_host::initrd::archive::Archive;
use landfall_host::qemu::{Audience, Watch};
use landfall_host::verdict::Verdict;

use super::debian::Debian;
use super::facts::Facts;
use super::start::{First, HARTS, Start};
use crate::bench::Bench;
use crate::case::Seeding;
use crate::check::Outcome;
use crate::judge;
use crate::kernels::TestKernel;
use crate::matrix::expected_lines;
use crate::session::{Console, Session, as_text};

/// The time limit of a boot of Linux under a debugger, on a busy host.
const TIME: Duration = Duration::from_secs(300);

/// The address of the last kernel.
const AT: u64 = 0x8c40_0000;

/// The last kernel, with its command line.
#[derive(Clone, Copy)]
struct Last<'a> {
    kernel: &'a TestKernel,
    line: &'a str,
}

/// Makes both boots.
pub(super) fn run(start: Start) -> Outcome {
    let bench = Bench::get()?;
    let linux = Debian::get()?.image;
    let line = format!("console=ttyS0 init.do=kexec init.at={AT:#x}");
    let (mut lines, words) = expected_lines("rules", vec![], Seeding::Own, HARTS);
    lines.push("landfall: test efi ok".to_owned());
    let last = if start.is_by_efi() {
        Last { kernel: bench.kernels.get("rules")?, line: &words }
    } else {
        Last { kernel: bench.kernels.get("hello")?, line: "by=linux" }
    };
    let boot = |first: First<'_>| {
        if start.is_by_efi() {
            checked(bench, start, first, &lines)
        } else {
            judged(bench, start, first, last)
        }
    };
    let into_last = into_last(bench, last)?;
    let direct = boot(First { image: &linux, line: &line, initrd: &into_last })?;
    let initrd = Archive::default()
        .with("landfall/next", &as_text(fs::read(&linux))?)
        .with("landfall/next-initrd", &into_last)
        .with("landfall/next-command-line", line.as_bytes())
        .into_bytes();
    let kexec = &bench.kernels.get("kexec")?.flat;
    let first = First { image: kexec, line: "landfall.then", initrd: &initrd };
    let by_landfall = boot(first)?;
    let mut findings = Vec::new();
    for facts in [&direct, &by_landfall] {
        if facts.harts != HARTS || facts.has_vmcore || !facts.line.starts_with(&line) {
            findings.push(format!("Linux does not see the machine: {facts:?}"));
        }
    }
    if direct.ram != by_landfall.ram {
        findings.push(format!(
            "Linux sees {:#x} bytes of RAM, and {:#x} if landfall starts it",
            direct.ram, by_landfall.ram
        ));
    }
    if findings.is_empty() { Ok(()) } else { Err(findings.join("\n")) }
}

/// Returns the initrd of a Linux that starts the last kernel.
fn into_last(bench: Bench, last: Last<'_>) -> Result<Vec<u8>, String> {
    let read = |path: &Path| as_text(fs::read(path));
    let archive = Archive::default()
        .with("init", &read(bench.kernels.linux_init()?)?)
        .with("next", &read(&last.kernel.flat)?)
        .with("next-command-line", last.line.as_bytes());
    Ok(archive.into_bytes())
}

/// Boots `first`, judges the landing of the last kernel, which a Linux starts, and returns the
/// facts of that Linux.
fn judged(bench: Bench, start: Start, first: First<'_>, last: Last<'_>) -> Result<Facts, String> {
    let directory = as_text(landfall_host::private::folder("landfall-test-"))?;
    let image = &last.kernel.image;
    let machine = start.machine(first, directory.path())?;
    let mut session = Session::start(bench.qemu, &machine, directory.path(), TIME)?;
    session.expect_other_code();
    let entry = session.enter(AT, image, None)?;
    let mut landed = judge::leap(&mut session, image, &entry)?;
    if landed.tree.bootargs != last.line {
        let finding = format!("the command line is \"{}\"", landed.tree.bootargs);
        landed.findings.push(finding);
    }
    if landed.tree.seeds.is_empty() {
        landed.findings.push("the tree has no seed".to_owned());
    }
    landed.go_to_main(&mut session, image)?;
    landed.check_memory(&mut session, image)?;
    landed.check_registers(&mut session)?;
    landed.go_to_end(&mut session, image)?;
    let console = session.finish()?;
    landed.check_console(image, &of_last(&console));
    if !landed.findings.is_empty() {
        return Err(landed.findings.join("\n"));
    }
    facts(&console.lines)
}

/// Boots `first`, and checks that the last kernel prints these lines and no failed test.
fn checked(bench: Bench, start: Start, first: First<'_>, lines: &[String]) -> Result<Facts, String> {
    let directory = as_text(landfall_host::private::folder("landfall-test-"))?;
    let machine = start.machine(first, directory.path())?;
    let running = as_text(bench.qemu.start(machine.arguments()))?;
    let until = Some(Instant::now() + TIME);
    let watch = Watch { until, ..Watch::to_end() };
    let boot = as_text(running.watch_as(watch, &mut Silent))?;
    let own = of_last(&Console { verdict: None, lines: boot.console.clone(), ended: boot.status.is_some() });
    let is_missing = |line: &&String| !own.lines.contains(line);
    let failed =
        own.lines.iter().filter(|line| line.starts_with("landfall: test ") && !line.ends_with(" ok"));
    let wrong: Vec<_> = lines.iter().filter(is_missing).chain(failed).cloned().collect();
    if !wrong.is_empty() || !own.ended || !matches!(own.verdict, Some(Verdict::Landed(_))) {
        let end = own.lines.iter().rev().take(12).rev().cloned().collect::<Vec<_>>().join("\n");
        return Err(format!("missing or failed: {wrong:?}; the console ends with\n{end}"));
    }
    facts(&boot.console)
}

/// Looks at no line before the end.
pub(super) struct Silent;

impl Audience for Silent {
    fn line(&mut self, _: &str) {}
}

/// Returns the facts of the last Linux on a console.
fn facts(lines: &[String]) -> Result<Facts, String> {
    Facts::all(lines).pop().ok_or_else(|| "no line of the console has the facts of Linux".to_owned())
}

/// Returns the part of a console that belongs to the kernel which the last Linux started.
fn of_last(console: &Console) -> Console {
    let begin = console.lines.iter().rposition(|line| line.contains("Bye..."));
    let lines = console.lines.get(begin.unwrap_or_default()..).unwrap_or_default().to_vec();
    Console { verdict: Verdict::over(&lines), lines, ended: console.ended }
}
