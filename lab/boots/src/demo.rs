//! The kernel `demo`, with a test at its console: it types lines, and reads the answers.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::ChildStdin;
use std::time::{Duration, Instant};

use super::archive;
use super::bench::Bench;
use super::check::{Check, Outcome};
use super::session::as_text;
use landfall_host::machine::{Harts, Machine, Memory, Mode};
use landfall_host::qemu::{Next, Running};
use landfall_predict::units::Size;

const PROMPT: &str = "demo> ";

/// The time limit of one answer, on a busy host.
const PATIENCE: Duration = Duration::from_secs(240);

/// The interval at which an unfinished line is compared with the prompt.
const GLANCE: Duration = Duration::from_millis(20);

/// The most lines of the kernel's sources, comments included.
const MOST_LINES: usize = 849;

/// Lines to type, each with words of its answer.
const SCRIPT: [(&str, &[&str]); 17] = [
    ("help", &["vmalloc PAGES"]),
    ("what text", &["text"]),
    ("what guard", &["8 bytes below hart 0's stack: its guard"]),
    ("what 0", &["no address of the kernel"]),
    ("fault text", &["no fault: the byte is"]),
    ("vmalloc 600", &["600 pages at 0x", "memory, RW-"]),
    ("map", &["2400 KiB  RW-  memory, RW-", "registers of a device, RW-", "R-X  text", "writable nowhere"]),
    ("vmalloc 0", &[]),
    ("user", &["Hello from user mode.", "the process ended with status 0"]),
    ("user load 0", &["the process was killed: a load failed: an address of user mode, not mapped"]),
    ("user load text", &["the process was killed: a load failed: text"]),
    ("user store 10000", &["the process was killed: a store failed: memory of user mode, R-X"]),
    ("user spin", &["the process was killed after a second"]),
    ("vmalloc 99999999", &["error: no frame is left"]),
    ("vmalloc", &["error: the command or an argument is unknown"]),
    ("harts", &["hart 0: online, "]),
    ("free", &[" KiB are free"]),
];

/// Lines about modules, with words of their answers.
const MODULES: [(&str, &[&str]); 9] = [
    ("modules", &["hello: ", " bytes in the initrd"]),
    ("load hello count=2", &["Hello from a module.", "landfall: module hello text 0x"]),
    ("load hello", &["error: a module hello is loaded"]),
    ("modules", &["hello: loaded"]),
    ("map", &["R-X  text of module hello", "R--  constants of module hello", "writable nowhere"]),
    ("unload hello", &["Goodbye from a module."]),
    ("unload hello", &["error: the module is not loaded"]),
    ("load hello count=101", &["error: landfall_init returned 1"]),
    ("load hello size=1", &["error: the module has no parameter size"]),
];

/// The most rounds until a round takes no memory. Random places take tables, which stay; a region
/// of 128 MiB has 64.
const MOST_ROUNDS: usize = 60;

/// Lines that end the kernel by a panic, with words of its message.
const ENDS: [(&str, &str); 3] = [
    ("fault guard", "a load failed at 0x"),
    ("fault near", "near region, not mapped"),
    ("fault overflow", "stack overflow on hart"),
];

/// Returns a test for each mode and number of harts, and one for each end.
pub(super) fn checks() -> Vec<Check> {
    let mut checks = vec![Check::new("demo/is-small", is_small).always()];
    for (mode, name) in [(Mode::Sv39, "sv39"), (Mode::Sv48, "sv48"), (Mode::Sv57, "sv57")] {
        for harts in [1, 4] {
            let check = Check::new(format!("demo/{name}-{harts}"), move || commands(mode, harts));
            checks.push(if (name, harts) == ("sv48", 4) { check.always() } else { check });
        }
    }
    let end = |(line, words): (&'static str, _)| {
        Check::new(format!("demo/{}", line.replace(' ', "-")), move || ends(line, words))
    };
    checks.extend(ENDS.map(end));
    checks.push(Check::new("demo/modules", modules));
    checks.push(Check::new("demo/kexec", kexec).always());
    checks
}

fn is_small() -> Outcome {
    let mut lines = 0;
    for entry in as_text(fs::read_dir("kernels/demo/src"))? {
        let path = as_text(entry)?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            lines += as_text(fs::read_to_string(path))?.lines().count();
        }
    }
    if lines <= MOST_LINES { Ok(()) } else { Err(format!("the demo has {lines} lines")) }
}

/// Types the script. A process and a mapping that end give all their memory back.
fn commands(mode: Mode, harts: u32) -> Outcome {
    let mut demo = Demo::start(mode, harts, None)?;
    for (line, words) in SCRIPT {
        demo.answers(line, words)?;
    }
    let online = demo.command("harts")?.iter().filter(|line| line.contains(": online, ")).count();
    if online != harts as usize {
        return Err(format!("{online} of {harts} harts are online"));
    }
    let before = demo.command("free")?;
    demo.answers("user store text", &["the process was killed: a store failed: text"])?;
    demo.answers("user", &["Hello from user mode."])?;
    let after = demo.command("free")?;
    if before != after {
        return Err(format!("a process keeps memory: {before:?}, and then {after:?}"));
    }
    let last = demo.command("exit")?;
    let ended = last.iter().any(|line| line == "landfall: exit 0");
    if ended { Ok(()) } else { Err(format!("`exit` does not end the kernel: {last:?}")) }
}

/// Loads and unloads a module out of the initrd. It gives all its memory back.
fn modules() -> Outcome {
    let bench = Bench::get()?;
    let module = super::modules::build("module-hello", &bench.kernels.get("demo")?.elf, &[])?;
    let folder = as_text(landfall_host::private::folder("landfall-test-"))?;
    let initrd = folder.path().join("initrd");
    as_text(fs::write(&initrd, archive::of(&[("hello.ko", &as_text(fs::read(&module))?)])))?;
    let mut demo = Demo::start(Mode::Sv57, 2, Some(initrd))?;
    let mut before = Vec::new();
    for _ in 0..MOST_ROUNDS {
        for (line, words) in MODULES {
            demo.answers(line, words)?;
        }
        let after = demo.command("free")?;
        if before == after {
            return Ok(());
        }
        before = after;
    }
    Err(format!("a module keeps memory: {before:?}"))
}

/// Starts another kernel out of the initrd. Without one, the kernel goes on.
fn kexec() -> Outcome {
    let hello = Bench::get()?.kernels.get("hello")?;
    let folder = as_text(landfall_host::private::folder("landfall-test-"))?;
    let write = |file: &[u8]| {
        let initrd = folder.path().join("initrd");
        as_text(fs::write(&initrd, archive::of(&[("landfall/next", file)])))?;
        Ok::<_, String>(Some(initrd))
    };
    Demo::start(Mode::Sv48, 1, None)?.answers("kexec", &["error: the initrd holds no landfall/next"])?;
    let mut damaged = hello.image.flat.clone();
    damaged[0x60] ^= 1;
    let mut demo = Demo::start(Mode::Sv48, 2, write(&damaged)?)?;
    demo.answers("kexec", &["error: the next image is damaged: "])?;
    demo.answers("harts", &["hart 1: online, "])?;
    let mut demo = Demo::start(Mode::Sv57, 4, write(&hello.image.flat)?)?;
    let lines = demo.command("kexec landfall.mode=sv48")?;
    let has = |words: &str| lines.iter().any(|line| line.contains(words));
    if has("landed in sv48") && has("harts       4 online") && has("landfall: exit 0") {
        Ok(())
    } else {
        Err(format!("the next kernel did not land: {lines:#?}"))
    }
}

/// Types a line that ends the kernel.
fn ends(line: &str, words: &str) -> Outcome {
    let mut demo = Demo::start(Mode::Sv48, 2, None)?;
    let answer = demo.command(line)?;
    let panic = answer.iter().find(|line| line.starts_with("landfall: panic "));
    match panic {
        Some(panic) if panic.contains(words) => Ok(()),
        _ => Err(format!("no panic with \"{words}\" in {answer:#?}")),
    }
}

/// The running kernel, which waits at its prompt.
struct Demo {
    running: Running,
    keys: ChildStdin,
}

impl Demo {
    fn start(mode: Mode, harts: u32, initrd: Option<PathBuf>) -> Result<Self, String> {
        let Bench { qemu, kernels } = Bench::get()?;
        let machine = Machine {
            kernel: Some(kernels.get("demo")?.flat.clone()),
            mode: Some(mode),
            initrd,
            harts: Harts::new(harts).unwrap_or(Harts::MIN),
            memory: Memory::One(Size(128 << 20)),
            ..Machine::default()
        };
        let mut running = as_text(qemu.start(machine.arguments()))?;
        let keys = running.keys().ok_or("the machine has no keyboard")?;
        let mut demo = Self { running, keys };
        demo.lines_up_to_prompt()?;
        Ok(demo)
    }

    /// Types a line, whose answer must have these words.
    fn answers(&mut self, line: &str, words: &[&str]) -> Outcome {
        let answer = self.command(line)?;
        let missing = words.iter().find(|words| !answer.iter().any(|line| line.contains(*words)));
        missing.map_or(Ok(()), |words| Err(format!("no \"{words}\" in the answer to `{line}`: {answer:#?}")))
    }

    /// Types a line and returns its answer, up to the next prompt or the machine's end.
    fn command(&mut self, line: &str) -> Result<Vec<String>, String> {
        as_text(self.keys.write_all(format!("{line}\r").as_bytes()))?;
        // The echo behind the prompt is a line too. Only after it, the prompt is the next one.
        let echo = format!("{PROMPT}{line}");
        match self.running.next_line(Instant::now() + PATIENCE) {
            Next::Line(first) if first == echo => self.lines_up_to_prompt(),
            other => Err(format!("the echo of `{line}` is {other:?}")),
        }
    }

    fn lines_up_to_prompt(&mut self) -> Result<Vec<String>, String> {
        let until = Instant::now() + PATIENCE;
        let mut lines = Vec::new();
        loop {
            match self.running.next_line(Instant::now() + GLANCE) {
                Next::Line(line) => lines.push(line),
                Next::End => return Ok(lines),
                Next::Late if self.running.unfinished() == PROMPT => return Ok(lines),
                Next::Late if Instant::now() > until => return Err(format!("no prompt after {lines:#?}")),
                Next::Late => {}
            }
        }
    }
}
