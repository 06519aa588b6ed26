//! The command line.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser};
use landfall_inspect::contain::contain;

use landfall_host::check::lines;
use landfall_host::debug::vmmap;
use landfall_host::output;

use crate::exit_status;
use crate::failure::Failure;

mod audit_args;
mod board_args;
mod build_args;
mod check_args;
mod chosen_args;
mod completions;
mod debug_args;
mod image_args;
mod install_args;
mod kernel_args;
mod library_args;
mod link_args;
mod new_args;
mod plan_args;
mod program;
pub(crate) mod removed;
mod results;
mod run_args;
mod simulator_args;
mod subcommands;
mod symbolize_args;
mod test_args;
mod tree_args;
mod values;
mod wrap_args;

use program::Program;
use removed::Removed;
use subcommands::Subcommands;

/// Build and boot RISC-V 64 kernels that land at any physical address, in any paging mode
#[derive(Debug, Parser)]
#[command(name = "cargo landfall", bin_name = "cargo landfall", version, arg_required_else_help = true)]
#[command(after_help = EXIT_STATUS)]
struct Cli {
    #[command(subcommand)]
    command: Subcommands,
}

const EXIT_STATUS: &str = "\
Exit status:
  0  success
  1  the kernel refused to land or would refuse, failed, gave no verdict in time, or landed otherwise than predicted (board); findings (check, audit)
  2  wrong usage, something missing on this computer, input that cannot be read, or a result that cannot be written
  130  the user ended the machine by Ctrl-C";

/// Executes the command line. Cargo passes the subcommand's name first, which is skipped.
#[must_use]
pub(crate) fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments = arguments.into_iter();
    let file = arguments.next();
    let mut arguments = arguments.peekable();
    if let Some(done) = lines::work(arguments.peek().map(OsString::as_os_str)) {
        return done;
    }
    if let Some(done) = vmmap::work(&mut arguments) {
        return done;
    }
    arguments.next_if(|first| first == "landfall");
    if let Some(removed) = Removed::find(arguments.peek().map(OsString::as_os_str)) {
        return end(&Failure::Removed(removed));
    }
    let called = Program::called(file.as_deref());
    let name = called.in_words();
    let command = Cli::command().name(name).bin_name(name);
    let arguments: Vec<_> = arguments.collect();
    let foreign = arguments.iter().find(|argument| argument.to_str().is_none()).cloned();
    let matches = command.try_get_matches_from(file.into_iter().chain(arguments));
    // A result that cannot be written is checked last: it outweighs the result.
    let lost = |source| Failure::Output { source };
    match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => {
            let run =
                contain(|| cli.command.run(called)).unwrap_or_else(|panicked| Err(Failure::Panic(panicked)));
            let done = [run, output::written().map_err(lost)];
            let failures = done.iter().filter_map(|done| done.as_ref().err());
            failures.fold(ExitCode::SUCCESS, |_, failure| end(failure))
        }
        Err(error) if error.kind() == ErrorKind::InvalidUtf8 => end(&Failure::not_utf8(foreign)),
        Err(error) if error.use_stderr() => {
            // Nothing can be reported if stderr is closed.
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
        Err(help) => {
            output::record(help.print());
            output::written().map_err(lost).map_or_else(|failure| end(&failure), |()| ExitCode::SUCCESS)
        }
    }
}

/// Prints an error, and returns its exit status.
fn end(failure: &Failure) -> ExitCode {
    output::error(failure);
    exit_status::of(failure).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_terminal_alone_wraps_paragraphs() {
        let prose = |line: &str| !line.is_empty() && !line.starts_with(' ');
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let lines: Vec<_> = help.lines().collect();
            let is_cut = |pair: &&[&str]| prose(pair[0]) && prose(pair[1]) && !pair[0].ends_with(['.', ':']);
            let cut = lines.windows(2).find(is_cut);
            assert_eq!(cut, None, "{}", command.get_name());
        }
    }

    #[test]
    fn only_run_has_a_console_to_tell_of() {
        for (name, has_console) in [("run", true), ("plan", false), ("check", false)] {
            let mut cli = Cli::command();
            let command = cli.find_subcommand_mut(name).expect("a subcommand");
            let help = command.render_long_help().to_string();
            let formats =
                help.split_once("--format").expect("a format").1.split_once("[default").expect("text").0;
            assert_eq!(formats.contains("console"), has_console, "{name}: {formats}");
        }
    }
}
