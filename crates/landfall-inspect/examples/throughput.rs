//! Measures decoding and walking all code of a file, beside `objdump -d`: `cargo run --release -p
//! landfall-inspect --example throughput FILE...`.
//!
//! Times are processor time, so that other work on the machine does not count (only Linux reports
//! it, in `/proc`). `OBJDUMP` names the disassembler; GNU's for RISC-V otherwise.

#![expect(clippy::cast_precision_loss, reason = "figures of four digits")]

use std::path::Path;
use std::process::{Command, Stdio};

use landfall_inspect::Subject;
use landfall_inspect::code::scan::{Event, scan};

/// The clock of `/proc` ticks a hundred times a second: so many ticks must pass before it is read.
const TICKS: u64 = 100;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for file in std::env::args_os().skip(1) {
        let file = Path::new(&file);
        let bytes = std::fs::read(file)?;
        let subject = Subject::read(&bytes)?;
        let (mut runs, begun) = (0, processor_time(Whose::Own)?);
        let (scanned, events, spent) = loop {
            let mut events = [0_usize; 5];
            let scanned = scan(&subject, |_, event| events[index(event)] += 1);
            runs += 1;
            let spent = processor_time(Whose::Own)? - begun;
            if spent >= TICKS {
                break (scanned, events, spent);
            }
        };
        println!(
            "{}: {} bytes of code, {} instructions",
            file.display(),
            scanned.bytes,
            scanned.instructions
        );
        let milliseconds = spent as f64 * 10.0 / f64::from(runs);
        let rate = |milliseconds: f64| scanned.bytes as f64 / milliseconds / 1e3;
        println!(
            "  decode and walk {milliseconds:10.1} ms {:8.1} MB/s  (mean of {runs})",
            rate(milliseconds)
        );
        let [got, absolute, gp, gp_set, unknown] = events;
        println!(
            "                  GOT loads {got}, absolute addresses {absolute}, gp used {gp}, set {gp_set}, unknown {unknown}"
        );
        match disassembled(file)? {
            Some(milliseconds) => {
                println!("  objdump -d      {milliseconds:10.1} ms {:8.1} MB/s", rate(milliseconds));
            }
            None => println!("  objdump -d      cannot read it, or is not there"),
        }
    }
    Ok(())
}

fn index(event: Event) -> usize {
    match event {
        Event::GotLoad(_) => 0,
        Event::Absolute(_) | Event::AbsoluteUse(_) => 1,
        Event::Gp | Event::GpNeverSet => 2,
        Event::GpSet => 3,
        Event::Unknown => 4,
    }
}

/// Returns the time of one run of the disassembler, without its output.
fn disassembled(file: &Path) -> std::io::Result<Option<f64>> {
    let objdump = std::env::var_os("OBJDUMP").unwrap_or_else(|| "riscv64-linux-gnu-objdump".into());
    let begun = processor_time(Whose::Children)?;
    let status =
        Command::new(objdump).arg("-d").arg(file).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let spent = processor_time(Whose::Children)? - begun;
    Ok(status.ok().filter(std::process::ExitStatus::success).map(|_| spent as f64 * 10.0))
}

#[derive(Clone, Copy)]
enum Whose {
    Own,
    Children,
}

/// Ticks that this process, or its children that have ended, have run (proc(5): utime and stime,
/// cutime and cstime).
fn processor_time(whose: Whose) -> std::io::Result<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let first = match whose {
        Whose::Own => 11,
        Whose::Children => 13,
    };
    Ok(fields.skip(first).take(2).filter_map(|field| field.parse::<u64>().ok()).sum())
}
