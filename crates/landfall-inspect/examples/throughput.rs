//! How fast all code of a file is decoded and walked, beside `objdump -d`: `cargo run --release -p landfall-inspect --example throughput FILE`.
//!
//! `OBJDUMP` names the disassembler; GNU's for RISC-V otherwise.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use landfall_inspect::Subject;
use landfall_inspect::code::scan::{Event, scan};

/// Runs of each; the fastest counts.
const RUNS: usize = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for file in std::env::args_os().skip(1) {
        let file = Path::new(&file);
        let bytes = std::fs::read(file)?;
        let (read, subject) = fastest(|| Subject::read(&bytes));
        let subject = subject?;
        let mut events = [0_usize; 5];
        let (walked, scanned) = fastest(|| {
            events = [0; 5];
            scan(&subject, |_, event| events[index(event)] += 1)
        });
        let rate = |time: Duration| scanned.bytes as f64 / time.as_secs_f64() / 1e6;
        println!(
            "{}: {} bytes of code, {} instructions",
            file.display(),
            scanned.bytes,
            scanned.instructions
        );
        println!("  read           {:9.1} ms", read.as_secs_f64() * 1e3);
        println!("  decode, walk   {:9.1} ms  {:7.1} MB/s", walked.as_secs_f64() * 1e3, rate(walked));
        let [got, absolute, gp, gp_set, unknown] = events;
        println!(
            "  loads from GOT {got}, absolute addresses {absolute}, gp used {gp}, gp set {gp_set}, unknown {unknown}"
        );
        match disassembled(file) {
            Some(time) => {
                println!("  objdump -d     {:9.1} ms  {:7.1} MB/s", time.as_secs_f64() * 1e3, rate(time))
            }
            None => println!("  objdump -d     cannot read it, or is not there"),
        }
    }
    Ok(())
}

fn index(event: Event) -> usize {
    match event {
        Event::GotLoad(_) => 0,
        Event::Absolute(_) | Event::AbsoluteUse(_) => 1,
        Event::Gp => 2,
        Event::GpSet => 3,
        Event::Unknown => 4,
    }
}

fn fastest<T>(mut run: impl FnMut() -> T) -> (Duration, T) {
    let mut timed = || {
        let begun = Instant::now();
        let result = run();
        (begun.elapsed(), result)
    };
    let mut best = timed();
    for _ in 1..RUNS {
        let next = timed();
        if next.0 < best.0 {
            best = next;
        }
    }
    best
}

/// How long the disassembler takes, once, with its output thrown away.
fn disassembled(file: &Path) -> Option<Duration> {
    let objdump = std::env::var_os("OBJDUMP").unwrap_or_else(|| "riscv64-linux-gnu-objdump".into());
    let begun = Instant::now();
    let status =
        Command::new(objdump).arg("-d").arg(file).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.ok().filter(std::process::ExitStatus::success).map(|_| begun.elapsed())
}
