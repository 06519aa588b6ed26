//! Cores of a crashed kernel. A test writes one from a machine that QEMU has stopped: the registers
//! of each hart, all RAM, and the `satp`. No code of the command takes part.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use super::machines::landed;
use super::{Bench, own, path};
use crate::image::at;
use crate::matrix::{RAM, harts};
use crate::session::as_text;
use landfall_host::gdb::{self, Client, Space};
use landfall_host::machine::{Machine, Memory};
use landfall_host::report::Report;
use landfall_predict::units::{Address, Size};

const MEMORY: u64 = 64 << 20;
const HARTS: u32 = 3;

/// The general registers besides x0, in their order.
const REGISTERS: [&str; 31] = [
    "ra", "sp", "gp", "tp", "t0", "t1", "t2", "fp", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7",
    "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
];

/// Bytes of `NT_PRSTATUS` on 64-bit RISC-V, and the offsets of the process ID and of the registers.
const PRSTATUS: usize = 376;
const PROCESS: usize = 32;
const GENERAL: usize = 112;

/// A core, and what a debugger must find in it.
struct Core {
    bytes: Vec<u8>,
    /// The offset of the image's data.
    image: usize,
    /// The word at the boot hart's stack pointer.
    word: u64,
    /// The thread of the boot hart.
    thread: u64,
}

/// gdb names functions and lines of each hart, and reads a stack that only page tables lead to.
pub(super) fn a_core_has_names_and_stacks(bench: &Bench) -> Result<(), String> {
    let core = Core::of_stopped_machine(bench)?;
    let folder = as_text(landfall_host::private::folder("landfall-"))?;
    let file = folder.path().join("core");
    as_text(fs::write(&file, &core.bytes))?;
    let elf = path(&bench.kernels.get("hello")?.elf);
    let thread = format!("thread {}", core.thread);
    let commands = [
        "thread apply all backtrace",
        &thread,
        "info files",
        "with language c -- printf \"word: %lx\\n\", *(unsigned long *) $sp",
        "landfall vmmap $sp",
    ];
    let (status, output) = open("gdb", folder.path(), &elf, &file, &commands)?;
    let word = format!("word: {:x}\n", core.word);
    let threads = output.matches("\nThread ").count();
    if status != Some(0) || threads != HARTS as usize || !output.contains(&word) {
        return Err(format!("not {HARTS} threads, or no \"{word}\": {output}"));
    }
    // The stack is mapped once more, by the linear map. Both are in the core.
    if !output.contains(": RW- -GAD at 0x") || !output.contains("the same memory at 0x") {
        return Err(format!("vmmap does not show the stack's two addresses: {output}"));
    }
    for name in ["main () at kernels/hello/src/main.rs:", "second () at kernels/hello/src/main.rs:"] {
        if !output.contains(name) {
            return Err(format!("no \"{name}\" in {output}"));
        }
    }
    Ok(())
}

/// Other files, other kernels and LLDB are refused by name.
pub(super) fn other_cores_are_refused(bench: &Bench) -> Result<(), String> {
    let core = Core::of_stopped_machine(bench)?;
    let [hello, rules] =
        ["hello", "rules"].map(|name| bench.kernels.get(name).map(|kernel| path(&kernel.elf)));
    let (hello, rules) = (hello?, rules?);
    let mut without = core.bytes.clone();
    without[core.image..core.image + 128].fill(0);
    // The linear map has the image too.
    for window in (0..without.len() - 128).step_by(4096) {
        if without[window..window + 128] == core.bytes[core.image..core.image + 128] {
            without[window..window + 128].fill(0);
        }
    }
    let half = &core.bytes[..core.bytes.len() / 2];
    let cases: [(&str, &str, &[u8], &str); 5] = [
        ("gdb", &hello, b"no ELF", "it is not an ELF core of 64-bit RISC-V"),
        ("gdb", &hello, half, "it is truncated"),
        ("gdb", &rules, &core.bytes, "it is the core of another kernel"),
        ("gdb", &hello, &without, "no segment begins with a landfall image"),
        ("lldb", &hello, &core.bytes, "LLDB is not supported for cores"),
    ];
    let folder = as_text(landfall_host::private::folder("landfall-"))?;
    let file = folder.path().join("core");
    for (debugger, elf, bytes, words) in cases {
        as_text(fs::write(&file, bytes))?;
        let (status, output) = open(debugger, folder.path(), elf, &file, &[])?;
        if status != Some(2) || !output.contains(words) {
            return Err(format!("status {status:?}, and no \"{words}\": {output}"));
        }
    }
    let (status, output) = open("gdb", folder.path(), &hello, &folder.path().join("missing"), &[])?;
    if status != Some(2) || !output.contains("cannot open the core") {
        return Err(format!("status {status:?} for a missing file: {output}"));
    }
    Ok(())
}

/// Opens a core, and returns the status and the output of the command.
pub(crate) fn open(
    debugger: &str,
    folder: &Path,
    elf: &str,
    core: &Path,
    commands: &[&str],
) -> Result<(Option<i32>, String), String> {
    let mut command = own(folder)?;
    command.args([debugger, elf, "--core"]).arg(core).args(["--", "-nx", "-batch"]);
    for one in commands {
        command.args(["-ex", one]);
    }
    let output = as_text(command.stdin(Stdio::null()).output())?;
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Ok((output.status.code(), text.into_owned()))
}

impl Core {
    /// Boots `hello`, which holds in its `main`, stops it, and writes the core.
    fn of_stopped_machine(bench: &Bench) -> Result<Self, String> {
        let folder = as_text(landfall_host::private::folder("landfall-"))?;
        let (socket, ram) = (folder.path().join("gdb"), folder.path().join("ram"));
        let machine = Machine {
            kernel: Some(bench.kernels.get("hello")?.flat.clone()),
            append: Some("hold".into()),
            harts: harts(HARTS),
            memory: Memory::File { path: ram.clone(), size: Size(MEMORY) },
            ..Machine::default()
        };
        let (report, _running) = landed(bench, &machine, &socket)?;
        let mut client = as_text(Client::connect(&socket, Duration::from_secs(60)))?;
        while !all_in_the_kernel(&mut client)? {
            as_text(client.resume(Duration::from_millis(20)))?;
            as_text(client.interrupt())?;
        }
        let mut notes = Vec::new();
        let mut satp = 0;
        for hart in as_text(client.harts())? {
            as_text(client.select(hart))?;
            notes.push(status(&mut client, hart.id())?);
            satp = as_text(client.register("satp"))?;
        }
        let boot = report.get("/harts/boot").and_then(serde_json::Value::as_u64).ok_or("no boot hart")?;
        as_text(client.select(gdb::Hart::with_id(boot)))?;
        let stack = as_text(client.register("sp"))?;
        let word = as_text(client.read_memory(Space::Virtual, Address(stack), 8))?;
        let word = word.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        notes.push(note(b"landfall", 1, format!("harts={HARTS}\nsatp={satp:#x}\n").as_bytes()));
        let ram = as_text(fs::read(&ram))?;
        let loads = [part(&report, &ram, "/linear_map")?, part(&report, &ram, "/kernel")?];
        let (bytes, image) = elf(&notes, &loads);
        Ok(Self { bytes, image, word, thread: boot + 1 })
    }
}

/// A part of memory: virtual and physical address, and its bytes.
type Load<'a> = (u64, u64, &'a [u8]);

/// Returns a part that the report names.
fn part<'a>(report: &Report, ram: &'a [u8], key: &str) -> Result<Load<'a>, String> {
    let address = |name: &str| {
        let text = report.get(&format!("{key}/{name}"))?.as_str()?;
        u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
    };
    let size = report.get(&format!("{key}/size")).and_then(serde_json::Value::as_u64);
    let found = (address("virtual"), address("physical"), size);
    let (Some(at_virtual), Some(physical), Some(size)) = found else {
        return Err(format!("the report has no {key}"));
    };
    let start = at(physical - RAM);
    Ok((at_virtual, physical, ram.get(start..start + at(size)).ok_or("a part is outside of RAM")?))
}

/// Returns false while a hart is in the firmware, which prints for it.
fn all_in_the_kernel(client: &mut Client) -> Result<bool, String> {
    for hart in as_text(client.harts())? {
        as_text(client.select(hart))?;
        if as_text(client.register("pc"))?.cast_signed() >= 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns the note with a hart's registers.
fn status(client: &mut Client, hart: u64) -> Result<Vec<u8>, String> {
    let mut status = vec![0; PRSTATUS];
    status[PROCESS..PROCESS + 4].copy_from_slice(&u32::try_from(hart + 1).unwrap_or_default().to_le_bytes());
    for (index, name) in ["pc"].into_iter().chain(REGISTERS).enumerate() {
        let value = as_text(client.register(name))?;
        let place = GENERAL + index * 8;
        status[place..place + 8].copy_from_slice(&value.to_le_bytes());
    }
    Ok(note(b"CORE", 1, &status))
}

fn note(name: &[u8], kind: u32, description: &[u8]) -> Vec<u8> {
    let size = |bytes: usize| u32::try_from(bytes).unwrap_or_default();
    let mut note = [size(name.len() + 1), size(description.len()), kind].map(u32::to_le_bytes).concat();
    for part in [&[name, b"\0"].concat()[..], description] {
        note.extend(part);
        note.resize(note.len().next_multiple_of(4), 0);
    }
    note
}

/// Returns an ELF core with these notes and parts, and the offset of the last part.
fn elf(notes: &[Vec<u8>], loads: &[Load<'_>]) -> (Vec<u8>, usize) {
    const HEADER: usize = 64;
    const SEGMENT: usize = 56;
    let count = notes.len() + loads.len();
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    // Type, machine, version; entry, segments, sections; flags; then sizes and counts.
    file.extend([4_u16, 243].map(u16::to_le_bytes).concat());
    file.extend(1_u32.to_le_bytes());
    file.extend([0, HEADER as u64, 0].map(u64::to_le_bytes).concat());
    file.extend(5_u32.to_le_bytes());
    let count = u16::try_from(count).unwrap_or_default();
    file.extend([64, 56, count, 0, 0, 0].map(u16::to_le_bytes).concat());
    let (mut data, mut last) = (Vec::new(), 0);
    let begin = (HEADER + SEGMENT * usize::from(count)).next_multiple_of(4096);
    let parts = notes.iter().map(|note| (4_u32, (0, 0, &note[..])));
    for (kind, (at_virtual, physical, bytes)) in parts.chain(loads.iter().map(|load| (1, *load))) {
        data.resize(data.len().next_multiple_of(8), 0);
        last = begin + data.len();
        file.extend([kind, 7].map(u32::to_le_bytes).concat());
        let size = bytes.len() as u64;
        file.extend([last as u64, at_virtual, physical, size, size, 0].map(u64::to_le_bytes).concat());
        data.extend(bytes);
    }
    file.resize(begin, 0);
    file.extend(data);
    (file, last)
}
