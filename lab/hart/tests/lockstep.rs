//! The simulator beside QEMU and Spike, as tests with names. They need these programs, so a plain
//! `cargo test` ignores them:
//! `cargo test -p landfall-hart-lab --test lockstep -- --ignored qemu`.
//!
//! Spike is a download. Its tests exist if the variable `LANDFALL_SPIKE` is set.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::{env, fs};

use landfall_hart::config::{Extensions, Mode};
use landfall_hart_lab::lockstep::{self, Agreement, Shown};
use landfall_hart_lab::program::Kind;
use landfall_hart_lab::simulator::{Model, Simulator};
use landfall_hart_lab::{qemu, spike};
use landfall_host::build;
use landfall_host::machine::{self, Machine};
use libtest_mimic::{Arguments, Failed, Trial};

/// Instructions of a program.
const INSTRUCTIONS: usize = 20_000;

/// The seed of programs. `LOCKSTEP_SEED` replaces it.
const SEED: u64 = 1;

/// Extensions of QEMU's `rv64` that the simulator does not have.
const LACKING: [&str; 6] = ["zba=off", "zbb=off", "zbc=off", "zbs=off", "zfa=off", "zawrs=off"];

/// Extensions that QEMU's `rv64` has on request.
const REQUESTED: [&str; 3] = ["svnapot=on", "svpbmt=on", "svinval=on"];

/// The extensions of QEMU's `rv64` with those of [`REQUESTED`].
const QEMU: Extensions = Extensions { ssdbltrp: false, zkr: false, ..Extensions::ALL };

/// The extensions of the hart in Spike.
const SPIKE: Extensions = Extensions {
    zicbom: false,
    zicboz: false,
    svadu: false,
    svvptc: false,
    ssdbltrp: false,
    zkr: false,
    ..Extensions::ALL
};

/// The one who sets A and D.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dirty {
    /// The hart: Svadu.
    Hart,
    /// The kernel: Svade.
    Kernel,
}

fn main() -> ExitCode {
    let mut trials = Vec::new();
    let mut add = |name: String, run: Box<dyn FnOnce() -> Result<(), Failed> + Send>| {
        trials.push(Trial::test(name, run).with_ignored_flag(true));
    };
    let with_spike = env::var_os("LANDFALL_SPIKE").is_some();
    for mode in [machine::Mode::Sv39, machine::Mode::Sv48, machine::Mode::Sv57] {
        add(format!("qemu/landing/{}", mode.name()), Box::new(move || judge(landing_on_qemu(mode))));
        if with_spike {
            let run = move || judge(landing_on_spike(mode.name()));
            add(format!("spike/landing/{}", mode.name()), Box::new(run));
        }
    }
    for (name, kind) in Kind::ALL {
        add(format!("qemu/class/{name}"), Box::new(move || judge(class_on_qemu(name, kind, Dirty::Kernel))));
        if with_spike {
            add(format!("spike/class/{name}"), Box::new(move || judge(class_on_spike(kind))));
        }
        if name.starts_with("pages") {
            let run = move || judge(class_on_qemu(name, kind, Dirty::Hart));
            add(format!("qemu/class/{name}/svadu"), Box::new(run));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Fails if fewer instructions were compared than a landing or a program has.
fn judge(compared: Result<Agreement, Box<dyn Error>>) -> Result<(), Failed> {
    let agreement = compared?;
    if env::var_os("LOCKSTEP_VERBOSE").is_some() {
        eprintln!("{agreement:?}");
    }
    if agreement.instructions < 15_000 {
        return Err(
            format!("{} instructions are fewer than those of the program", agreement.instructions).into()
        );
    }
    Ok(())
}

/// Returns the flat image of `hello`, which is built once.
fn hello() -> Result<PathBuf, Box<dyn Error>> {
    static HELLO: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let build = || build::named("hello").map(|built| built.flat).map_err(|error| error.to_string());
    Ok(HELLO.get_or_init(build).clone()?)
}

fn landing_on_qemu(mode: machine::Mode) -> Result<Agreement, Box<dyn Error>> {
    let mut machine = qemu::machine(hello()?);
    machine.mode = Some(mode);
    machine.cpu.extend(REQUESTED.map(str::to_owned));
    beside_qemu(&machine, Dirty::Hart)
}

fn class_on_qemu(name: &str, kind: Kind, dirty: Dirty) -> Result<Agreement, Box<dyn Error>> {
    let folder = landfall_host::private::folder("landfall-lockstep-")?;
    let image = folder.path().join(name).with_extension("bin");
    fs::write(&image, kind.program(seed(), INSTRUCTIONS))?;
    let mut machine = qemu::machine(image);
    machine.cpu.extend(LACKING.iter().chain(&REQUESTED).map(|property| (*property).to_owned()));
    if dirty == Dirty::Kernel {
        machine.cpu.extend(["svade=on", "svadu=off"].map(str::to_owned));
    }
    beside_qemu(&machine, dirty)
}

fn beside_qemu(machine: &Machine, dirty: Dirty) -> Result<Agreement, Box<dyn Error>> {
    let extensions = Extensions { svadu: dirty == Dirty::Hart, ..QEMU };
    let widest = match machine.mode {
        Some(machine::Mode::Sv39) => Mode::Sv39,
        Some(machine::Mode::Sv48) => Mode::Sv48,
        Some(machine::Mode::Sv57) | None => Mode::Sv57,
    };
    let model = Model { widest, extensions };
    let (compared, _boot) = qemu::trace(machine, |entry, steps| {
        lockstep::compare(&mut Simulator::new(model, &entry), Shown::Fetched, steps)
    })?;
    Ok(compared?)
}

fn landing_on_spike(mode: &'static str) -> Result<Agreement, Box<dyn Error>> {
    beside_spike(&fs::read(hello()?)?, mode)
}

fn class_on_spike(kind: Kind) -> Result<Agreement, Box<dyn Error>> {
    beside_spike(&kind.program(seed(), INSTRUCTIONS), "sv57")
}

fn beside_spike(image: &[u8], mode: &'static str) -> Result<Agreement, Box<dyn Error>> {
    // Spike itself has every mode; the tree alone limits them.
    let model = Model { widest: Mode::Sv57, extensions: SPIKE };
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let machine = spike::Machine { cache, mode, image };
    let compared = spike::trace(machine, |entry, steps| {
        lockstep::compare(&mut Simulator::new(model, &entry), Shown::Retired, steps)
    })?;
    Ok(compared?)
}

fn seed() -> u64 {
    env::var("LOCKSTEP_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(SEED)
}
