//! Counts the instructions per second that a processor simulates:
//! `speed [FILE] [HARTS] [COMMAND LINE]`.
//!
//! FILE is a kernel, as an ELF file or a flat image. Without it, a loop stores into the page that
//! holds its own code, which makes fetches slow on a machine that may fetch the past. It boots with
//! consecutive seeds. A boot ends after 50 million instructions. The seconds are those of the
//! processor, so other work on the machine matters less.

use std::error::Error;
use std::time::{Duration, Instant};
use std::{env, fs};

use landfall_hart::Machine;
use landfall_hart::config::{Config, Kernel, Options};
use landfall_hart::liberty::{Liberties, Liberty};

/// The instructions of one boot at most.
const LIMIT: u64 = 50_000_000;
/// The time for each set of liberties.
const TIME: Duration = Duration::from_secs(8);

/// `auipc s0, 0; lui t1, 300; loop: sd t1, 0x700(s0); addi t2, t2, 1; sd t2, 0x708(s0);
/// addi t1, t1, -1; bnez t1, loop; li a7, 8; ecall`
const STORES_BESIDE_CODE: [u32; 9] = [
    0x0000_0417,
    0x0012_c337,
    0x7064_3023,
    0x0013_8393,
    0x7074_3423,
    0xfff3_0313,
    0xfe03_18e3,
    0x0080_0893,
    0x0000_0073,
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let kernel = match arguments.first() {
        Some(file) => Kernel::read(&fs::read(file)?)?,
        None => Kernel::raw(STORES_BESIDE_CODE.iter().flat_map(|word| word.to_le_bytes()).collect()),
    };
    let options = Options {
        harts: arguments.get(1).map_or(Ok(1), |harts| harts.parse())?,
        command_line: arguments.get(2).cloned().unwrap_or_default(),
        memory: 1 << 30,
        ..Options::new(kernel)
    };
    // A kernel polls for a hart that is lost, which says nothing of other code.
    let worst = Liberties::worst().without(Liberty::LateHart);
    for (name, liberties) in [("plain", Liberties::PLAIN), ("worst", worst)] {
        let (mut boots, mut instructions, mut spent) = (0, 0, Duration::ZERO);
        let mut slowest = (f64::MAX, 0);
        while spent < TIME {
            let mut machine = Machine::new(Config::draw(boots, liberties, &options)?);
            let clock = Clock::start();
            machine.run(LIMIT);
            let took = clock.elapsed();
            let own = rate(machine.executed(), took);
            if own < slowest.0 {
                slowest = (own, boots);
            }
            spent += took;
            boots += 1;
            instructions += machine.executed();
        }
        let all = rate(instructions, spent);
        println!(
            "{name}: {all:.1} million instructions per second in {boots} boots of {} instructions on average; \
             the slowest, seed {}: {:.1}",
            instructions / boots,
            slowest.1,
            slowest.0
        );
    }
    Ok(())
}

/// Returns millions per second.
#[expect(clippy::cast_precision_loss, reason = "three digits are wanted")]
fn rate(instructions: u64, time: Duration) -> f64 {
    instructions as f64 / time.as_secs_f64() / 1e6
}

/// A clock of the processor's time.
struct Clock {
    started: Instant,
    used: Option<u64>,
}

impl Clock {
    fn start() -> Self {
        Self { started: Instant::now(), used: used() }
    }

    /// Returns the time that this thread had the processor, or that has passed where the system
    /// does not count it.
    fn elapsed(&self) -> Duration {
        match (self.used, used()) {
            (Some(before), Some(now)) => Duration::from_nanos(now - before),
            _ => self.started.elapsed(),
        }
    }
}

/// Returns the nanoseconds that this thread has had the processor, as Linux counts them.
fn used() -> Option<u64> {
    fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}
