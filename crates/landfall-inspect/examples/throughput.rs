//! How fast all code of a file is decoded and walked: `cargo run --release -p landfall-inspect --example throughput FILE`.

use std::time::Instant;

use landfall_inspect::Subject;
use landfall_inspect::code::scan::scan;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for file in std::env::args_os().skip(1) {
        let bytes = std::fs::read(&file)?;
        let begun = Instant::now();
        let subject = Subject::read(&bytes)?;
        let read = begun.elapsed();
        let mut events = std::collections::BTreeMap::<String, usize>::new();
        let begun = Instant::now();
        let scanned = scan(&subject, |at, event| {
            let name = format!("{event:?}");
            let kind = name.split('(').next().unwrap_or_default().to_owned();
            let count = events.entry(kind).or_default();
            *count += 1;
            if *count < 6 {
                println!("{at} {event:?} {:?}", subject.symbols().describe(at));
            }
        });
        let walked = begun.elapsed();
        let rate = scanned.bytes as f64 / walked.as_secs_f64() / 1e6;
        println!("{}: read {read:?}; {scanned:?} in {walked:?}, {rate:.0} MB/s; {events:?}", file.display());
    }
    Ok(())
}
