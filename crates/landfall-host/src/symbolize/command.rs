//! `cargo landfall symbolize`: names for the addresses in a saved log.

use std::fs;
use std::io::{self, BufRead, Read};

use super::{Names, SymbolizeError};
use crate::build;
use crate::kernel::{Kernel, KernelFile, Selection};
use crate::output;
use crate::setup;
use landfall_predict::units::Address;

/// Longer lines are cut: a log is not trusted.
const LONGEST_LINE: u64 = 1 << 20;

/// The arguments of `symbolize`.
#[derive(Clone, Debug)]
pub struct SymbolizeRequest {
    /// The kernel.
    pub kernel: Selection,
    /// The kernel's address, if the log has none.
    pub runs_at: Option<Address>,
}

/// Copies stdin to stdout, and writes the name of each address below its line.
///
/// # Errors
/// [`SymbolizeError`] where there is no ELF, or no log.
pub fn run(options: &SymbolizeRequest) -> Result<(), SymbolizeError> {
    let path = match Kernel::find(&options.kernel)? {
        Kernel::Package(package) => {
            setup::rust_target()?;
            build::package(&package, &options.kernel.allow)?.elf
        }
        Kernel::File(KernelFile::Elf(path)) => path,
        Kernel::File(KernelFile::Flat(path)) => return Err(SymbolizeError::Flat { path }),
    };
    let file = fs::read(&path).map_err(|source| SymbolizeError::Kernel { path, source })?;
    let names = Names::of(&file).running_at(options.runs_at);
    copy(io::stdin().lock(), names, |line| output::result(line))
}

fn copy(
    mut log: impl BufRead,
    mut names: Names<'_>,
    mut write: impl FnMut(&str),
) -> Result<(), SymbolizeError> {
    loop {
        let mut line = Vec::new();
        let read = log.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line);
        if read.map_err(|source| SymbolizeError::Log { source })? == 0 {
            return Ok(());
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches(['\n', '\r']);
        names.learn(line);
        write(line);
        names.in_line(line).iter().for_each(|named| write(&named.to_string()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_of_any_bytes_is_copied_line_by_line() {
        let mut lines = Vec::new();
        let log = &b"a\r\n\xff\x1b[2J 0x10\n\nlast"[..];
        copy(log, Names::of(b""), |line| lines.push(line.to_owned())).expect("a copy");
        assert_eq!(lines, ["a", "\u{fffd}\u{1b}[2J 0x10", "", "last"]);
    }
}
