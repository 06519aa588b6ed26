//! Names for addresses on a kernel's console: function and line, as `addr2line` has them.
//!
//! An address counts if code was linked there, or runs there by the kernel's report. Under KASLR
//! the second kind means nothing without the report.

mod command;
mod error;
mod modules;
mod numbers;

use std::cell::OnceCell;
use std::fmt;
use std::ops::Range;

use landfall_image::console::REPORT;
use landfall_inspect::subject::{Frame, Stretch};
use landfall_inspect::{Escaped, Subject};

use crate::modules::ModuleFile;
use crate::report::{Report, ReportError};
use landfall_predict::units::Address;

pub use command::{SymbolizeRequest, run};
pub use error::SymbolizeError;
use modules::Modules;
pub use modules::PlacedModule;

/// The names of a kernel.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    file: &'a [u8],
    /// Read when the first address comes.
    code: OnceCell<Option<Code<'a>>>,
    /// The image's address, by its report.
    runs_at: Option<Address>,
    modules: Modules<'a>,
}

/// The link addresses of code, and its names.
#[derive(Debug)]
struct Code<'a> {
    subject: Subject<'a>,
    image: Range<Address>,
    stretches: Vec<Range<Address>>,
}

/// An address with its names:
///
/// ```text
///     0xffffffff00003016 = read_volatile<u64>, library/core/src/ptr/mod.rs:2091
///         inlined into hello::main+0x12, kernels/hello/src/main.rs:14
/// ```
///
/// A module's name follows the function in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    address: Address,
    frames: Vec<Frame>,
    /// The module that it is in.
    module: Option<String>,
}

impl Named {
    /// Returns the address.
    pub(crate) const fn address(&self) -> Address {
        self.address
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "    {} = ", self.address)?;
        for (index, frame) in self.frames.iter().enumerate() {
            if index != 0 {
                write!(f, "\n        inlined into ")?;
            }
            write!(f, "{}", Escaped::new(frame.function.as_deref().unwrap_or("code without a name")))?;
            if let Some(module) = self.module.as_ref().filter(|_| index + 1 == self.frames.len()) {
                write!(f, " [{}]", Escaped::new(module))?;
            }
            if let Some(source) = &frame.source {
                write!(f, ", {}", Escaped::new(source))?;
            }
        }
        Ok(())
    }
}

impl<'a> Names<'a> {
    /// Returns the names in `file`, an ELF. Any other file has none.
    pub(crate) const fn of(file: &'a [u8]) -> Self {
        Self { file, code: OnceCell::new(), runs_at: None, modules: Modules::of(&[]) }
    }

    /// Returns the same with modules that the kernel may load.
    pub(crate) fn with_modules(self, files: &'a [ModuleFile]) -> Self {
        Self { modules: Modules::of(files), ..self }
    }

    /// Returns the same for a module at the addresses of its text, constants and data.
    pub(crate) fn with_loaded(mut self, name: &str, parts: [Address; 3]) -> Self {
        self.modules.load(name, Some(parts));
        self
    }

    /// Returns the same for an image that runs at `address`.
    pub(crate) fn running_at(self, address: Option<Address>) -> Self {
        Self { runs_at: address, ..self }
    }

    /// Takes the kernel's address from `line`, if it is a report, for programs or for people. Takes
    /// a module's addresses from the line that states them.
    ///
    /// # Errors
    /// [`ReportError`] if the report for programs is invalid. The address is as before then.
    pub(crate) fn learn(&mut self, line: &str) -> Result<(), ReportError> {
        self.modules.learn(line);
        let address = match line.strip_prefix(REPORT) {
            Some(report) => Report::parse(report)?.kernel_virtual(),
            None => of_text(line),
        };
        self.runs_at = address.or(self.runs_at);
        Ok(())
    }

    /// Returns the addresses of code in `line`, with their names.
    pub(crate) fn in_line(&self, line: &str) -> Vec<Named> {
        let numbers = numbers::in_line(line);
        numbers.into_iter().filter_map(|number| self.name(Address(number))).collect()
    }

    fn name(&self, address: Address) -> Option<Named> {
        if let Some((module, frames)) = self.modules.frames(address) {
            return Some(Named { address, frames, module: Some(module.to_owned()) });
        }
        let code = self.code.get_or_init(|| Code::read(self.file)).as_ref()?;
        let linked = code.linked(address, self.runs_at)?;
        Some(Named { address, frames: code.subject.frames(linked), module: None })
    }
}

/// Returns the address in a report's line for people: ` kernel 0xffb32650e5c00000 at 0x80200000`.
fn of_text(line: &str) -> Option<Address> {
    let mut words = line.strip_prefix("  kernel ")?.split_whitespace();
    let address = words.next()?.parse().ok()?;
    (words.next() == Some("at")).then_some(address)
}

impl<'a> Code<'a> {
    fn read(file: &'a [u8]) -> Option<Self> {
        let subject = Subject::read(file).ok()?;
        let image = subject.link_range();
        let end = |start: Address, size: usize| start.wrapping_add(u64::try_from(size).unwrap_or_default());
        let stretch = |code: &Stretch<'_>| code.address..end(code.address, code.bytes.len());
        let stretches = subject.code().iter().map(stretch).collect();
        Some(Self { subject, image, stretches })
    }

    /// Returns the link address of the code at `address`. The image's first byte is the kernel's
    /// address, and is not code.
    fn linked(&self, address: Address, runs_at: Option<Address>) -> Option<Address> {
        let moved = |start: Address| self.image.start.wrapping_add(address.wrapping_offset_from(start));
        let places = [Some(address), runs_at.map(moved)];
        places.into_iter().flatten().find(|place| {
            *place != self.image.start && self.stretches.iter().any(|stretch| stretch.contains(place))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_where_the_kernel_runs() {
        let report = format!("{REPORT}{}", crate::report::tests::GOOD);
        let mut names = Names::of(b"");
        for (line, address) in [
            ("  kernel      (withheld) at 0x80200000", None),
            ("  kernel      0xffb32650e5c00000, in the linear map", None),
            ("  kernel      0xffb32650e5c00000 at 0x80200000", Some(0xffb3_2650_e5c0_0000)),
            ("landfall: report {", Some(0xffb3_2650_e5c0_0000)),
            (report.as_str(), Some(0xff12_3456_7800_0000)),
        ] {
            let learned = names.learn(line);
            assert_eq!(learned.is_err(), line.ends_with('{'), "{line}");
            assert_eq!(names.runs_at, address.map(Address), "{line}");
        }
    }

    #[test]
    fn a_file_that_is_no_kernel_has_no_names() {
        for file in [&b""[..], b"\x7fELF", &[0; 4096]] {
            assert_eq!(Names::of(file).in_line("0x10 0xffffffff00000010"), []);
        }
    }

    #[test]
    fn a_name_is_one_line_without_control_characters() {
        let hostile = Some("a\n\x1b[2Jb".to_owned());
        let frame = Frame { function: hostile.clone(), source: hostile };
        let module = Some("a\nb".to_owned());
        let named = Named { address: Address(1), frames: vec![frame], module };
        assert!(!named.to_string().contains(char::is_control), "{named}");
    }
}
