//! Commands that repeat a trial.

use landfall_predict::Randomness;
use landfall_predict::units::Seed;

use super::axes::{Axes, Trial};
use super::request::TrialRequest;
use crate::firmware::{Edition, Firmware};
use crate::machine::Mode;
use crate::request::BootRequest;

/// A command line that is written word by word.
struct Line(String);

impl Line {
    fn new(verb: &str, request: &TrialRequest) -> Self {
        let mut line = Self(format!("cargo landfall {verb}"));
        request.kernel.words().iter().for_each(|word| line.add(word));
        line
    }

    fn add(&mut self, word: &str) {
        self.0.push(' ');
        self.0.push_str(&quoted(word));
    }

    fn option(&mut self, name: &str, value: &dyn ToString) {
        self.add(name);
        self.add(&value.to_string());
    }

    fn end(mut self, request: &TrialRequest) -> String {
        if let Some(until) = &request.until {
            self.option("--until", until);
        }
        if let Some(append) = &request.append {
            self.option("--append", append);
        }
        if let Some(initrd) = &request.initrd {
            self.option("--initrd", &initrd.display());
        }
        if !request.qemu.is_empty() {
            self.add("--");
            request.qemu.iter().for_each(|word| self.add(&word.to_string_lossy()));
        }
        self.0
    }
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@+%".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Returns the command that runs `trial` of a round with this seed again.
pub(super) fn again(request: &TrialRequest, trial: &Trial, seed: u64) -> String {
    let mut line = Line::new("test", request);
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
    line.option("--timeout", &request.timeout.as_secs());
    line.end(request)
}

/// Returns the command that boots the same machine.
pub(super) fn run(request: &TrialRequest, boot: &BootRequest) -> String {
    let mut line = Line::new("run", request);
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
    line.end(request)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_for_a_shell() {
        for (word, line) in [("a-b/c.d", "a-b/c.d"), ("", "''"), ("a b", "'a b'"), ("it's", r"'it'\''s'")] {
            assert_eq!(quoted(word), line);
        }
    }
}
