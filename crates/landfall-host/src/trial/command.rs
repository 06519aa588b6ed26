//! Commands that repeat a trial.

use landfall_predict::Randomness;
use landfall_predict::units::Seed;

use super::axes::{Axes, Simulated, Trial};
use super::request::TrialRequest;
use crate::command_line::CommandLine;
use crate::firmware::{Edition, Firmware};
use crate::machine::Mode;
use crate::request::BootRequest;

/// Adds what all boots of a test have in common.
fn end(mut line: CommandLine, request: &TrialRequest) -> String {
    if let Some(until) = &request.until {
        line.option("--until", until);
    }
    if let Some(append) = &request.append {
        line.option("--append", append);
    }
    if let Some(initrd) = &request.initrd {
        line.option("--initrd", &initrd.display());
    }
    if !request.qemu.is_empty() {
        line.add("--");
        request.qemu.iter().for_each(|word| line.add(&word.to_string_lossy()));
    }
    line.into_text()
}

/// Returns the command that runs `trial` of a round with this seed again.
pub(super) fn again(request: &TrialRequest, trial: &Trial, seed: u64) -> String {
    let mut line = CommandLine::new("test", &request.kernel);
    line.option("--seed", &Seed(seed));
    line.option("--only", &trial.name());
    let (axes, usual) = (&request.axes, Axes::default());
    if axes.modes != usual.modes {
        line.option("--mode", &list(axes.modes.iter().copied().map(Mode::name)));
    }
    if axes.addresses != usual.addresses {
        line.option("--addresses", &axes.addresses);
    }
    if axes.harts != usual.harts {
        line.option("--harts", &axes.harts);
    }
    if axes.memory != usual.memory {
        line.option("--memory", &list(axes.memory.iter().map(|size| size.0.to_string())));
    }
    if axes.firmware != usual.firmware {
        line.option("--firmware", &list(axes.firmware.iter().map(firmware)));
    }
    if let Simulated::Asked(count) = axes.simulator {
        line.option("--simulator", &count);
    }
    line.option("--timeout", &request.timeout.as_secs());
    end(line, request)
}

/// Returns the command that boots the same machine.
pub(super) fn run(request: &TrialRequest, boot: &BootRequest) -> String {
    let mut line = CommandLine::new("run", &request.kernel);
    if let Some(mode) = boot.mode {
        line.option("--mode", &mode.name());
    }
    if let Some(at) = boot.at {
        line.option("--at", &at);
    }
    line.option("--harts", &boot.harts);
    line.option("--memory", &boot.memory.0);
    if boot.firmware != Firmware::OpenSbi {
        line.option("--firmware", &firmware(&boot.firmware));
    }
    match boot.randomness {
        Randomness::Seed(seed) => line.option("--seed", &seed),
        Randomness::Off => line.add("--no-kaslr"),
        Randomness::Fresh => {}
    }
    line.option("--timeout", &request.timeout.as_secs());
    end(line, request)
}

fn firmware(firmware: &Firmware) -> String {
    match firmware {
        Firmware::File(path) | Firmware::Uefi(Edition::Own(path)) => path.display().to_string(),
        named => named.name().unwrap_or_default().to_owned(),
    }
}

fn list<T: AsRef<str>>(values: impl Iterator<Item = T>) -> String {
    values.fold(String::new(), |list, value| match list.as_str() {
        "" => value.as_ref().to_owned(),
        list => format!("{list},{}", value.as_ref()),
    })
}
