//! The machine, as Linux sees it.

use crate::failure::Failure;
use crate::log;
use crate::ranges::Ranges;
use crate::system;

/// Returns the command line of this Linux.
pub(crate) fn command_line() -> Result<&'static str, Failure> {
    Ok(system::text(c"/proc/cmdline")?.trim_ascii())
}

/// Returns the value of a word of the command line that begins with `key`.
pub(crate) fn word<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.split_ascii_whitespace().find_map(|word| word.strip_prefix(key))
}

/// Prints a line for the harness: numbers, and the command line at its end.
pub(crate) fn print(line: &str) -> Result<(), Failure> {
    let harts = system::text(c"/proc/cpuinfo")?.lines().filter(|line| line.starts_with("processor")).count();
    let memory = system::text(c"/proc/meminfo")?.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let memory = memory.and_then(|text| text.trim_ascii().strip_suffix(" kB")).unwrap_or("0");
    let ram = Ranges::of_ram(system::text(c"/proc/iomem")?)?.size();
    let vmcore = if system::File::open(c"/proc/vmcore", system::Use::Read).is_ok() { "yes" } else { "no" };
    log::line(format_args!("harts={harts} ram={ram} MemTotal={memory} vmcore={vmcore} line={line}"));
    Ok(())
}
