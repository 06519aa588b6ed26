//! Linux as the crash kernel: it saves the memory of the kernel that crashed, and gdb names each
//! hart's functions in it.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

use landfall_host::initrd::archive::Archive;
use landfall_host::machine::{Machine, Memory};
use landfall_host::qemu::Watch;
use landfall_host::setup::{self, Debugger};
use landfall_judge::intervals::Interval;
use landfall_predict::units::Size;
use object::LittleEndian;
use object::elf::{FileHeader64, PT_LOAD};
use object::read::ReadCache;
use object::read::elf::{FileHeader as _, ProgramHeader as _};

use super::debian::Debian;
use super::facts::{self, Facts};
use super::journey::Silent;
use crate::bench::Bench;
use crate::check::Outcome;
use crate::debugger::open_core;
use crate::matrix::{RAM, harts};
use crate::session::as_text;

const TIME: Duration = Duration::from_secs(300);
const MIB: u64 = 1 << 20;
const MEMORY: u64 = 512 * MIB;
const HARTS: u32 = 4;
/// The address at which the kernel is loaded.
const LOADED: u64 = RAM + 2 * MIB;

/// Crash memory: there is RAM before it, and behind it, where QEMU puts the initrd.
const CRASH: Interval = Interval::new(RAM + 64 * MIB, 192 * MIB);

/// The harts by index: one that crashes, and one that takes no interrupt and so does not stop.
const CRASHES: u32 = 2;
const DEAF: u32 = 3;

/// Crashes a kernel, and opens the core that Linux saves.
pub(super) fn run() -> Outcome {
    let bench = Bench::get()?;
    as_text(setup::debugger(Debugger::Gdb))?;
    let folder = as_text(landfall_host::private::folder("landfall-test-"))?;
    let core = folder.path().join("core");
    save(bench, folder.path(), &core)?;
    let mut findings = wrong_memory(&core)?;
    let elf = bench.kernels.get("crash")?.elf.display().to_string();
    let commands = ["thread apply all backtrace"];
    let (status, output) = open_core("gdb", folder.path(), &elf, &core, &commands)?;
    if status != Some(0) {
        findings.push(format!("gdb ends with {status:?}"));
    }
    findings.extend(wrong_names(&output));
    if findings.is_empty() { Ok(()) } else { Err(format!("{}\n{output}", findings.join("\n"))) }
}

/// Boots the kernel, whose crash kernel copies its memory to the file `core`.
fn save(bench: Bench, folder: &Path, core: &Path) -> Outcome {
    let Debian { image, block_module } = Debian::get()?;
    let read = |path: &Path| as_text(fs::read(path));
    let inner = Archive::default()
        .with("init", &read(bench.kernels.linux_init()?)?)
        .with("virtio_blk.ko.xz", &read(&block_module)?)
        .into_bytes();
    // A hart that was not stopped cannot be started.
    let line = "console=ttyS0 nr_cpus=1 init.do=core";
    let outer = Archive::default()
        .with("landfall/next", &read(&image)?)
        .with("landfall/next-initrd", &inner)
        .with("landfall/next-command-line", line.as_bytes());
    let initrd = folder.join("initrd");
    as_text(fs::write(&initrd, outer.into_bytes()))?;
    as_text(File::create(core).and_then(|file| file.set_len(2 * MEMORY)))?;
    let (size, at) = (CRASH.size(), CRASH.start);
    let words = format!("crashkernel={size}@{at:#x} way=panic hart={CRASHES} deaf={DEAF}");
    let drive = format!("if=none,id=core,format=raw,cache=unsafe,file={}", core.display());
    let machine = Machine {
        kernel: Some(bench.kernels.get("crash")?.flat.clone()),
        append: Some(words.into()),
        initrd: Some(initrd),
        harts: harts(HARTS),
        memory: Memory::One(Size(MEMORY)),
        // Linux's driver of disks without PCI is a module of its own.
        extra: ["-drive", &drive, "-device", "virtio-blk-pci,drive=core"].map(Into::into).to_vec(),
        ..Machine::default()
    };
    let running = as_text(bench.qemu.start(machine.arguments()))?;
    let watch = Watch { until: Some(Instant::now() + TIME), ..Watch::to_end() };
    let console = as_text(running.watch_as(watch, &mut Silent))?.console;
    let saved = facts::core_size(&console);
    let is_right =
        matches!(&Facts::all(&console)[..], [facts] if facts.has_vmcore && facts.ram == CRASH.size());
    let (Some(saved), true) = (saved, is_right) else {
        let end = console.iter().rev().take(12).rev().cloned().collect::<Vec<_>>().join("\n");
        return Err(format!("Linux saves no core, or is not limited to crash memory:\n{end}"));
    };
    as_text(File::options().write(true).open(core).and_then(|file| file.set_len(saved)))
}

/// Returns a finding for crash memory in the core, and for other RAM that it lacks.
fn wrong_memory(core: &Path) -> Result<Vec<String>, String> {
    let cache = ReadCache::new(as_text(File::open(core))?);
    let data = &cache;
    let header: &FileHeader64<LittleEndian> = as_text(FileHeader64::parse(data))?;
    let endian = LittleEndian;
    let segments = as_text(header.program_headers(endian, data))?;
    let loads = segments.iter().filter(|segment| segment.p_type(endian) == PT_LOAD);
    let loads: Vec<_> =
        loads.map(|load| Interval::new(load.p_paddr(endian), load.p_filesz(endian))).collect();
    let others =
        [Interval::new(LOADED, CRASH.start - LOADED), Interval::new(CRASH.end, RAM + MEMORY - CRASH.end)];
    let within = loads.iter().filter(|load| load.overlaps(CRASH));
    let within = within.map(|load| format!("crash memory is in the core: {load:x?}"));
    let missing = others.iter().filter(|other| !loads.iter().any(|load| load.holds(**other)));
    let missing = missing.map(|other| format!("{other:x?} is not in the core: {loads:x?}"));
    Ok(within.chain(missing).collect())
}

/// Returns a finding for each hart without its functions and lines.
fn wrong_names(output: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let threads: Vec<_> = output.split("\nThread ").skip(1).collect();
    for index in 0..HARTS {
        // Threads count from 1.
        let mark = format!("(LWP {}):", index + 1);
        let thread = threads.iter().find(|thread| thread.contains(&mark));
        let names: &[&str] = match index {
            DEAF => &[],
            CRASHES => {
                &["panic () at lab/kernels/crash/src/main.rs:", "take () at lab/kernels/crash/src/ways.rs:"]
            }
            _ => &[
                "hold_the_lock () at lab/kernels/crash/src/ways.rs:",
                "take () at lab/kernels/crash/src/ways.rs:",
            ],
        };
        if thread.is_some() == (index == DEAF) {
            findings.push(format!("hart {index} is a thread, or none, wrongly"));
        }
        let missing = names.iter().filter(|name| thread.is_some_and(|thread| !thread.contains(*name)));
        findings.extend(missing.map(|name| format!("hart {index} is not in \"{name}\"")));
    }
    if threads.len() + 1 != usize::try_from(HARTS).unwrap_or_default() {
        findings.push(format!("there are {} threads", threads.len()));
    }
    findings
}
